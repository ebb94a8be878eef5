"""What weights are held to after each update."""

from __future__ import annotations

import torch

from rnnbench.models.network import Network, RecurrentLayer
from rnnbench.suite.initialisation import indrnn_bounds


def hold_to_indrnn(network: Network, time_steps: int) -> None:
    """Bring the modulus of every u into IndRNN's bounds, in place; signs stay, zero counts as positive."""
    with torch.no_grad():
        for index, layer in enumerate(network.layers):
            assert isinstance(layer, RecurrentLayer)  # noqa: S101 - tells the type checker
            least, most = indrnn_bounds(time_steps, last_layer=index == len(network.layers) - 1)
            for weight in layer.recurrent.values():
                weight.copy_(torch.copysign(weight.abs().clamp(least, most), weight))
