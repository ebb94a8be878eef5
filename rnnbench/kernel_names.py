"""The names that a suite's ``kernel`` can be; what they stand for is in :mod:`rnnbench.kernels.catalogue`."""

from __future__ import annotations

from typing import Annotated

from rnnbench.catalogue import Words

AUTO = "auto"
KERNEL_NAMES = Words("kernel", AUTO, "reference", "eager", "torch", "fused", "scan", "taps", "gemm")

KernelName = Annotated[str, KERNEL_NAMES]
"""The type of a suite's ``kernel``."""
