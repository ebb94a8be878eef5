"""The oracle: the recurrence in the fewest lines, on the dense view of ``U``.

Every other kernel is held against this one, in float64. It is written to be read, not to be fast.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.connectivity import Parameters
from rnnbench.kernels.activations import ACTIVATIONS
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.state import State, starting_state


class ReferenceKernel(Kernel):
    """The equations of each cell, step by step, gate by gate."""

    name = "reference"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve everything."""
        return YES

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last state; see :meth:`Kernel.states`."""
        U = recurrence.connectivity.to_dense(parameters, recurrence.hidden)
        state = starting_state(recurrence, z, initial)
        states = []
        for z_t in z:
            state = _step(recurrence, z_t, U, parameters, state)
            states.append(state.h)
        return torch.stack(states), state


class SidedReference(ReferenceKernel):
    """Cell rnn with relu, told which units are above zero: ``h = a`` there, zero elsewhere.

    A sum that is zero but for rounding may end on either side, with either derivative: a gradient is right if it is
    that of the side on which the states are.

    Parameters
    ----------
    above
        ``[T, *, B, H]``, bool.
    """

    def __init__(self, above: Tensor) -> None:
        self._above = above

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last state; see :meth:`Kernel.states`."""
        U = recurrence.connectivity.to_dense(parameters, recurrence.hidden)
        h, states = starting_state(recurrence, z, initial).h, []
        for z_t, above in zip(z, self._above, strict=True):
            h = torch.where(above, z_t + h @ U.mT, 0.0)
            states.append(h)
        return torch.stack(states), State(h)


def _step(recurrence: Recurrence, z: Tensor, U: Tensor, parameters: Parameters, state: State) -> State:
    if recurrence.cell == "lstm":
        return _lstm(z, U, state)
    if recurrence.cell == "gru":
        return _gru(z, U, parameters[RECURRENT_BIAS].unsqueeze(-2) if recurrence.recurrent_bias else 0.0, state)
    return State(ACTIVATIONS[recurrence.activation](z + state.h @ U.mT))


def _lstm(z: Tensor, U: Tensor, state: State) -> State:
    assert state.c is not None  # noqa: S101 - tells the type checker
    z_i, z_f, z_g, z_o = z.chunk(4, dim=-1)
    U_i, U_f, U_g, U_o = U.unbind(-3)
    i = torch.sigmoid(z_i + state.h @ U_i.mT)
    f = torch.sigmoid(z_f + state.h @ U_f.mT)
    g = torch.tanh(z_g + state.h @ U_g.mT)
    o = torch.sigmoid(z_o + state.h @ U_o.mT)
    c = f * state.c + i * g
    return State(o * torch.tanh(c), c)


def _gru(z: Tensor, U: Tensor, b_n: Tensor | float, state: State) -> State:
    z_r, z_u, z_n = z.chunk(3, dim=-1)
    U_r, U_u, U_n = U.unbind(-3)
    r = torch.sigmoid(z_r + state.h @ U_r.mT)
    u = torch.sigmoid(z_u + state.h @ U_u.mT)
    n = torch.tanh(z_n + r * (state.h @ U_n.mT + b_n))
    return State((1 - u) * n + u * state.h)
