"""One update of the weights: bound the gradient, let the optimizer step, hold the weights to their constraint."""

from __future__ import annotations

from rnnbench.measure.clipping import clip_norms, clip_values
from rnnbench.measure.constraint import hold_to_indrnn
from rnnbench.measure.optimizer import optimizer
from rnnbench.models.flat_weights import FlatWeights
from rnnbench.models.network import Network
from rnnbench.suite.schema import Training


class Update:
    """Updates the replicas of a network, each from its own gradient.

    The weights move to where one operation updates them all; what holds on to where they were must be made anew.

    Parameters
    ----------
    time_steps
        T of the task's sequences, which IndRNN's bounds depend on.
    """

    def __init__(self, network: Network, training: Training, time_steps: int) -> None:
        self._network = network
        self._training = training
        self._time_steps = time_steps
        self._flat = FlatWeights(network)
        self._gradients = [weight.grad for weight in self._flat.weights if weight.grad is not None]
        self._optimize = optimizer(training.optimizer, self._flat.values)
        self._constrain()

    def step(self, iteration: int) -> None:
        """Update the weights by their ``grad``; iterations count from 0."""
        training = self._training
        rate = training.optimizer.lr
        if training.decay is not None:
            rate *= training.decay.factor(iteration, training.iterations)
        if training.clip_value is not None:
            clip_values(self._gradients, training.clip_value)
        if training.clip_norm is not None:
            clip_norms(self._gradients, training.clip_norm)
        self._optimize(rate)
        self._constrain()

    def _constrain(self) -> None:
        if self._training.constraint == "indrnn":
            hold_to_indrnn(self._network, self._time_steps)
