"""One training step, to weigh it: forward, backward and a plain update of one layer or of the model."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnbench.models import rtrl, streaming
from rnnbench.models.network import Network, RecurrentLayer
from rnnbench.suite.schema import Parameters

RATE = 1e-6
"""The learning rate of these steps; small, so that weights stay what they are."""


class TrainingStep:
    """Forward, backward and a plain gradient-descent update of one layer or of the model.

    Attributes
    ----------
    forward
        The loss, with a graph behind it; None where the step runs a segment at a time.
    """

    def __init__(
        self, module: torch.nn.Module, forward: Callable[[], Tensor] | None, backward: Callable[[], None]
    ) -> None:
        self.forward = forward
        self._backward = backward
        self._weights = list(module.parameters())

    def __call__(self) -> None:
        """Take the step."""
        self._backward()
        # Not torch.optim: its first use imports torch's compiler, as long as everything else that this process does.
        with torch.no_grad():
            for weight in self._weights:
                if weight.grad is not None:
                    weight.add_(weight.grad, alpha=-RATE)
        for weight in self._weights:
            weight.grad = None


def training_step(parameters: Parameters, network: Network, scope: str) -> tuple[TrainingStep, list[Tensor]]:
    """Return (the step, the tensors that exist before it: weights and, but where it is streamed, the input)."""
    module = network.first_layer() if scope == "layer" else network
    task = parameters.task if scope == "model" else None

    def loss(outputs: Tensor) -> Tensor:
        if task is None:
            return outputs.sum()
        return task.loss(outputs, task.targets_like(outputs.detach())).sum()

    if parameters.gradient == "rtrl" or parameters.recompute.stream_steps(parameters.time_steps) is not None:
        return _in_segments(parameters, network, module, loss), list(module.parameters())
    x = inputs(parameters, network, 0, parameters.time_steps)

    def forward() -> Tensor:
        return loss(module(x))

    step = TrainingStep(module, forward, lambda: torch.autograd.backward(forward()))
    return step, [*module.parameters(), x]


def _in_segments(
    parameters: Parameters,
    network: Network,
    module: Network | RecurrentLayer,
    loss: Callable[[Tensor], Tensor],
) -> TrainingStep:
    steps = parameters.time_steps
    segment = parameters.recompute.stream_steps(steps)
    at_end = isinstance(module, Network) and module.last_only

    def drawn(first: int, last: int) -> Tensor:
        return inputs(parameters, network, first, last)

    def added(_: int, last: int, outputs: Tensor) -> Tensor | None:
        return None if at_end and last < steps else loss(outputs)

    def backward() -> None:
        if segment is None:
            rtrl.accumulate_gradients(module, drawn, added, steps)
        else:
            streaming.accumulate_gradients(module, drawn, added, steps, segment)

    return TrainingStep(module, None, backward)


def inputs(parameters: Parameters, network: Network, first: int, last: int) -> Tensor:
    """Return random inputs ``[t, B, I]`` of the steps ``first .. last``; always the same for these."""
    weight = network.first_layer().input_weight
    shape = last - first, parameters.batch, parameters.input_size
    generator = torch.Generator().manual_seed(parameters.seed + first)
    return torch.randn(shape, generator=generator, dtype=weight.dtype).to(weight.device)
