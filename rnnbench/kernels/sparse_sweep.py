"""The sparse sweep: compiled loops over the free weights, shared among threads, behind the :class:`Sweep` interface.

It pays where few weights are free: a GEMM computes all H^2 at a higher rate.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnbench.connectivity.listed import ListedConnectivity
from rnnbench.kernels.addresses import address, rows_of, strides_of
from rnnbench.kernels.blocks import Block, partition, run
from rnnbench.kernels.fused_sparse import backward_sweep, forward_sweep
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes
from rnnbench.kernels.vector_math import CODES

SPARSE_UP_TO = 1 / 12
"""Share of free weights up to which this beats a GEMM per step (H = 512, B = 32, forward and backward: 9 x faster at
0.01, 1.8 x at 0.1, 0.55 x at 0.3)."""
MOST_WEIGHTS = 1 << 15
"""Their sums, a vector each, then stay within 2 MB: a core's second cache."""


def pays(connectivity: ListedConnectivity, hidden: int) -> bool:
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


class SparseSweep(Sweep):
    """Any connectivity whose weights are stored row by row."""

    seamless = True

    def __init__(self, connectivity: ListedConnectivity, hidden: int, activation: str, dtype: str) -> None:
        self.graph = _graph(connectivity, hidden)
        element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
        self.width = lanes(element)
        key = element, CODES[activation]
        self._forward, self.backward_piece = forward_sweep(*key), backward_sweep(*key)

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        T, stored, (rows, B, H) = len(z), weights.stored, rows_of(tuple(z.shape[1:]))
        groups, blocks = _groups(T, rows, B, H, self.width, torch.get_num_threads())
        work = z.new_empty(len(blocks), 2 * H * self.width)
        weighted = stored.data_ptr(), self.graph.begins.data_ptr(), self.graph.sources.data_ptr()
        addresses = z.data_ptr(), trace.h.data_ptr(), *weighted, address(start and start.h)
        shape = T, rows, B, H, stored.shape[-1]

        def sweep(index: int, block: Block) -> None:
            for first, last in groups[block.row : block.last_row]:
                self._forward(*addresses, work[index].data_ptr(), *shape, first, last)

        run(sweep, blocks)

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _SparseBackward(self, weights.stored, steps, shape)


class _SparseBackward(BackwardSweep):
    """Keeps what each group of rows carries from piece to piece."""

    def __init__(self, sweep: SparseSweep, stored: Tensor, steps: int, shape: tuple[int, ...]) -> None:
        self._sweep, self._stored, self._steps = sweep, stored, steps
        self._rows, self._batch, self._hidden = sizes = rows_of(shape)
        self._groups, self._blocks = _groups(steps, *sizes, sweep.width, torch.get_num_threads())
        self._work = stored.new_empty(0)
        self._total = stored.new_empty(len(self._groups), stored.shape[-1], dtype=torch.float64)
        self._d_initial = stored.new_empty(shape)

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep the steps of a piece; see :meth:`BackwardSweep.piece`."""
        graph, count, H = self._sweep.graph, self._stored.shape[-1], self._hidden
        alone = len(dz) == self._steps
        if first + len(dz) == self._steps:
            # Nothing is carried on where this is the only piece: a thread's groups can share one buffer in its cache.
            buffers = len(self._blocks) if alone else len(self._groups)
            self._work = self._stored.new_empty(buffers, (3 * H + count) * self._sweep.width)
        weighted = (part.data_ptr() for part in (self._stored, graph.begins_leaving, graph.targets, graph.places))
        addresses = (
            *(gradient.data_ptr(), *strides_of(gradient), dz.data_ptr(), trace.h.data_ptr(), *weighted),
            *(address(before and before.h), self._d_initial.data_ptr()),
        )
        shape = first, len(dz), self._steps, self._rows, self._batch, H, count

        def sweep(index: int, block: Block) -> None:
            for group in range(block.row, block.last_row):
                places = self._work[index if alone else group].data_ptr(), self._total[group].data_ptr()
                self._sweep.backward_piece(*addresses, *places, *shape, *self._groups[group])

        run(sweep, self._blocks)

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`. Shares of the groups are added in order."""
        d_stored = torch.empty_like(self._stored)
        shares = self._total.view(*self._stored.shape[:-1], -1, self._stored.shape[-1])
        d_stored[..., self._sweep.graph.places] = shares.sum(dim=-2).to(self._stored.dtype)
        return WeightGradients(d_stored, None, State(self._d_initial))


@lru_cache(maxsize=16)
def _graph(connectivity: ListedConnectivity, hidden: int) -> _Graph:
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
