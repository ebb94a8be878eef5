"""The sweep over blocks of any size, for any cell: compiled loops, shared among threads by blocks and by rows, behind
the :class:`Sweep` interface."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from rnnbench.cell import CELLS, CellName
from rnnbench.connectivity import BlockDiagonal, Connectivity
from rnnbench.kernels.addresses import address, rows_of, strides_of
from rnnbench.kernels.blocks import Block, grid, run
from rnnbench.kernels.cell_math import CELL_CODES
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights
from rnnbench.kernels.tile import TALL, WIDE
from rnnbench.kernels.tiled_block_loops import backward_sweep, forward_sweep
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes
from rnnbench.kernels.vector_math import CODES

_TERMS = 128
"""Rows (steps times batch) whose products are added to the gradient of a block at once: enough for its sums to be
fetched and stored seldom, few enough for the rows to stay in the second cache."""
_PRODUCTS_PER_ELEMENT = 16
"""Products that cost about as much as what else is done to an element: scales the work that is worth two threads."""


class _Plan(NamedTuple):
    """Who sweeps what, and how many elements of buffers each share takes."""

    shares: tuple[Block, ...]
    """Rows of the batch, and for units blocks, counted through all replicas."""
    slots: int
    forward: int
    backward: int
    sums: int


class TiledBlockSweep(Sweep):
    """Block-diagonal recurrences; any connectivity as one block, through its dense view."""

    def __init__(self, cell: CellName, connectivity: Connectivity, activation: str, dtype: str) -> None:
        self.cell = cell
        # Where nothing is kept, gates have room for one chunk only.
        self.seamless = cell == "rnn"
        self.gates = len(CELLS[cell].gates)
        self.connectivity = connectivity
        element, code = {"float32": FLOAT32, "float64": FLOAT64}[dtype], CODES[activation] if cell == "rnn" else 0
        self._lanes = lanes(element)
        self._forward = forward_sweep(element, CELL_CODES[cell], code)
        self.backward_piece = backward_sweep(element, CELL_CODES[cell], code)

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        T, shape = len(z), tuple(trace.h.shape[1:])
        plan, blocks, size = self.plan(T, shape), self.blocks(weights.stored, shape[-1]), self.size(shape[-1])
        work = z.new_empty(len(plan.shares), plan.forward)
        addresses = (
            *(z.data_ptr(), address(trace.gates), address(trace.inner), trace.h.data_ptr(), blocks.data_ptr()),
            *(address(part) for part in (weights.bias, start and start.h, start and start.c)),
        )
        rows = rows_of(shape)

        def sweep(index: int, share: Block) -> None:
            self._forward(*addresses, work[index].data_ptr(), T, *rows, size, *share)

        run(sweep, list(plan.shares))

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _TiledBlockBackward(self, weights, steps, shape, by_last_c)

    def size(self, hidden: int) -> int:
        """Return the size of a block."""
        return hidden // self.connectivity.blocks if isinstance(self.connectivity, BlockDiagonal) else hidden

    def blocks(self, stored: Tensor, hidden: int) -> Tensor:
        """Return the blocks of all gates, ``[*, G, n, size, size]``, contiguous."""
        if isinstance(self.connectivity, BlockDiagonal):
            return stored
        ((name, _),) = self.connectivity.parameter_shapes(hidden).items()
        return self.connectivity.to_dense({name: stored}, hidden).contiguous()

    def from_blocks(self, blocks: Tensor) -> Tensor:
        """Return the stored form of :meth:`blocks` ``[*, G, n, size, size]``, or ``[*, n, size, size]`` for rnn."""
        if isinstance(self.connectivity, BlockDiagonal):
            return blocks
        (stored,) = self.connectivity.from_dense(blocks.squeeze(-3)).values()
        return stored

    def plan(self, steps: int, shape: tuple[int, ...]) -> _Plan:
        """Return who sweeps what of ``steps`` steps of states of ``shape``."""
        size = self.size(shape[-1])
        return _plan(steps, *rows_of(shape), size, self.gates, self._lanes, torch.get_num_threads())


class _TiledBlockBackward(BackwardSweep):
    """Keeps the buffers of the compiled loops from piece to piece."""

    def __init__(
        self, sweep: TiledBlockSweep, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None
    ) -> None:
        self._sweep, self._weights, self._steps, self._shape = sweep, weights, steps, shape
        self._blocks = sweep.blocks(weights.stored, shape[-1])
        self._plan = plan = sweep.plan(steps, shape)
        self._work = weights.stored.new_empty(len(plan.shares), plan.backward)
        self._totals = torch.empty(len(plan.shares), plan.sums, dtype=torch.float64)
        self._by_last_c = by_last_c
        self._initial = weights.stored.new_empty(shape)
        self._initial_c = torch.empty_like(self._initial) if sweep.cell == "lstm" else None

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep the steps of a piece; see :meth:`BackwardSweep.piece`."""
        addresses = (
            *(gradient.data_ptr(), *strides_of(gradient)),
            *(address(trace.gates), address(trace.inner), trace.h.data_ptr()),
            *(address(before and before.h), address(before and before.c)),
            *(self._blocks.data_ptr(), address(self._by_last_c)),
            *(self._initial.data_ptr(), address(self._initial_c), dz.data_ptr()),
        )
        size = self._sweep.size(self._shape[-1])
        shape = first, len(dz), self._steps, *rows_of(self._shape), size, self._plan.slots

        def sweep(index: int, share: Block) -> None:
            places = self._work[index].data_ptr(), self._totals[index].data_ptr()
            self._sweep.backward_piece(*addresses, *places, *shape, *share)

        run(sweep, list(self._plan.shares))

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`. Shares are added in order."""
        hidden, gates, stored = self._shape[-1], self._sweep.gates, self._weights.stored
        size = self._sweep.size(hidden)
        each = hidden // size
        models = rows_of(self._shape)[0] // self._shape[-2]
        per_block = self._plan.sums // max(share.last_unit - share.unit for share in self._plan.shares)
        whole = torch.zeros(models * each, per_block, dtype=torch.float64)
        for share, total in zip(self._plan.shares, self._totals.unbind(0), strict=True):
            count = share.last_unit - share.unit
            whole[share.unit : share.last_unit] += total[: count * per_block].view(count, per_block)
        pitch = per_block // (gates * size + (gates == 3))
        rows = whole.view(models, each, -1, pitch)[..., :size].to(stored.dtype)
        of_gates = rows[..., : gates * size, :]
        matrices = of_gates.view(models, each, gates, size, size).transpose(1, 2)
        leading = self._shape[:-2]
        blocks = matrices.reshape(*leading, *(() if gates == 1 else (gates,)), each, size, size)
        bias = None if self._weights.bias is None else rows[..., -1, :].reshape(*leading, hidden)
        return WeightGradients(self._sweep.from_blocks(blocks), bias, State(self._initial, self._initial_c))


@lru_cache(maxsize=256)
def _plan(steps: int, N: int, B: int, H: int, size: int, gates: int, width: int, threads: int) -> _Plan:
    each = H // size
    shares = grid(steps * gates * -(-size // _PRODUCTS_PER_ELEMENT) * size, B, N // B * each, threads=threads)
    rows = max(share.last_row - share.row for share in shares)
    count = max(share.last_unit - share.unit for share in shares)
    slots = 2
    while slots * rows < _TERMS:
        slots *= 2
    pitch, depth = -(-size // width) * width, gates * size
    sums = depth * pitch + (pitch if gates == 3 else 0)
    carried = 0 if gates == 1 else rows * pitch
    tile = TALL * max(gates, WIDE) * width
    forward = count * (depth * pitch + 3 * rows * size) + tile
    backward = count * (depth * pitch + sums + slots * rows * (depth + pitch) + carried) + tile
    return _Plan(tuple(shares), slots, forward, backward, count * sums)
