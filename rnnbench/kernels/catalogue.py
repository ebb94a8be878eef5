"""The kernels by name, in order of preference, without importing torch."""

from __future__ import annotations

from typing import NamedTuple

from rnnbench.kernel_names import KERNEL_NAMES


class KernelEntry(NamedTuple):
    """A kernel that suites can name."""

    name: str
    module: str
    attribute: str
    summary: str


KERNELS = (
    KernelEntry(
        "fused",
        "rnnbench.kernels.fused",
        "FusedKernel",
        "compiled loops, or one GEMM a step, on the CPU; Triton kernels on CUDA: rnnbench's own",
    ),
    KernelEntry(
        "torch",
        "rnnbench.kernels.torch_rnn",
        "TorchKernel",
        "nn.RNN (tanh or relu), nn.LSTM, nn.GRU: dense, W x included",
    ),
    KernelEntry("eager", "rnnbench.kernels.eager", "EagerKernel", "a loop over torch operations, written well"),
    KernelEntry(
        "reference", "rnnbench.kernels.reference", "ReferenceKernel", "the oracle: a plain loop over the dense view"
    ),
    KernelEntry(
        "scan",
        "rnnbench.kernels.scan",
        "ScanKernel",
        "diagonal, identity: an associative scan over time, for study",
    ),
    KernelEntry("taps", "rnnbench.kernels.study", "TapsKernel", "a band by its diagonals, however many: for study"),
    KernelEntry("gemm", "rnnbench.kernels.study", "GemmKernel", "the dense view, one GEMM a step: for study"),
)
"""``kernel: auto`` takes the first that can serve. Adding a kernel is adding a file and a line here."""

_added: list[KernelEntry] = []


def entries() -> tuple[KernelEntry, ...]:
    """Return the kernels there are: those of plug-ins come last, so that only who names one gets it."""
    return (*KERNELS, *_added)


def add(entry: KernelEntry) -> None:
    """Let suites name another kernel.

    Raises
    ------
    rnnbench.catalogue.NameTaken
        There is one of that name.
    """
    KERNEL_NAMES.add(entry.name)
    _added.append(entry)


def remove(entry: KernelEntry) -> None:
    """Undo :func:`add`."""
    KERNEL_NAMES.remove(entry.name)
    _added.remove(entry)
