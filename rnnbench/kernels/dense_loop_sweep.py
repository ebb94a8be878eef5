"""The dense sweep in compiled loops, shared among threads by rows or units, behind the :class:`Sweep` interface."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.cell import CELLS, CellName
from rnnbench.connectivity import Connectivity
from rnnbench.kernels.addresses import address, rows_of, strides_of
from rnnbench.kernels.blocks import Block, Meeting, grid, partition, run
from rnnbench.kernels.cell_math import CELL_CODES
from rnnbench.kernels.dense_loops import backward_sweep, forward_sweep, pack_panels, pitch_of
from rnnbench.kernels.dense_sweep import DenseBackward, DenseSweep
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Trace, Weights
from rnnbench.kernels.vector import BYTES, FLOAT32, FLOAT64, lanes
from rnnbench.kernels.vector_math import CODES

_PRODUCTS_PER_ELEMENT = 16
"""Products that cost about as much as what else is done to an element: scales the work that is worth two threads."""
BY_ROWS = 1 << 19
"""Bytes of a matrix up to which threads have rows of their own: a core's second cache gives it to each of them, and
none has to wait for another after a step."""


class DenseLoopSweep(DenseSweep):
    """The recurrence on the dense view of any connectivity; gradients of U are one GEMM per chunk of time."""

    def __init__(self, cell: CellName, connectivity: Connectivity, activation: str, dtype: str) -> None:
        super().__init__(cell, connectivity, activation, dtype)
        element, code = {"float32": FLOAT32, "float64": FLOAT64}[dtype], CODES[activation] if cell == "rnn" else 0
        self._gates = len(CELLS[cell].gates)
        self.pitch = pitch_of(element)
        self._itemsize = BYTES // lanes(element)
        self._forward = forward_sweep(element, CELL_CODES[cell], code)
        self.backward_steps = backward_sweep(element, CELL_CODES[cell], code)

    def packed(self, weights: Weights, shape: tuple[int, ...]) -> Weights:
        """Return the weights with the dense view in panels; see :meth:`Sweep.packed`."""
        H = shape[-1]
        matrix = self.matrix(weights.stored, H)
        by_gates = matrix.reshape(*matrix.shape[:-2], -1, H, H)
        return weights._replace(packed=pack_panels(by_gates, self.pitch))

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        T, shape = len(z), tuple(trace.h.shape[1:])
        packed = self.packed(weights, shape).packed if weights.packed is None else weights.packed
        shares = self.shares(T, shape)
        meeting = Meeting(shares)
        beside = {1: 0, 3: 3 * shape[-1], 4: shape[-1]}[self._gates]
        work = z.new_empty(len(shares), _tallest(shares) * (self.pitch + beside))
        addresses = (
            *(z.data_ptr(), address(trace.gates), address(trace.inner), trace.h.data_ptr(), address(packed)),
            *(address(part) for part in (weights.bias, start and start.h, start and start.c)),
        )
        rows = rows_of(shape)

        def sweep(index: int, share: Block) -> None:
            self._forward(*addresses, work[index].data_ptr(), *meeting.of(share), T, *rows, *share)

        run(sweep, shares, meeting.release)

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _DenseLoopBackward(self, weights, shape, by_last_c)

    def shares(self, steps: int, shape: tuple[int, ...]) -> list[Block]:
        """Return who sweeps which rows and units of ``steps`` steps of states of ``shape``."""
        N, _, H = rows_of(shape)
        products = steps * max(1, self._gates * H // _PRODUCTS_PER_ELEMENT)
        threads = torch.get_num_threads()
        if threads <= N and self._gates * H * H * self._itemsize <= BY_ROWS:
            return partition(products, N, H, threads=threads, by_units=False, align=1)
        pitch = self.pitch
        parts = grid(products * pitch, N, -(-H // pitch), threads=threads)
        return [part._replace(unit=part.unit * pitch, last_unit=min(part.last_unit * pitch, H)) for part in parts]


class _DenseLoopBackward(DenseBackward):
    def __init__(
        self, sweep: DenseLoopSweep, weights: Weights, shape: tuple[int, ...], by_last_c: Tensor | None
    ) -> None:
        super().__init__(sweep, weights, shape, by_last_c)
        self._loops = sweep
        self._panels = pack_panels(self._matrix.mT, sweep.pitch)

    def steps(self, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor, da: Tensor) -> None:
        """Sweep the steps of a piece in compiled loops."""
        shape = tuple(trace.h.shape[1:])
        shares = self._loops.shares(len(dz), shape)
        meeting = Meeting(shares)
        work = dz.new_empty(len(shares), _tallest(shares) * (self._loops.pitch + 2 * shape[-1]))
        addresses = (
            *(gradient.data_ptr(), *strides_of(gradient), address(self._later), self._panels.data_ptr()),
            *(self._carry.data_ptr(), address(trace.gates), address(trace.inner), trace.h.data_ptr()),
            *(address(before and before.h), address(before and before.c), dz.data_ptr(), da.data_ptr()),
        )
        rows = rows_of(shape)

        def sweep(index: int, share: Block) -> None:
            place = work[index].data_ptr()
            self._loops.backward_steps(*addresses, place, *meeting.of(share), len(dz), *rows, *share)

        run(sweep, shares, meeting.release)


def _tallest(shares: list[Block]) -> int:
    return max(share.last_row - share.row for share in shares)
