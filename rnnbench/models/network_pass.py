"""A network forward and backward without autograd, where its layers can do without: the same figures as through it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnbench.kernels.layer_pass import LayerPass
from rnnbench.kernels.projection import project, project_backward
from rnnbench.models.network import Network, RecurrentLayer, one_hot


def network_pass(network: Network) -> NetworkPass | None:
    """Return the passes of a network; None where a layer's kernel has none of its own.

    They read the weights where they lie now, and as they then are: updates in place count, moved weights do not.
    """
    passes = []
    for layer in _layers(network):
        found = layer.selection.kernel.layer_pass(
            layer.recurrence, layer.input_weight, layer.bias, dict(layer.recurrent.items())
        )
        if found is None:
            return None
        passes.append(found)
    return NetworkPass(network, passes)


class NetworkPass:
    """Layers, each from a zero state, and the readout; ``backward`` takes the gradient of the last ``forward``."""

    def __init__(self, network: Network, passes: list[LayerPass]) -> None:
        self._network = network
        self._passes = passes
        self._readout = network.readout.detach()
        self._readout_bias = None if network.readout_bias is None else network.readout_bias.detach()
        self._states: Tensor
        for weight in network.parameters():
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the readout for inputs ``[T, *, B, .]``; see :meth:`Network.forward`."""
        network = self._network
        if not x.is_floating_point():
            x = one_hot(x.squeeze(-1), network.first_layer().input_weight)
        for layer in self._passes:
            x = layer.forward(x)
        self._states = x
        return project(x[-1:] if network.last_only else x, self._readout, self._readout_bias)

    def backward(self, by_readout: Tensor) -> None:
        """Write the gradient of every weight to its ``grad``, given that of the readout."""
        network, states = self._network, self._states
        read = states[-1:] if network.last_only else states
        gradients = project_backward(by_readout, read, self._readout, needs_bias=self._readout_bias is not None)
        _write(network.readout, gradients.weight)
        _write(network.readout_bias, gradients.bias)
        by_states, by_last = (None, gradients.x[0]) if network.last_only else (gradients.x, None)
        for index, layer in reversed(list(enumerate(_layers(network)))):
            found = self._passes[index].backward(by_states, by_last, needs_x=index > 0)
            _write(layer.input_weight, found.weight)
            _write(layer.bias, found.bias)
            for name, gradient in found.recurrent.items():
                _write(layer.recurrent[name], gradient)
            by_states, by_last = found.x, None


def _layers(network: Network) -> list[RecurrentLayer]:
    return [layer for layer in network.layers if isinstance(layer, RecurrentLayer)]


def _write(weight: nn.Parameter | None, gradient: Tensor | None) -> None:
    if weight is not None and weight.grad is not None and gradient is not None:
        weight.grad.copy_(gradient)
