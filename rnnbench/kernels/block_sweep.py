"""The block sweep: compiled loops for small blocks, shared among threads, behind the :class:`Sweep` interface."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from rnnbench.connectivity import BlockDiagonal, Connectivity
from rnnbench.kernels.addresses import address, rows_of, strides_of
from rnnbench.kernels.block_loops import backward_sweep, forward_sweep
from rnnbench.kernels.blocks import Block, partition, run
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes
from rnnbench.kernels.vector_math import CODES

_PRODUCTS_PER_VECTOR = 20
_PRODUCTS_PER_ELEMENT = 8
"""Products that cost about as much as what else is done to an element: scales the work that is worth two threads."""


def block_size(connectivity: Connectivity, hidden: int, width: int) -> int:
    """Return the size of the blocks that the loops run: H where the dense view is cheaper, or is all there is.

    A vector of ``width`` units costs a product per unit of its block, and its activation, loads and stores about as
    much as :data:`_PRODUCTS_PER_VECTOR` more. Blocks much smaller than a vector waste most of it.
    """
    if not isinstance(connectivity, BlockDiagonal):
        return hidden

    def cost(size: int) -> int:
        return hidden // size * -(-size // width) * (size + _PRODUCTS_PER_VECTOR)

    size = hidden // connectivity.blocks
    return hidden if cost(hidden) < cost(size) else size


class _Plan(NamedTuple):
    """Who sweeps what, and how many elements of buffers each takes."""

    shares: tuple[Block, ...]
    weights: tuple[int, ...]
    """Elements of the recurrent weights that each share touches."""
    work: int
    """Elements of the largest work buffer."""


class BlockSweep(Sweep):
    """Block-diagonal recurrences with small blocks; any connectivity as one block, through its dense view."""

    seamless = True

    def __init__(self, connectivity: Connectivity, activation: str, dtype: str) -> None:
        self.connectivity = connectivity
        element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
        self._lanes = lanes(element)
        self._forward = forward_sweep(element, CODES[activation])
        self.backward_piece = backward_sweep(element, CODES[activation])

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        T, shape = len(z), tuple(z.shape[1:])
        plan, blocks, size = self.plan(T, shape), self.blocks(weights.stored, shape[-1]), self.size(shape[-1])
        work = z.new_empty(len(plan.shares), plan.work)
        addresses = z.data_ptr(), trace.h.data_ptr(), blocks.data_ptr(), address(start and start.h)
        rows = rows_of(shape)

        def sweep(index: int, share: Block) -> None:
            self._forward(*addresses, work[index].data_ptr(), T, *rows, size, share.row, share.last_row)

        run(sweep, list(plan.shares))

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _BlockBackward(self, weights.stored, steps, shape)

    def size(self, hidden: int) -> int:
        """Return the size of the blocks that the loops run."""
        return block_size(self.connectivity, hidden, self._lanes)

    def blocks(self, stored: Tensor, hidden: int) -> Tensor:
        """Return the blocks ``[*, n, size, size]``, contiguous."""
        if self.size(hidden) < hidden:
            return stored
        ((name, _),) = self.connectivity.parameter_shapes(hidden).items()
        return self.connectivity.to_dense({name: stored}, hidden).contiguous()

    def plan(self, steps: int, shape: tuple[int, ...]) -> _Plan:
        """Return who sweeps what of ``steps`` steps of states of ``shape``."""
        return _plan(steps, *rows_of(shape), self.size(shape[-1]), self._lanes, torch.get_num_threads())


class _BlockBackward(BackwardSweep):
    """Keeps the buffers of the compiled loops from piece to piece."""

    def __init__(self, sweep: BlockSweep, stored: Tensor, steps: int, shape: tuple[int, ...]) -> None:
        self._sweep, self._steps, self._shape = sweep, steps, shape
        self._blocks = sweep.blocks(stored, shape[-1])
        self._plan = plan = sweep.plan(steps, shape)
        self._work = stored.new_empty(len(plan.shares), plan.work)
        self._totals = torch.empty(len(plan.shares), max(plan.weights), dtype=torch.float64)
        self._d_initial = stored.new_empty(shape)

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep the steps of a piece; see :meth:`BackwardSweep.piece`."""
        addresses = (
            *(gradient.data_ptr(), *strides_of(gradient), dz.data_ptr(), trace.h.data_ptr(), self._blocks.data_ptr()),
            *(address(before and before.h), self._d_initial.data_ptr()),
        )
        shape = first, len(dz), self._steps, *rows_of(self._shape), self._sweep.size(self._shape[-1])

        def sweep(index: int, share: Block) -> None:
            places = self._work[index].data_ptr(), self._totals[index].data_ptr()
            self._sweep.backward_piece(*addresses, *places, *shape, share.row, share.last_row)

        run(sweep, list(self._plan.shares))

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`. Shares are added in order."""
        blocks, hidden, batch = self._blocks, self._shape[-1], self._shape[-2]
        per_model = hidden * self._sweep.size(hidden)
        whole = blocks.new_zeros(blocks.numel() // per_model, per_model, dtype=torch.float64)
        for share, count, total in zip(self._plan.shares, self._plan.weights, self._totals.unbind(0), strict=True):
            first = share.row // batch
            whole[first : first + count // per_model] += total[:count].view(-1, per_model)
        d_stored = whole.to(blocks.dtype).view(blocks.shape)
        if self._sweep.size(hidden) == hidden:
            (d_stored,) = self._sweep.connectivity.from_dense(d_stored).values()
        return WeightGradients(d_stored, None, State(self._d_initial))


@lru_cache(maxsize=256)
def _plan(steps: int, rows: int, B: int, H: int, size: int, align: int, threads: int) -> _Plan:
    products = steps * max(1, size // _PRODUCTS_PER_ELEMENT)
    shares = tuple(partition(products, rows, H, threads=threads, by_units=False, align=align))
    weights = tuple(((share.last_row - 1) // B - share.row // B + 1) * H * size for share in shares)
    work = max(count + 2 * (share.last_row - share.row) * H for count, share in zip(weights, shares, strict=True))
    return _Plan(shares, weights, work)
