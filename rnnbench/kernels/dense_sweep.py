"""Dense recurrences as one GEMM per time step into memory that is there already; the weight gradient is one GEMM per
chunk of time. Autograd records nothing on the way; what is elementwise in lstm and gru is one compiled loop a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnnbench.cell import CellName
from rnnbench.connectivity import Connectivity
from rnnbench.kernels.alignment import aligned
from rnnbench.kernels.rows import by_model
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights
from rnnbench.phases import RECURRENT_GRADIENT, in_phase

_aten: Any = torch.ops.aten

_IN_PLACE: dict[str, Callable[[Tensor], Tensor] | None] = {
    "tanh": torch.tanh_,
    "sigmoid": torch.sigmoid_,
    "relu": torch.relu_,
    "identity": None,
}


def _times_derivative(activation: str, gradient: Tensor, h: Tensor, out: Tensor) -> None:
    """Write ``gradient f'(z)`` to ``out``, which may be ``gradient``, from ``h = f(z)``."""
    if activation == "tanh":
        _aten.tanh_backward.grad_input(gradient, h, grad_input=out)
    elif activation == "sigmoid":
        _aten.sigmoid_backward.grad_input(gradient, h, grad_input=out)
    elif activation == "relu":
        _aten.threshold_backward.grad_input(gradient, h, 0, grad_input=out)
    elif gradient is not out:
        out.copy_(gradient)


class DenseSweep(Sweep):
    """The recurrence on the dense view of any connectivity, in GEMMs of all gates at once."""

    def __init__(self, cell: CellName, connectivity: Connectivity, activation: str, dtype: str) -> None:
        self.cell = cell
        self.activation = activation
        self._connectivity = connectivity
        self.steps: tuple[Any, Any] = (None, None)
        if cell != "rnn":
            from rnnbench.kernels.cell_steps import gru_steps, lstm_steps
            from rnnbench.kernels.vector import FLOAT32, FLOAT64

            element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
            self.steps = lstm_steps(element) if cell == "lstm" else gru_steps(element)

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        transposed = self.matrix(weights.stored, trace.h.shape[-1]).mT
        if self.cell == "lstm":
            self._lstm(z, trace, transposed, start)
        elif self.cell == "gru":
            self._gru(z, trace, transposed, weights.bias, start)
        else:
            self._rnn(z, trace.h, transposed, None if start is None else start.h)

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _DenseBackward(self, weights, shape, by_last_c)

    def matrix(self, stored: Tensor, hidden: int) -> Tensor:
        """Return the dense view of all gates, ``[*, G H, H]``."""
        ((name, _),) = self._connectivity.parameter_shapes(hidden).items()
        dense = self._connectivity.to_dense({name: stored}, hidden)
        return dense if self.cell == "rnn" else dense.flatten(-3, -2)

    def from_matrix(self, matrix: Tensor) -> Tensor:
        """Return the stored form of :meth:`matrix`."""
        hidden = matrix.shape[-1]
        dense = matrix if self.cell == "rnn" else matrix.view(*matrix.shape[:-2], -1, hidden, hidden)
        (stored,) = self._connectivity.from_dense(dense).values()
        return stored

    def _rnn(self, z: Tensor, states: Tensor, transposed: Tensor, h: Tensor | None) -> None:
        multiply = torch.addmm if transposed.dim() == 2 else torch.baddbmm
        activate, room = _IN_PLACE[self.activation], torch.empty_like(states[0])
        for z_t, out in zip(z.unbind(0), states.unbind(0), strict=True):
            if h is not None:
                multiply(z_t, aligned(h, room), transposed, out=out)
            elif z.data_ptr() != states.data_ptr():
                out.copy_(z_t)
            if activate is not None:
                activate(out)
            h = out

    def _lstm(self, z: Tensor, trace: Trace, transposed: Tensor, start: State | None) -> None:
        assert trace.gates is not None  # noqa: S101 - lstm has gates
        assert trace.inner is not None  # noqa: S101 - and c
        multiply = torch.addmm if transposed.dim() == 2 else torch.baddbmm
        step, rows, hidden = self.steps[0], trace.h[0].numel() // trace.h.shape[-1], trace.h.shape[-1]
        h = None if start is None else start.h
        c = torch.zeros_like(trace.h[0]) if start is None or start.c is None else start.c
        room = torch.empty_like(c)
        for z_t, gates, cells, out in zip(*(part.unbind(0) for part in (z, *_parts(trace))), strict=True):
            if h is not None:
                multiply(z_t, aligned(h, room), transposed, out=gates)
            source = z_t if h is None else gates
            addresses = source.data_ptr(), gates.data_ptr(), c.data_ptr(), cells.data_ptr(), out.data_ptr()
            step(*addresses, rows, hidden)
            h, c = out, cells

    def _gru(self, z: Tensor, trace: Trace, transposed: Tensor, bias: Tensor | None, start: State | None) -> None:
        step, rows, hidden = self.steps[0], trace.h[0].numel() // trace.h.shape[-1], trace.h.shape[-1]
        h = torch.zeros_like(trace.h[0]) if start is None else start.h
        product, room = torch.zeros_like(z[0]), torch.empty_like(h)
        known = start is not None
        inside = 0 if bias is None else bias.data_ptr()
        for z_t, gates, inner, out in zip(*(part.unbind(0) for part in (z, *_parts(trace))), strict=True):
            if known:
                torch.matmul(aligned(h, room), transposed, out=product)
            addresses = z_t.data_ptr(), product.data_ptr(), inside, gates.data_ptr(), inner.data_ptr()
            step(*addresses, h.data_ptr(), out.data_ptr(), rows, out.shape[-2], hidden)
            h, known = out, True


def _parts(trace: Trace) -> tuple[Tensor, Tensor, Tensor]:
    """Return (gates, inner, h) of a cell that has all three."""
    assert trace.gates is not None  # noqa: S101 - tells the type checker
    assert trace.inner is not None  # noqa: S101
    return trace.gates, trace.inner, trace.h


class _Kept(NamedTuple):
    """A piece whose chunk is not complete yet."""

    h: Tensor
    da: Tensor


class _DenseBackward(BackwardSweep):
    """Carries ``da``, the gradient of ``U h`` of the step after, and adds up the gradient of U chunk by chunk."""

    def __init__(self, sweep: DenseSweep, weights: Weights, shape: tuple[int, ...], by_last_c: Tensor | None) -> None:
        self._sweep = sweep
        self._chunk = sweep.chunk_steps(*shape[-2:])
        self._matrix = sweep.matrix(weights.stored, shape[-1])
        self._by_matrix = torch.zeros_like(self._matrix)
        self._by_bias = None if weights.bias is None else torch.zeros_like(weights.bias)
        self._later: Tensor | None = None
        self._d_h = weights.stored.new_empty(shape)
        carried = sweep.cell != "rnn"
        # lstm: the gradient of c; gru: what reaches h past U.
        self._carry = torch.zeros_like(self._d_h) if carried else self._d_h
        if by_last_c is not None:
            self._carry.copy_(by_last_c)
        self._pending: list[_Kept] = []

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep the steps of a piece; see :meth:`BackwardSweep.piece`."""
        da = torch.empty_like(dz) if self._sweep.cell == "gru" else dz
        multiply = torch.addmm if self._matrix.dim() == 2 else torch.baddbmm
        room = torch.empty_like(da[0])
        for t in range(len(dz) - 1, -1, -1):
            if self._later is None:
                self._d_h.copy_(gradient[t])
            else:
                multiply(gradient[t], aligned(self._later, room), self._matrix, out=self._d_h)
            self._step(t, trace, before, dz[t], da[t])
            self._later = da[t]
        assert self._later is not None  # noqa: S101 - a piece has a step
        self._later = self._later.clone()  # the next piece may write where it lies
        self._add(first, trace.h, before, da)

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`."""
        assert self._later is not None  # noqa: S101 - a sequence has a step
        h = self._later @ self._matrix
        if self._sweep.cell == "gru":
            h += self._carry
        initial = State(h, self._carry if self._sweep.cell == "lstm" else None)
        return WeightGradients(self._sweep.from_matrix(self._by_matrix), self._by_bias, initial)

    def _step(self, t: int, trace: Trace, before: State | None, dz: Tensor, da: Tensor) -> None:
        """Turn the gradient of ``h_t`` into those of ``z_t`` and of ``U h_{t-1}``."""
        if self._sweep.cell == "rnn":
            _times_derivative(self._sweep.activation, self._d_h, trace.h[t], dz)
            return
        gates, inner, h = _parts(trace)
        hidden = h.shape[-1]
        rows = self._d_h.numel() // hidden
        given = self._d_h.data_ptr(), self._carry.data_ptr(), gates[t].data_ptr()
        if self._sweep.cell == "lstm":
            c_before = inner[t - 1] if t else _or_zero(None if before is None else before.c, self._d_h)
            self._sweep.steps[1](*given, c_before.data_ptr(), inner[t].data_ptr(), dz.data_ptr(), rows, hidden)
        else:
            h_before = h[t - 1] if t else _or_zero(None if before is None else before.h, self._d_h)
            places = inner[t].data_ptr(), h_before.data_ptr(), dz.data_ptr(), da.data_ptr()
            self._sweep.steps[1](*given, *places, rows, hidden)

    @in_phase(RECURRENT_GRADIENT)
    def _add(self, first: int, h: Tensor, before: State | None, da: Tensor) -> None:
        """Keep a piece until its chunk is complete, then add the chunk's part of the gradient of U."""
        complete = first % self._chunk == 0
        # A piece that waits is copied: it lies in memory that the next one takes.
        self._pending.append(_Kept(h, da) if complete and not self._pending else _Kept(h.clone(), da.clone()))
        if not complete:
            return
        pieces = self._pending[::-1]
        whole = pieces[0].da if len(pieces) == 1 else torch.cat([piece.da for piece in pieces])
        states = [piece.h for piece in pieces]
        if before is not None:
            states.insert(0, before.h.unsqueeze(0))
        earlier = torch.cat(states)[:-1]
        da_rows = by_model(whole if before is not None else whole[1:])
        multiply = torch.addmm if self._matrix.dim() == 2 else torch.baddbmm
        multiply(self._by_matrix, da_rows.mT, by_model(earlier), out=self._by_matrix)
        if self._by_bias is not None:
            self._by_bias += by_model(whole)[..., 2 * h.shape[-1] :].sum(dim=-2)
        self._pending = []


def _or_zero(tensor: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if tensor is None else tensor
