"""How many weights a model has, and the bytes that they take as they are stored."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from rnnbench.models.network import Network, RecurrentLayer
from rnnbench.results.figure import Figure
from rnnbench.suite.schema import Parameters


def weight_counts(parameters: Parameters, network: Network) -> dict[str, Figure]:
    """Return the weights of the whole model; padding in a connectivity's storage is no weight, but it has bytes.

    Recurrent ones are the entries of U, of every gate; gru's recurrent bias counts among all.
    """
    matrices = parameters.layers * parameters.gates
    recurrent = matrices * parameters.connectivity.recurrent_parameters(parameters.hidden)
    stored = sum(weight.numel() for _, weight in recurrent_weights(network))
    every = sum(weight.numel() for weight in network.parameters())
    size = sum(weight.numel() * weight.element_size() for weight in network.parameters())
    return {
        "recurrent_parameters": Figure("exact", (recurrent,)),
        "total_parameters": Figure("exact", (every - stored + recurrent,)),
        "parameter_bytes": Figure("exact", (size,)),
    }


def recurrent_weights(network: Network) -> Iterator[tuple[str, Tensor]]:
    """Yield the stored tensors of every U, by their names in the network's state_dict."""
    for index, layer in enumerate(network.layers):
        assert isinstance(layer, RecurrentLayer)  # noqa: S101 - tells the type checker
        for name in layer.connectivity.parameter_shapes(layer.recurrence.hidden):
            yield f"layers.{index}.recurrent.{name}", layer.recurrent[name]
