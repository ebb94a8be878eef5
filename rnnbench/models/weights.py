"""Initial weights, replica by replica, each from its own seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnbench.cell import CELLS
from rnnbench.kernels.recurrence import RECURRENT_BIAS
from rnnbench.models.recurrent_weights import draw_recurrent
from rnnbench.suite.schema import Parameters


@dataclass(frozen=True)
class LayerWeights:
    """One layer of one or several models (then with a leading replica dimension); float64 arrays."""

    input: np.ndarray
    """``W`` ``[*, G H, I]``, G gates."""
    recurrent: dict[str, np.ndarray]
    """The connectivity's parameters, ``[*, G, ...]`` where the cell has gates, and gru's recurrent bias ``[*, H]``."""
    bias: np.ndarray | None
    """``b`` ``[*, G H]``."""


@dataclass(frozen=True)
class Weights:
    """All weights of one or several models; float64 arrays."""

    layers: tuple[LayerWeights, ...]
    readout: np.ndarray
    """``[*, O, H]``."""
    readout_bias: np.ndarray | None
    """``[*, O]``."""


def draw(parameters: Parameters, replica: int = 0) -> Weights:
    """Return the initial weights of one replica.

    The stream depends on ``seed + replica`` only, so that a replica starts alike alone and among others. Where the
    initialisation is ``fan_in``, recurrent weights are bounded by their own fan-in, all others by H, as nn.RNN and
    nn.Linear do.
    """
    generator = np.random.default_rng([parameters.seed + replica, 0])
    H, O = parameters.hidden, parameters.output_size  # noqa: E741 - output size
    bounds = parameters.initialisation.bounds(H)
    layers = tuple(_draw_layer(parameters, index, generator) for index in range(parameters.layers))
    readout = generator.uniform(*bounds, (O, H))
    return Weights(layers, readout, generator.uniform(*bounds, O) if parameters.bias else None)


def _draw_layer(parameters: Parameters, index: int, generator: np.random.Generator) -> LayerWeights:
    H, cell = parameters.hidden, CELLS[parameters.cell]
    rows, inputs = len(cell.gates) * H, parameters.input_size if index == 0 else H
    bounds = parameters.initialisation.bounds(H)
    weight = generator.uniform(*bounds, (rows, inputs))
    recurrent = draw_recurrent(parameters, generator, last_layer=index == parameters.layers - 1)
    bias = generator.uniform(*bounds, rows) if parameters.bias else None
    if bias is not None and parameters.forget_bias is not None:
        forget = cell.gates.index("f")
        bias[forget * H : (forget + 1) * H] = parameters.forget_bias
    if parameters.bias and cell.recurrent_bias:
        recurrent[RECURRENT_BIAS] = generator.uniform(*bounds, H)
    return LayerWeights(weight, recurrent, bias)


def stack(models: list[Weights]) -> Weights:
    """Return the weights of all ``models`` with a leading replica dimension."""
    layers = tuple(
        LayerWeights(
            input=np.stack([layer.input for layer in same]),
            recurrent={name: np.stack([layer.recurrent[name] for layer in same]) for name in same[0].recurrent},
            bias=_stack_optional([layer.bias for layer in same]),
        )
        for same in zip(*(model.layers for model in models), strict=True)
    )
    return Weights(
        layers,
        np.stack([model.readout for model in models]),
        _stack_optional([model.readout_bias for model in models]),
    )


def _stack_optional(arrays: list[np.ndarray | None]) -> np.ndarray | None:
    present = [array for array in arrays if array is not None]
    return np.stack(present) if present else None
