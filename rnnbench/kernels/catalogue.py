"""The kernels by name, in order of preference, without importing torch."""

from __future__ import annotations

from typing import NamedTuple

from rnnbench.kernel_names import KERNEL_NAMES, KERNEL_SUMMARIES


class KernelEntry(NamedTuple):
    """A kernel that suites can name."""

    name: str
    module: str
    attribute: str
    summary: str


KERNELS = (
    KernelEntry("fused", "rnnbench.kernels.fused", "FusedKernel", KERNEL_SUMMARIES["fused"]),
    KernelEntry("torch", "rnnbench.kernels.torch_rnn", "TorchKernel", KERNEL_SUMMARIES["torch"]),
    KernelEntry("eager", "rnnbench.kernels.eager", "EagerKernel", KERNEL_SUMMARIES["eager"]),
    KernelEntry("reference", "rnnbench.kernels.reference", "ReferenceKernel", KERNEL_SUMMARIES["reference"]),
    KernelEntry("scan", "rnnbench.kernels.scan", "ScanKernel", KERNEL_SUMMARIES["scan"]),
    KernelEntry("taps", "rnnbench.kernels.study", "TapsKernel", KERNEL_SUMMARIES["taps"]),
    KernelEntry("gemm", "rnnbench.kernels.study", "GemmKernel", KERNEL_SUMMARIES["gemm"]),
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
