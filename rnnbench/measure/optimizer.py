"""The optimizer of a suite over one tensor of weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from rnnbench.suite.optimizer import SGD, Optimizer

Optimize = Callable[[float], None]
"""Updates the weights by their ``grad``, at a learning rate."""


def optimizer(chosen: Optimizer, weights: nn.Parameter) -> Optimize:
    """Return the step of a class of ``torch.optim``, weight by weight in its own arithmetic."""
    if isinstance(chosen, SGD) and not chosen.momentum:
        return _plain_descent(chosen, weights)
    options = {name: getattr(chosen, name) for name in type(chosen).model_fields}
    made: torch.optim.Optimizer = getattr(torch.optim, chosen.torch_name)([weights], foreach=False, **options)

    def step(rate: float) -> None:
        for group in made.param_groups:
            group["lr"] = rate
        made.step()

    return step


def _plain_descent(chosen: SGD, weights: nn.Parameter) -> Optimize:
    """Return the step of ``torch.optim.SGD`` without momentum.

    It is one operation: torch's class takes several times as long to get there, and its first step imports torch's
    compiler, which takes a second.
    """

    @torch.no_grad()
    def step(rate: float) -> None:
        gradient = weights.grad
        assert gradient is not None  # noqa: S101 - weights to learn have one
        if chosen.weight_decay:
            gradient = gradient.add(weights, alpha=chosen.weight_decay)
        weights.add_(gradient, alpha=-rate)

    return step
