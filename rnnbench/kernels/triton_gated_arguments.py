"""The tensors that every Triton kernel of lstm and gru takes, in their order.

Shapes are those of :class:`rnnbench.kernels.triton_walk.Walk`. Where lstm has c, gru is given h, which is not read or
written there.
"""

from __future__ import annotations

from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.triton_walk import Carried


def forward_tensors(z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> tuple[Tensor | None, ...]:
    """Return (z, gates, inner, states, stored weights, bias, start's h and c, end's h and c)."""
    recurrent = weights.stored, weights.bias
    return z, trace.gates, trace.inner, trace.h, *recurrent, *_h_and_c(start), *_h_and_c(end)


def backward_tensors(
    gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
) -> tuple[Tensor | None, ...]:
    """Return (gradient, dz, gates, inner, states, stored weights, h and c before, carried through U, past U)."""
    read = trace.gates, trace.inner, trace.h, weights.stored, *_h_and_c(before)
    return gradient, dz, *read, carried.through_u, carried.past_u


def gate_count(trace: Trace) -> int:
    """Return 4 for lstm, 3 for gru."""
    assert trace.gates is not None  # noqa: S101 - lstm and gru have gates
    return trace.gates.shape[-1] // trace.h.shape[-1]


def by_state(carried: Carried, weights: Weights) -> Tensor:
    """Return the gradient of h before the first step of all; ``weights`` have a dimension of gates, ``[R, G, ...]``."""
    return carried.through_u if weights.stored.shape[1] == 4 else carried.through_u + carried.past_u


def _h_and_c(state: State) -> tuple[Tensor, Tensor]:
    return state.h, state.h if state.c is None else state.c
