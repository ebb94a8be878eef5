"""The bytes of a case's weights, against a model that was built."""

import pytest

from rnnbench.models.network import build
from rnnbench.models.weights import draw
from rnnbench.suite.size import weight_bytes
from tests.cases import make_case


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("connectivity", ["dense", "tridiagonal", "block_diagonal(4)", "random(11)", "none"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_they_are_those_of_the_model(cell, connectivity, bias, dtype):
    parameters = make_case(
        {"memory": {}}, cell=cell, connectivity=connectivity, bias=bias, dtype=dtype, layers=2, hidden=8, input=3
    ).parameters
    network = build(parameters, draw(parameters), device="cpu", time_steps=2, batch=1)
    assert weight_bytes(parameters) == sum(weight.numel() * weight.element_size() for weight in network.parameters())
