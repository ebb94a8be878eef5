"""The sparse sweep: compiled loops over the free weights, shared among threads, behind the :class:`Sweep` interface.

It pays where few weights are free: a GEMM computes all H^2 at a higher rate.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnbench.connectivity.entrywise import EntrywiseConnectivity
from rnnbench.kernels.blocks import Block, partition, run
from rnnbench.kernels.fused_sparse import backward_sweep, forward_sweep
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes
from rnnbench.kernels.vector_math import CODES
from rnnbench.kernels.whole_sweep import WholeSweep

SPARSE_UP_TO = 1 / 12
"""Share of free weights up to which this beats a GEMM per step (H = 512, B = 32, forward and backward: 9 x faster at
0.01, 1.8 x at 0.1, 0.55 x at 0.3)."""
MOST_WEIGHTS = 1 << 15
"""Their sums, a vector each, then stay within 2 MB: a core's second cache."""


def pays(connectivity: EntrywiseConnectivity, hidden: int) -> bool:
    """Say whether a matrix is sparse enough for this sweep."""
    free = connectivity.recurrent_parameters(hidden)
    return free <= min(SPARSE_UP_TO * hidden * hidden, MOST_WEIGHTS)


class _Graph(NamedTuple):
    """The weights by the unit they enter (as they are stored, row by row) and by the unit they leave; int64."""

    begins: Tensor
    sources: Tensor
    begins_leaving: Tensor
    targets: Tensor
    places: Tensor
    """Of a weight in the second order, its place in the first."""


class SparseSweep(WholeSweep):
    """Any connectivity whose weights are stored row by row."""

    def __init__(self, connectivity: EntrywiseConnectivity, hidden: int, activation: str, dtype: str) -> None:
        self._graph = _graph(connectivity, hidden)
        self._element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
        self._width = lanes(self._element)
        key = self._element, CODES[activation]
        self._forward, self._backward = forward_sweep(*key), backward_sweep(*key)

    def forward_whole(self, z: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None) -> None:
        """Sweep forward; see :class:`WholeSweep`."""
        T, H, B = z.shape[0], z.shape[-1], z.shape[-2]
        rows = z.numel() // (T * H)
        groups, blocks = _groups(T, rows, B, H, self._width, torch.get_num_threads())
        work = z.new_empty(len(blocks), 2 * H * self._width)
        begin = 0 if initial is None else initial.data_ptr()
        weights = stored.data_ptr(), self._graph.begins.data_ptr(), self._graph.sources.data_ptr()
        shape = T, rows, B, H, stored.shape[-1]

        def sweep(index: int, block: Block) -> None:
            for first, last in groups[block.row : block.last_row]:
                place = work[index].data_ptr()
                self._forward(z.data_ptr(), states.data_ptr(), *weights, begin, place, *shape, first, last)

        run(sweep, blocks)

    def backward_whole(
        self, gradient: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None, dz: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sweep backward; see :class:`WholeSweep`. The shares of the groups are added in their order."""
        T, H, B = states.shape[0], states.shape[-1], states.shape[-2]
        rows, count = states.numel() // (T * H), stored.shape[-1]
        groups, blocks = _groups(T, rows, B, H, self._width, torch.get_num_threads())
        work = states.new_empty(len(blocks), (3 * H + count) * self._width)
        total = states.new_empty(len(groups), count, dtype=torch.float64)
        d_initial = torch.empty_like(states[0])
        strides = (rows * H, H) if gradient.is_contiguous() else (0, 0)
        begin = 0 if initial is None else initial.data_ptr()
        graph = self._graph
        weights = (tensor.data_ptr() for tensor in (stored, graph.begins_leaving, graph.targets, graph.places))
        given = gradient.data_ptr(), *strides, dz.data_ptr(), states.data_ptr(), *weights, begin, d_initial.data_ptr()
        shape = T, rows, B, H, count

        def sweep(index: int, block: Block) -> None:
            for group in range(block.row, block.last_row):
                places = work[index].data_ptr(), total[group].data_ptr()
                self._backward(*given, *places, *shape, *groups[group])

        run(sweep, blocks)
        d_stored = torch.empty_like(stored)
        d_stored[..., graph.places] = total.view(*stored.shape[:-1], -1, count).sum(dim=-2).to(stored.dtype)
        return d_stored, d_initial


@lru_cache(maxsize=16)
def _graph(connectivity: EntrywiseConnectivity, hidden: int) -> _Graph:
    entering, leaving = np.divmod(connectivity.positions(hidden), hidden)
    order = np.lexsort((entering, leaving))
    units = np.arange(hidden + 1)
    arrays = (
        np.searchsorted(entering, units),
        leaving,
        np.searchsorted(leaving[order], units),
        entering[order],
        order,
    )
    return _Graph(*(torch.from_numpy(np.ascontiguousarray(array, dtype=np.int64)) for array in arrays))


@lru_cache(maxsize=64)
def _groups(T: int, rows: int, B: int, H: int, width: int, threads: int) -> tuple[list[tuple[int, int]], list[Block]]:
    """Return (rows that go through a sweep together, which of these groups each thread takes)."""
    groups = [
        (first, min(first + width, start + B))
        for start in range(0, rows, B)
        for first in range(start, start + B, width)
    ]
    return groups, partition(T * width, len(groups), H, threads=threads, by_units=False, align=1)
