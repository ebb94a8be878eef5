"""The banded sweep: compiled loops, shared among threads, behind the :class:`Sweep` interface. No recurrence at all is
the band without taps."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from rnnbench.connectivity import Banded, NoRecurrence
from rnnbench.kernels.addresses import address, rows_of, strides_of
from rnnbench.kernels.blocks import Block, partition, run
from rnnbench.kernels.fused_banded import ANY, UNROLLED, add_share, backward_sweep, forward_sweep
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes
from rnnbench.kernels.vector_math import CODES


class _Plan(NamedTuple):
    """Who sweeps what, and how many elements of buffers each share takes."""

    blocks: tuple[Block, ...]
    forward: int
    backward: int
    sums: int


class BandedSweep(Sweep):
    """A band of any width, or no recurrence."""

    seamless = True

    def __init__(self, connectivity: Banded | NoRecurrence, activation: str, dtype: str) -> None:
        band = connectivity if isinstance(connectivity, Banded) else None
        self.band = (band.lower, band.upper, band.circular) if band else (0, -1, False)
        self._element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
        lower, upper, circular = self.band
        widths = (lower, upper) if max(lower, upper) <= UNROLLED else (ANY, ANY)
        key = (self._element, CODES[activation], *widths, circular)
        self._forward, self.backward_piece = forward_sweep(*key), backward_sweep(*key)
        self.add_share = add_share(self._element)

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        T, shape = len(z), tuple(z.shape[1:])
        plan, (rows, B, H) = self.plan(T, shape), rows_of(shape)
        work = z.new_empty(len(plan.blocks), plan.forward)
        addresses = z.data_ptr(), trace.h.data_ptr(), weights.stored.data_ptr(), address(start and start.h)

        def sweep(index: int, block: Block) -> None:
            self._forward(*addresses, work[index].data_ptr(), T, rows, B, H, *block, *self.band[:2])

        run(sweep, list(plan.blocks))

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _BandedBackward(self, weights.stored, steps, shape)

    def plan(self, steps: int, shape: tuple[int, ...]) -> _Plan:
        """Return who sweeps what of ``steps`` steps of states of ``shape``."""
        lower, upper, _ = self.band
        return _plan(steps, *rows_of(shape), lower, upper, lanes(self._element), torch.get_num_threads())


class _BandedBackward(BackwardSweep):
    """Keeps the buffers of the compiled loops from piece to piece."""

    def __init__(self, sweep: BandedSweep, stored: Tensor, steps: int, shape: tuple[int, ...]) -> None:
        self._sweep, self._stored, self._steps = sweep, stored, steps
        self._rows, self._batch, self._hidden = rows_of(shape)
        self._plan = plan = sweep.plan(steps, shape)
        self._work = stored.new_empty(len(plan.blocks), plan.backward)
        self._total = torch.empty(len(plan.blocks), plan.sums, dtype=torch.float64)
        self._d_initial = stored.new_empty(shape)

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep the steps of a piece; see :meth:`BackwardSweep.piece`."""
        addresses = (
            *(gradient.data_ptr(), *strides_of(gradient), dz.data_ptr(), trace.h.data_ptr(), self._stored.data_ptr()),
            *(address(before and before.h), self._d_initial.data_ptr()),
        )
        shape = first, len(dz), self._steps, self._rows, self._batch, self._hidden

        def sweep(index: int, block: Block) -> None:
            places = self._work[index].data_ptr(), self._total[index].data_ptr()
            self._sweep.backward_piece(*addresses, *places, *shape, *block, *self._sweep.band[:2])

        run(sweep, list(self._plan.blocks))

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`. Shares are added block by block."""
        d_stored = torch.zeros_like(self._stored)
        for index, block in enumerate(self._plan.blocks):
            places = self._total[index].data_ptr(), d_stored.data_ptr()
            self._sweep.add_share(*places, self._batch, self._hidden, *block, *self._sweep.band)
        return WeightGradients(d_stored, None, State(self._d_initial))


@lru_cache(maxsize=256)
def _plan(steps: int, rows: int, B: int, H: int, lower: int, upper: int, width: int, threads: int) -> _Plan:
    blocks = tuple(partition(steps, rows, H, threads=threads, by_units=lower + upper <= 0, align=width))

    def padded(count: int) -> int:
        return -(-count // width) * width

    forward = backward = sums = 0
    for block in blocks:
        height, span = block.last_row - block.row, padded(block.last_unit - block.unit)
        states = 2 * height * (padded(lower) + span + padded(upper))
        each = ((block.last_row - 1) // B - block.row // B + 1) * (lower + upper + 1) * span
        forward, backward, sums = max(forward, states), max(backward, 2 * each + states), max(sums, each)
    return _Plan(blocks, forward, backward, sums)
