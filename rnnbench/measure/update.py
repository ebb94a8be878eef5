"""One update of the weights: bound the gradient, let the optimizer step, hold the weights to their constraint."""

from __future__ import annotations

import torch

from rnnbench.measure.clipping import clip_norms, clip_values
from rnnbench.measure.constraint import hold_to_indrnn
from rnnbench.models.network import Network
from rnnbench.suite.schema import Training


class Update:
    """Updates the replicas of a network, each from its own gradient.

    Parameters
    ----------
    time_steps
        T of the task's sequences, which IndRNN's bounds depend on.
    """

    def __init__(self, network: Network, training: Training, time_steps: int) -> None:
        self._network = network
        self._training = training
        self._time_steps = time_steps
        self._weights = [weight for weight in network.parameters() if weight.numel()]
        chosen = training.optimizer
        options = {name: getattr(chosen, name) for name in type(chosen).model_fields}
        self._optimizer: torch.optim.Optimizer = getattr(torch.optim, chosen.torch_name)(
            self._weights, foreach=False, **options
        )
        self._constrain()

    def step(self, iteration: int) -> None:
        """Update the weights by their ``grad``; iterations count from 0."""
        training = self._training
        if training.decay is not None:
            factor = training.decay.factor(iteration, training.iterations)
            for group in self._optimizer.param_groups:
                group["lr"] = training.optimizer.lr * factor
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        if training.clip_value is not None:
            clip_values(gradients, training.clip_value)
        if training.clip_norm is not None:
            clip_norms(gradients, training.clip_norm)
        self._optimizer.step()
        self._constrain()

    def _constrain(self) -> None:
        if self._training.constraint == "indrnn":
            hold_to_indrnn(self._network, self._time_steps)
