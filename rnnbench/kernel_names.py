"""The names that a suite's ``kernel`` can be, in a line each; what they run is in :mod:`rnnbench.kernels.catalogue`."""

from __future__ import annotations

from typing import Annotated

from rnnbench.catalogue import Words

AUTO = "auto"
KERNEL_NAMES = Words("kernel", AUTO, "reference", "eager", "torch", "fused", "scan", "taps", "gemm")

KernelName = Annotated[str, KERNEL_NAMES]
"""The type of a suite's ``kernel``."""

KERNEL_SUMMARIES = {
    "fused": "compiled loops, or one GEMM a step, on the CPU; Triton kernels on CUDA: rnnbench's own",
    "torch": "nn.RNN (tanh or relu), nn.LSTM, nn.GRU: dense, W x included",
    "eager": "a loop over torch operations, written well",
    "reference": "the oracle: a plain loop over the dense view",
    "scan": "diagonal, identity: an associative scan over time, for study",
    "taps": "a band by its diagonals, however many: for study",
    "gemm": "the dense view, one GEMM a step: for study",
}
