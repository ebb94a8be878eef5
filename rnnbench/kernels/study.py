"""Kernels ``taps`` and ``gemm``: the two ways in which ``fused`` can run a band, each by itself, for study.

Where the one overtakes the other, measured as any two kernels are, is the crossover by which ``fused`` chooses.
"""

from __future__ import annotations

from rnnbench.connectivity import Banded
from rnnbench.kernels.base import YES, Support
from rnnbench.kernels.disguise import disguise
from rnnbench.kernels.fused import Chosen, FusedKernel, gemm, taps
from rnnbench.kernels.recurrence import Recurrence


class TapsKernel(FusedKernel):
    """A band by its diagonals, however many they are."""

    name = "taps"

    def choose_plain(self, recurrence: Recurrence) -> Chosen:
        """Return the sweep over the diagonals."""
        return Chosen(taps(recurrence), "")

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve bands on the CPU."""
        if not isinstance(disguise(recurrence).recurrence.connectivity, Banded):
            return Support(False, f"takes bands, not {recurrence.connectivity.label()}")
        return _on_cpu(self, recurrence)


class GemmKernel(FusedKernel):
    """Any connectivity by its dense view, one GEMM a step."""

    name = "gemm"

    def choose_plain(self, recurrence: Recurrence) -> Chosen:
        """Return the sweep over the dense view."""
        return Chosen(gemm(recurrence), "")

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve all on the CPU."""
        return _on_cpu(self, recurrence)


def _on_cpu(kernel: FusedKernel, recurrence: Recurrence) -> Support:
    if recurrence.device != "cpu":
        return Support(False, f"is for the CPU, not for {recurrence.device}")
    kernel.choose(recurrence)  # Numba's start is no part of a first call
    return YES
