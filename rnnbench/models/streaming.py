"""The gradient of a long sequence, a segment at a time: kept are the states between segments, and nothing else is as
long as the sequence. Inputs, readout and loss exist for one segment; each segment runs twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from rnnbench.kernels.pieces import spans
from rnnbench.kernels.state import State


class Resumable(Protocol):
    """What can run a sequence in pieces: a layer, a network."""

    def run(self, x: Tensor, states: Sequence[State] | None) -> tuple[Tensor, list[State]]:
        """Return the outputs of a piece and the states after it, from the states before it (None: zero)."""


Inputs = Callable[[int, int], Tensor]
"""The inputs of the steps ``first .. last``, ``[t, *, B, I]``; the same whenever they are asked for."""
Loss = Callable[[int, int, Tensor], Tensor | None]
"""What the steps ``first .. last`` add to the loss, a number, from their outputs; None: nothing."""


def accumulate_gradients(module: Resumable, inputs: Inputs, loss: Loss, steps: int, segment: int) -> Tensor:
    """Add the gradient of the sum of ``loss`` over all segments to ``.grad`` of the module's weights.

    Returns
    -------
    Tensor
        That sum, detached.
    """
    pieces = list(spans(0, steps, segment))
    before: list[Sequence[State] | None] = [None]
    with torch.no_grad():
        for first, last in pieces[:-1]:
            _, states = module.run(inputs(first, last), before[-1])
            before.append([state.map(torch.clone) for state in states])
    total: Tensor | None = None
    later: list[Tensor | None] = []
    for (first, last), kept in zip(reversed(pieces), reversed(before), strict=True):
        given = None if kept is None else [state.map(lambda part: part.requires_grad_()) for state in kept]
        outputs, after = module.run(inputs(first, last), given)
        value = loss(first, last, outputs)
        roots = _tensors(after)
        pairs = [(root, gradient) for root, gradient in zip(roots, later, strict=False) if gradient is not None]
        if value is not None:
            total = value.detach() if total is None else total + value.detach()
            pairs.append((value, torch.ones_like(value)))
        torch.autograd.backward([root for root, _ in pairs], [gradient for _, gradient in pairs])
        later = [] if given is None else [part.grad for part in _tensors(given)]
    if total is None:
        raise ValueError("no segment has a loss")
    return total


def _tensors(states: Sequence[State]) -> list[Tensor]:
    return [part for state in states for part in state if part is not None]
