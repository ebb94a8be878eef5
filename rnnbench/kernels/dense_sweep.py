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
from rnnbench.kernels.rows import by_model
from rnnbench.kernels.state import State
from rnnbench.kernels.step_product import Library, StepProduct, pack, step_product
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights
from rnnbench.phases import RECURRENT_GRADIENT, in_phase

_aten: Any = torch.ops.aten

_ACTIVATE: dict[str, Callable[[Tensor, Tensor], object]] = {
    "tanh": lambda z, out: torch.tanh(z, out=out),
    "sigmoid": lambda z, out: torch.sigmoid(z, out=out),
    "relu": lambda z, out: torch.clamp_min(z, 0, out=out),
    "identity": lambda z, out: None if z is out else out.copy_(z),
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

    def __init__(
        self, cell: CellName, connectivity: Connectivity, activation: str, dtype: str, library: Library = "gemm"
    ) -> None:
        self.cell = cell
        self.activation = activation
        self.library = library
        self._connectivity = connectivity
        self.steps: tuple[Any, Any] = (None, None)
        if cell != "rnn":
            from rnnbench.kernels.cell_steps import gru_steps, lstm_steps
            from rnnbench.kernels.vector import FLOAT32, FLOAT64

            element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
            self.steps = lstm_steps(element) if cell == "lstm" else gru_steps(element)

    def packed(self, weights: Weights, shape: tuple[int, ...]) -> Weights:
        """Return the weights with the dense view in the form of a step's product; see :meth:`Sweep.packed`."""
        return weights._replace(packed=pack(self.library, self.matrix(weights.stored, shape[-1]), shape[-2]))

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        packed = self.packed(weights, trace.h.shape).packed if weights.packed is None else weights.packed
        assert packed is not None  # noqa: S101 - it was packed
        product = step_product(self.library, packed)
        if self.cell == "lstm":
            self._lstm(z, trace, product, start)
        elif self.cell == "gru":
            self._gru(z, trace, product, weights.bias, start)
        else:
            self._rnn(z, trace.h, product, None if start is None else start.h)

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return DenseBackward(self, weights, shape, by_last_c)

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

    def _rnn(self, z: Tensor, states: Tensor, product: StepProduct, h: Tensor | None) -> None:
        activate = _ACTIVATE[self.activation]
        for z_t, out in zip(z.unbind(0), states.unbind(0), strict=True):
            activate(z_t if h is None else product(z_t, h, out), out)
            h = out

    def _lstm(self, z: Tensor, trace: Trace, product: StepProduct, start: State | None) -> None:
        step, rows, hidden = self.steps[0], trace.h[0].numel() // trace.h.shape[-1], trace.h.shape[-1]
        h = None if start is None else start.h
        c = torch.zeros_like(trace.h[0]) if start is None or start.c is None else start.c
        for z_t, gates, cells, out in zip(*(part.unbind(0) for part in (z, *_parts(trace))), strict=True):
            source = z_t if h is None else product(z_t, h, gates)
            addresses = source.data_ptr(), gates.data_ptr(), c.data_ptr(), cells.data_ptr(), out.data_ptr()
            step(*addresses, rows, hidden)
            h, c = out, cells

    def _gru(self, z: Tensor, trace: Trace, product: StepProduct, bias: Tensor | None, start: State | None) -> None:
        step, rows, hidden = self.steps[0], trace.h[0].numel() // trace.h.shape[-1], trace.h.shape[-1]
        h = torch.zeros_like(trace.h[0]) if start is None else start.h
        room = torch.zeros_like(z[0])
        heard, known = room, start is not None
        inside = 0 if bias is None else bias.data_ptr()
        for z_t, gates, inner, out in zip(*(part.unbind(0) for part in (z, *_parts(trace))), strict=True):
            if known:
                heard = product(None, h, room)
            addresses = z_t.data_ptr(), heard.data_ptr(), inside, gates.data_ptr(), inner.data_ptr()
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


class DenseBackward(BackwardSweep):
    """Carries ``da``, the gradient of ``U h`` of the step after, and adds up the gradient of U chunk by chunk."""

    def __init__(self, sweep: DenseSweep, weights: Weights, shape: tuple[int, ...], by_last_c: Tensor | None) -> None:
        self._sweep = sweep
        self._chunk = sweep.chunk_steps(*shape[-2:])
        self._matrix = sweep.matrix(weights.stored, shape[-1])
        self._product: StepProduct | None = None
        self._by_matrix = torch.zeros_like(self._matrix)
        self._by_bias = None if weights.bias is None else torch.zeros_like(weights.bias)
        self._later: Tensor | None = None
        self._room = weights.stored.new_empty(shape)
        carried = sweep.cell != "rnn"
        # lstm: the gradient of c; gru: what reaches h past U.
        self._carry = torch.zeros_like(self._room) if carried else self._room
        if by_last_c is not None:
            self._carry.copy_(by_last_c)
        self._pending: list[_Kept] = []

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep the steps of a piece; see :meth:`BackwardSweep.piece`."""
        da = torch.empty_like(dz) if self._sweep.cell == "gru" else dz
        self.steps(gradient, trace, before, dz, da)
        self._later = da[0].clone()  # the next piece may write where it lies
        self._add(first, trace.h, before, da)

    def steps(self, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor, da: Tensor) -> None:
        """Write the gradients of z and of ``U h`` of the steps of a piece."""
        later = self._later
        if self._product is None:
            packed = pack(self._sweep.library, self._matrix.mT, self._room.shape[-2])
            self._product = step_product(self._sweep.library, packed)
        for t in range(len(dz) - 1, -1, -1):
            d_h = self._room.copy_(gradient[t]) if later is None else self._product(gradient[t], later, self._room)
            self._step(t, d_h, trace, before, dz[t], da[t])
            later = da[t]

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`."""
        assert self._later is not None  # noqa: S101 - a sequence has a step
        h = self._later @ self._matrix
        if self._sweep.cell == "gru":
            h += self._carry
        initial = State(h, self._carry if self._sweep.cell == "lstm" else None)
        return WeightGradients(self._sweep.from_matrix(self._by_matrix), self._by_bias, initial)

    def _step(self, t: int, d_h: Tensor, trace: Trace, before: State | None, dz: Tensor, da: Tensor) -> None:
        """Turn the gradient of ``h_t`` into those of ``z_t`` and of ``U h_{t-1}``."""
        if self._sweep.cell == "rnn":
            _times_derivative(self._sweep.activation, d_h, trace.h[t], dz)
            return
        gates, inner, h = _parts(trace)
        hidden = h.shape[-1]
        rows = d_h.numel() // hidden
        given = d_h.data_ptr(), self._carry.data_ptr(), gates[t].data_ptr()
        if self._sweep.cell == "lstm":
            c_before = inner[t - 1] if t else _or_zero(None if before is None else before.c, d_h)
            self._sweep.steps[1](*given, c_before.data_ptr(), inner[t].data_ptr(), dz.data_ptr(), rows, hidden)
        else:
            h_before = h[t - 1] if t else _or_zero(None if before is None else before.h, d_h)
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
