"""One training step to take apart: forward, backward and an optimizer's update of one layer or of the model."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from rnnbench import phases
from rnnbench.measure.observed_kernel import ObservedKernel
from rnnbench.measure.optimizer import optimizer
from rnnbench.measure.phase_clock import PhaseClock
from rnnbench.measure.training_step import RATE, inputs
from rnnbench.models.flat_weights import FlatWeights
from rnnbench.models.network import Network, RecurrentLayer
from rnnbench.suite.optimizer import Optimizer
from rnnbench.suite.schema import Parameters


class ProfiledStep:
    """A step through autograd, with gradients added to those that the update cleared, as torch's training loops do.

    Scope ``layer`` is the first layer, with a gradient of its states that is given; scope ``model`` all layers, readout
    and loss.

    Attributes
    ----------
    weights
        How many numbers the optimizer updates.
    """

    def __init__(
        self, parameters: Parameters, network: Network, scope: str, chosen: Optimizer, clock: PhaseClock
    ) -> None:
        self._network, self._scope, self._clock = network, scope, clock
        for layer in network.layers:
            assert isinstance(layer, RecurrentLayer)  # noqa: S101 - tells the type checker
            layer.selection = replace(layer.selection, kernel=ObservedKernel(layer.selection.kernel, clock))
        flat = FlatWeights(network)
        self._values = flat.values
        self._update = optimizer(chosen, flat.values)
        self.weights = flat.values.numel()
        self._x = inputs(parameters, network, 0, parameters.time_steps)
        self._task = parameters.task
        with torch.no_grad():
            outputs = network(self._x) if scope == "model" else network.first_layer()(self._x)
        # Of a size that neither it nor the gradient of a weight leaves the range of 16 bits.
        self._upstream = torch.full_like(outputs, outputs.shape[:-1].numel() ** -0.5)
        self._targets = None if self._task is None else self._task.targets_like(outputs)

    def __call__(self) -> None:
        """Take the step."""
        clock = self._clock
        if self._scope == "layer":
            states = self._network.first_layer()(self._x)
            torch.autograd.backward(states, self._upstream)
        else:
            clock.switch(phases.READOUT_FORWARD)
            loss = self._loss(self._network(self._x))
            clock.switch(phases.READOUT_BACKWARD)
            torch.autograd.backward(loss)
        clock.switch(phases.OPTIMIZER)
        self._update(RATE)
        gradient = self._values.grad
        assert gradient is not None  # noqa: S101 - flat weights have one
        gradient.zero_()
        clock.switch(phases.UNATTRIBUTED)

    def _loss(self, readout: Tensor) -> Tensor:
        if self._task is None:
            return torch.nn.functional.mse_loss(readout, self._upstream)
        assert self._targets is not None  # noqa: S101 - of the task
        return self._task.loss(readout, self._targets).mean()
