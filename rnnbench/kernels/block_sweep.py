"""The block sweep: compiled loops for small blocks, shared among threads, behind the :class:`Sweep` interface."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from rnnbench.connectivity import BlockDiagonal, Connectivity
from rnnbench.kernels.block_loops import backward_sweep, forward_sweep
from rnnbench.kernels.blocks import Block, partition, run
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes
from rnnbench.kernels.vector_math import CODES
from rnnbench.kernels.whole_sweep import WholeSweep

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

    rows: int
    batch: int
    shares: tuple[Block, ...]
    weights: tuple[int, ...]
    """Elements of the recurrent weights that each share touches."""
    work: int
    """Elements of the largest work buffer."""


class BlockSweep(WholeSweep):
    """Block-diagonal recurrences with small blocks; any connectivity as one block, through its dense view."""

    def __init__(self, connectivity: Connectivity, activation: str, dtype: str) -> None:
        self._connectivity = connectivity
        element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
        self._lanes = lanes(element)
        self._forward = forward_sweep(element, CODES[activation])
        self._backward = backward_sweep(element, CODES[activation])

    def forward_whole(self, z: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None) -> None:
        """Sweep forward; see :class:`WholeSweep`."""
        T, H = z.shape[0], z.shape[-1]
        blocks, size, plan = self._prepare(z, stored)
        work = z.new_empty(len(plan.shares), plan.work)
        addresses = z.data_ptr(), states.data_ptr(), blocks.data_ptr(), 0 if initial is None else initial.data_ptr()

        def sweep(index: int, share: Block) -> None:
            place = work.data_ptr() + index * work.stride(0) * work.element_size()
            self._forward(*addresses, place, T, plan.rows, plan.batch, H, size, share.row, share.last_row)

        run(sweep, list(plan.shares))

    def backward_whole(
        self, gradient: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None, dz: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sweep backward; see :class:`WholeSweep`. Shares of the weights' gradient are added in order."""
        T, H = states.shape[0], states.shape[-1]
        blocks, size, plan = self._prepare(states, stored)
        work = states.new_empty(len(plan.shares), plan.work)
        totals = torch.empty(len(plan.shares), max(plan.weights), dtype=torch.float64)
        d_initial = torch.empty_like(states[0])
        given = gradient.data_ptr(), gradient.stride(0), gradient.stride(-2)
        addresses = dz.data_ptr(), states.data_ptr(), blocks.data_ptr(), 0 if initial is None else initial.data_ptr()
        shape = T, plan.rows, plan.batch, H, size

        def sweep(index: int, share: Block) -> None:
            place = work.data_ptr() + index * work.stride(0) * work.element_size()
            total = totals.data_ptr() + index * totals.stride(0) * totals.element_size()
            self._backward(*given, *addresses, d_initial.data_ptr(), place, total, *shape, share.row, share.last_row)

        run(sweep, list(plan.shares))
        return self._gathered(totals, plan, blocks, H), d_initial

    def _size(self, hidden: int) -> int:
        return block_size(self._connectivity, hidden, self._lanes)

    def _prepare(self, sequence: Tensor, stored: Tensor) -> tuple[Tensor, int, _Plan]:
        """Return the blocks ``[*, n, size, size]`` (contiguous), their size, and the plan."""
        T, B, H = sequence.shape[0], sequence.shape[-2], sequence.shape[-1]
        size = self._size(H)
        if size == H:
            ((name, _),) = self._connectivity.parameter_shapes(H).items()
            stored = self._connectivity.to_dense({name: stored}, H).contiguous()
        rows = sequence.numel() // (T * H)
        return stored, size, _plan(T, rows, B, H, size, self._lanes, torch.get_num_threads())

    def _gathered(self, totals: Tensor, plan: _Plan, blocks: Tensor, hidden: int) -> Tensor:
        """Return the gradient of the stored weights: the shares, summed in order."""
        per_model = hidden * self._size(hidden)
        whole = blocks.new_zeros(blocks.numel() // per_model, per_model, dtype=torch.float64)
        for share, count, total in zip(plan.shares, plan.weights, totals.unbind(0), strict=True):
            first = share.row // plan.batch
            whole[first : first + count // per_model] += total[:count].view(-1, per_model)
        by_blocks = whole.to(blocks.dtype).view(blocks.shape)
        if self._size(hidden) < hidden:
            return by_blocks
        (by_stored,) = self._connectivity.from_dense(by_blocks).values()
        return by_stored


@lru_cache(maxsize=256)
def _plan(T: int, rows: int, B: int, H: int, size: int, align: int, threads: int) -> _Plan:
    steps = T * max(1, size // _PRODUCTS_PER_ELEMENT)
    shares = tuple(partition(steps, rows, H, threads=threads, by_units=False, align=align))
    weights = tuple(((share.last_row - 1) // B - share.row // B + 1) * H * size for share in shares)
    work = max(count + 2 * (share.last_row - share.row) * H for count, share in zip(weights, shares, strict=True))
    return _Plan(rows, B, shares, weights, work)
