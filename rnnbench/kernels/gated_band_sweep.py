"""The banded sweep of lstm and gru: compiled loops, shared among threads, behind the :class:`Sweep` interface. No
recurrence at all is the band without taps."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from rnnbench.cell import CellName
from rnnbench.connectivity import Banded, NoRecurrence
from rnnbench.kernels import gated_band_loops as loops
from rnnbench.kernels.addresses import address, rows_of, strides_of
from rnnbench.kernels.blocks import Block, partition, run
from rnnbench.kernels.cell_math import CELL_CODES
from rnnbench.kernels.fused_banded import ANY
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes

UNROLLED = 2
"""Taps a side up to which a bandwidth has functions of its own; every gate repeats them in the code."""


class _Plan(NamedTuple):
    """Who sweeps what, and how many elements of buffers each share takes."""

    blocks: tuple[Block, ...]
    forward: int
    backward: int
    sums: int


class GatedBandSweep(Sweep):
    """A band of any width, or no recurrence, in every gate."""

    def __init__(self, cell: CellName, connectivity: Banded | NoRecurrence, dtype: str) -> None:
        band = connectivity if isinstance(connectivity, Banded) else None
        self.cell = cell
        self.gates = 4 if cell == "lstm" else 3
        self.band = (band.lower, band.upper, band.circular) if band else (0, -1, False)
        self._element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
        lower, upper, circular = self.band
        widths = (lower, upper) if max(lower, upper) <= UNROLLED else (ANY, ANY)
        code = CELL_CODES[cell]
        self._forward = loops.forward_sweep(self._element, code, *widths, circular)
        self.backward_piece = loops.backward_sweep(self._element, code, *widths, circular)
        self.begin, self.finish = loops.begin(self._element, code), loops.finish(self._element, code)

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        assert trace.gates is not None  # noqa: S101 - lstm and gru have gates
        assert trace.inner is not None  # noqa: S101
        T, shape = len(z), tuple(trace.h.shape[1:])
        plan, (rows, B, H) = self.plan(T, shape), rows_of(shape)
        work = z.new_empty(len(plan.blocks), plan.forward)
        addresses = (
            *(part.data_ptr() for part in (z, trace.gates, trace.inner, trace.h, weights.stored)),
            *(address(part) for part in (weights.bias, start and start.h, start and start.c)),
        )

        def sweep(index: int, block: Block) -> None:
            self._forward(*addresses, work[index].data_ptr(), T, rows, B, H, *block, *self.band[:2])

        run(sweep, list(plan.blocks))

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _GatedBandBackward(self, weights, steps, shape, by_last_c)

    def plan(self, steps: int, shape: tuple[int, ...]) -> _Plan:
        """Return who sweeps what of ``steps`` steps of states of ``shape``."""
        lower, upper, _ = self.band
        return _plan(steps, *rows_of(shape), self.gates, lower, upper, lanes(self._element), torch.get_num_threads())


class _GatedBandBackward(BackwardSweep):
    """Keeps the buffers of the compiled loops from piece to piece."""

    def __init__(
        self, sweep: GatedBandSweep, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None
    ) -> None:
        self._sweep, self._steps, self._shape = sweep, steps, shape
        self._rows, self._batch, self._hidden = rows_of(shape)
        self._plan = plan = sweep.plan(steps, shape)
        self._weights = weights
        self._work = weights.stored.new_empty(len(plan.blocks), plan.backward)
        self._total = torch.empty(len(plan.blocks), plan.sums, dtype=torch.float64)
        self._before: State | None = None
        for index, block in enumerate(plan.blocks):
            places = self._work[index].data_ptr(), self._total[index].data_ptr()
            given = weights.stored.data_ptr(), address(by_last_c)
            sweep.begin(*given, *places, self._batch, self._hidden, *block, *sweep.band)

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep the steps of a piece; see :meth:`BackwardSweep.piece`."""
        assert trace.gates is not None  # noqa: S101 - lstm and gru have gates
        assert trace.inner is not None  # noqa: S101
        self._before = before
        addresses = (
            *(part.data_ptr() for part in (trace.gates, trace.inner, trace.h)),
            *(address(part) for part in (before and before.h, before and before.c)),
            dz.data_ptr(),
        )
        shape = first, len(dz), self._steps, self._rows, self._batch, self._hidden
        reading = gradient.data_ptr(), *strides_of(gradient)

        def sweep(index: int, block: Block) -> None:
            places = self._work[index].data_ptr(), self._total[index].data_ptr()
            band = self._sweep.band[:2]
            self._sweep.backward_piece(*reading, *addresses, *places, *shape, *block, *band)

        run(sweep, list(self._plan.blocks))

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`. Shares are added in order."""
        weights = self._weights
        d_stored = torch.zeros_like(weights.stored)
        d_bias = None if weights.bias is None else torch.zeros_like(weights.bias)
        d_h = weights.stored.new_empty(self._shape)
        d_c = torch.empty_like(d_h) if self._sweep.cell == "lstm" else None
        written = (d_h.data_ptr(), address(d_c), d_stored.data_ptr(), address(d_bias))
        for index, block in enumerate(self._plan.blocks):
            places = self._work[index].data_ptr(), self._total[index].data_ptr()
            h_0 = address(self._before and self._before.h)
            self._sweep.finish(*places, h_0, *written, self._batch, self._hidden, *block, *self._sweep.band)
        return WeightGradients(d_stored, d_bias, State(d_h, d_c))


@lru_cache(maxsize=256)
def _plan(steps: int, rows: int, B: int, H: int, gates: int, lower: int, upper: int, width: int, threads: int) -> _Plan:
    blocks = tuple(partition(steps * gates, rows, H, threads=threads, by_units=lower + upper <= 0, align=width))

    def padded(count: int) -> int:
        return -(-count // width) * width

    forward = backward = sums = 0
    for block in blocks:
        height, span = block.last_row - block.row, padded(block.last_unit - block.unit)
        pitch = padded(lower) + span + padded(upper)
        replicas = (block.last_row - 1) // B - block.row // B + 1
        each = gates * (lower + upper + 1) * span + (span if gates == 3 else 0)
        forward = max(forward, height * (2 * pitch + span))
        backward = max(backward, 2 * replicas * each + height * (2 * gates * pitch + span))
        sums = max(sums, replicas * each)
    return _Plan(blocks, forward, backward, sums)
