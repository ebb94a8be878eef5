"""How many numbers the weights of a case are, and how many bytes they take, in closed form."""

from __future__ import annotations

from math import prod

from rnnbench.cell import CELLS
from rnnbench.suite.schema import Parameters

ITEM_BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}


def total_parameters(parameters: Parameters) -> int:
    """Return the trainable numbers of one model in all: free entries of U, W, biases and readout."""
    return _numbers(parameters, parameters.connectivity.recurrent_parameters(parameters.hidden))


def parameters_without_recurrence(parameters: Parameters) -> int:
    """Return the same without the entries of U: what W, biases and readout are."""
    return _numbers(parameters, 0)


def weight_bytes(parameters: Parameters) -> int:
    """Return the bytes of all weights of one model as they are stored, padding of a connectivity included."""
    shapes = parameters.connectivity.parameter_shapes(parameters.hidden)
    return _numbers(parameters, sum(map(prod, shapes.values()))) * ITEM_BYTES[parameters.dtype]


def _numbers(parameters: Parameters, recurrent: int) -> int:
    """Return the numbers of all weights, of which every gate of every layer has ``recurrent`` in its U."""
    H, gates = parameters.hidden, parameters.gates
    inputs = gates * H * (parameters.input_size + (parameters.layers - 1) * H)
    readout = H * parameters.output_size
    biases = 0
    if parameters.bias:
        inside = H if CELLS[parameters.cell].recurrent_bias else 0
        biases = parameters.layers * (gates * H + inside) + parameters.output_size
    return parameters.layers * gates * recurrent + inputs + readout + biases
