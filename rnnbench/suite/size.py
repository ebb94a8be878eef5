"""How many bytes the weights of a case take, in closed form."""

from __future__ import annotations

from math import prod

from rnnbench.cell import CELLS
from rnnbench.suite.schema import Parameters

ITEM_BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}


def weight_bytes(parameters: Parameters) -> int:
    """Return the bytes of all weights of one model as they are stored, padding of a connectivity included."""
    H, gates = parameters.hidden, parameters.gates
    stored = gates * sum(prod(shape) for shape in parameters.connectivity.parameter_shapes(H).values())
    inputs = gates * H * (parameters.input_size + (parameters.layers - 1) * H)
    readout = H * parameters.output_size
    biases = 0
    if parameters.bias:
        inside = H if CELLS[parameters.cell].recurrent_bias else 0
        biases = parameters.layers * (gates * H + inside) + parameters.output_size
    numbers = parameters.layers * stored + inputs + readout + biases
    return numbers * ITEM_BYTES[parameters.dtype]
