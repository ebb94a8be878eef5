"""The ``fused`` kernel: recurrences in compiled loops, at the speed of memory. It chooses the sweep by connectivity and
hands it to autograd."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rnnbench.connectivity import Banded, BlockDiagonal, Connectivity, NoRecurrence, Parameters, Random
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Sweep

if TYPE_CHECKING:
    from torch import Tensor


LARGEST_BLOCK = 128
"""Blocks of 64 KB of float32 weights, which the second cache feeds fast enough."""
ALWAYS_NARROW = 32
"""Taps up to which a band runs as one at every size: its matrix is then small, or mostly zero."""


class FusedKernel(Kernel):
    """One pass over memory per sweep: W x in one GEMM, then all time steps in one compiled function."""

    name = "fused"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve the Elman cell, on the CPU and on CUDA, where there is a sweep for its connectivity."""
        if recurrence.device.startswith("cuda"):
            from rnnbench.kernels import triton_sweep

            return triton_sweep.supports(recurrence)
        if recurrence.device != "cpu":
            return Support(False, f"compiled for the CPU and for CUDA, not for {recurrence.device}")
        if isinstance(recurrence.connectivity, BlockDiagonal):
            size = recurrence.hidden // recurrence.connectivity.blocks
            if size > LARGEST_BLOCK:
                return Support(False, f"has a sweep for blocks of up to {LARGEST_BLOCK} units, not of {size}")
        sweep = _sweep_of(recurrence)  # Numba's start is no part of a first call
        if recurrence.cell not in sweep.cells:
            return Support(False, f"has no sweep for cell '{recurrence.cell}'")
        return YES

    def recomputes(self, recurrence: Recurrence) -> bool:
        """Say yes where the sweep can run in pieces."""
        from rnnbench.kernels.whole_sweep import WholeSweep

        return not isinstance(_sweep_of(recurrence), WholeSweep)

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last one; see :meth:`Kernel.states`. ``z`` is left as it is.

        Raises
        ------
        ValueError
            An argument has the wrong shape, dtype or device.
        """
        from rnnbench.kernels.fused_autograd import states

        return states(_sweep_of(recurrence), recurrence, z, parameters, initial)

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: State | None = None,
    ) -> tuple[Tensor, State]:
        """Return the states of a layer and the last one; see :meth:`Kernel.layer`.

        Raises
        ------
        ValueError
            An argument has the wrong shape, dtype or device.
        """
        from rnnbench.kernels.fused_autograd import layer

        return layer(_sweep_of(recurrence), recurrence, x, input_weight, bias, parameters, initial)


def _sweep_of(recurrence: Recurrence) -> Sweep:
    if recurrence.device.startswith("cuda"):
        from rnnbench.kernels.triton_sweep import TritonSweep

        return TritonSweep(recurrence.connectivity, recurrence.activation)
    return _sweep(recurrence.connectivity, recurrence.hidden, recurrence.activation, recurrence.dtype)


@lru_cache(maxsize=64)
def _sweep(connectivity: Connectivity, hidden: int, activation: str, dtype: str) -> Sweep:
    """Return the sweep that is fastest for a connectivity of that size.

    Up to :data:`LARGEST_BLOCK` units, a matrix that is no band runs as one block of compiled loops: its weights stay in
    the caches, and a step costs no call. Above, a step is a GEMM. A sparse matrix runs weight by weight at any size.
    """
    if isinstance(connectivity, NoRecurrence) or (
        isinstance(connectivity, Banded) and _is_narrow(connectivity, hidden)
    ):
        from rnnbench.kernels.banded_sweep import BandedSweep

        return BandedSweep(connectivity, activation, dtype)
    if isinstance(connectivity, Random):
        from rnnbench.kernels.sparse_sweep import SparseSweep, pays

        if pays(connectivity, hidden):
            return SparseSweep(connectivity, hidden, activation, dtype)
    if isinstance(connectivity, BlockDiagonal) or hidden <= LARGEST_BLOCK:
        from rnnbench.kernels.block_sweep import BlockSweep

        return BlockSweep(connectivity, activation, dtype)
    from rnnbench.kernels.dense_sweep import DenseSweep

    return DenseSweep(connectivity, activation)


def _is_narrow(band: Banded, hidden: int) -> bool:
    """Say whether the taps of a band cost less than its dense view.

    Forward and backward at B = 32 on a 2-core AVX-512 machine break even at 0.5 H taps against compiled blocks
    (H = 64, 128) and at 0.18 to 0.23 H against GEMMs (H = 512, 256); with B = 1 taps win beyond that.
    """
    taps = band.lower + band.upper + 1
    return taps <= max(ALWAYS_NARROW, hidden // (2 if hidden <= LARGEST_BLOCK else 6))
