"""Recomputation for kernels that have none of their own: segments that torch runs again backward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from rnnbench.connectivity import Parameters
from rnnbench.kernels.base import Kernel, Support
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State

Run = Callable[[Tensor, Parameters, State | None], tuple[Tensor, State]]


class ReplayingKernel(Kernel):
    """Another kernel, segment by segment: kept are the inputs and the state before each.

    Gradients equal those of the kernel itself up to rounding: autograd adds up each segment's before it adds them, in
    float32 where weights are stored in 16 bits.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.name = kernel.name

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve what the kernel can."""
        return self._kernel.supports(recurrence)

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last one; see :meth:`Kernel.states`."""
        segment = replace(recurrence, recompute=None)

        def run(z: Tensor, parameters: Parameters, state: State | None) -> tuple[Tensor, State]:
            return self._kernel.states(segment, z, _stored(parameters, z), state)

        return _in_segments(run, recurrence, z, _wide(parameters), initial)

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: State | None = None,
    ) -> tuple[Tensor, State]:
        """Return the states of a layer and the last one; see :meth:`Kernel.layer`."""
        segment = replace(recurrence, recompute=None)
        projection = _wide({"weight": input_weight} if bias is None else {"weight": input_weight, "bias": bias})

        def run(x: Tensor, parameters: Parameters, state: State | None) -> tuple[Tensor, State]:
            given = _stored(projection, x)
            return self._kernel.layer(segment, x, given["weight"], given.get("bias"), _stored(parameters, x), state)

        return _in_segments(run, recurrence, x, _wide(parameters), initial)


def _wide(weights: Parameters) -> Parameters:
    """Return weights of 16 bits in float32, so that autograd adds the gradients of all segments in float32."""
    return {name: weight.float() if weight.itemsize == 2 else weight for name, weight in weights.items()}


def _stored(weights: Parameters, like: Tensor) -> Parameters:
    """Undo :func:`_wide` for weights that were stored as ``like`` is."""
    return {name: weight.to(like.dtype) for name, weight in weights.items()}


def _in_segments(
    run: Run, recurrence: Recurrence, sequence: Tensor, parameters: Parameters, initial: State | None
) -> tuple[Tensor, State]:
    assert recurrence.recompute is not None  # noqa: S101 - what this kernel is made for
    state, states = initial, []
    # Split, not indexed: the gradient of an index is as long as the whole sequence.
    for piece in torch.split(sequence, recurrence.recompute):
        h, state = checkpoint(run, piece, parameters, state, use_reentrant=False, preserve_rng_state=False)
        states.append(h)
    assert state is not None  # noqa: S101 - a split has at least one part
    return torch.cat(states), state
