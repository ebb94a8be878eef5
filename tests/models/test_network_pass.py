"""Passes without autograd: the readout and every gradient are autograd's."""

import pytest
import torch

from rnnbench.models.network import build
from rnnbench.models.network_pass import network_pass
from rnnbench.models.weights import draw, stack
from tests.cases import make_case

STRUCTURES = [
    "dense",
    "diagonal",
    "tridiagonal",
    "banded(1,2,true)",
    "block_diagonal(2)",
    "random(5)",
    "none",
    "permuted_band(1,1)",
    "low_rank(2)",
    "jordan(3)",
]


def network_of(replicas=None, device="cpu", **parameters):
    given = {"hidden": 8, "input": 3, "dtype": "float64", **parameters}
    parameters = make_case({"memory": {}}, **given).parameters
    drawn = draw(parameters) if replicas is None else stack([draw(parameters, r) for r in range(replicas)])
    return build(parameters, drawn, device=device, time_steps=5, batch=2, replicas=replicas)


def inputs_of(network, replicas, steps=5, batch=2):
    leading = () if replicas is None else (replicas,)
    generator = torch.Generator().manual_seed(1)
    dtype, width = network.readout.dtype, network.first_layer().input_weight.shape[-1]
    return torch.randn(steps, *leading, batch, width, generator=generator, dtype=dtype)


def assert_as_through_autograd(network, x, rtol):
    passes = network_pass(network)
    for repeat in range(2):
        expected = network(x)
        upstream = torch.randn(expected.shape, generator=torch.Generator().manual_seed(repeat), dtype=expected.dtype)
        weights = {name: weight for name, weight in network.named_parameters() if weight.numel()}
        gradients = torch.autograd.grad(expected, list(weights.values()), upstream)
        torch.testing.assert_close(passes.forward(x), expected.detach(), rtol=rtol, atol=0)
        passes.backward(upstream)
        for (name, weight), gradient in zip(weights.items(), gradients, strict=True):
            atol = rtol * gradient.abs().max().item()
            torch.testing.assert_close(weight.grad, gradient, rtol=0, atol=atol, msg=lambda m, n=name: f"{n}: {m}")
        with torch.no_grad():  # a training step later, in place
            for weight in weights.values():
                weight.mul_(0.9)


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("replicas", [None, 3])
def test_gradients_are_autograds(structure, cell, layers, replicas):
    network = network_of(replicas, connectivity=structure, cell=cell, layers=layers)
    assert_as_through_autograd(network, inputs_of(network, replicas), rtol=1e-12)


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_inference_mode_changes_nothing(structure, cell):
    network = network_of(2, connectivity=structure, cell=cell)
    x, passes = inputs_of(network, 2), network_pass(network)
    found = []
    for mode in (False, True):
        with torch.inference_mode(mode):
            readout = passes.forward(x)
            passes.backward(torch.ones_like(readout))
        found.append([readout.clone(), *(weight.grad.clone() for weight in network.parameters())])
    for one, other in zip(*found, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("replicas", [None, 3])
@pytest.mark.parametrize("batch", [1, 4])
def test_gradients_are_autograds_in_single_precision(cell, replicas, batch):
    network = network_of(replicas, cell=cell, dtype="float32", layers=2)
    assert_as_through_autograd(network, inputs_of(network, replicas, batch=batch), rtol=4e-7)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "identity"])
@pytest.mark.parametrize("kernel", ["fused", "taps", "gemm"])
def test_kernels_of_ours_have_passes_with_and_without_bias(kernel, activation, bias):
    network = network_of(3, kernel=kernel, activation=activation, bias=bias, connectivity="tridiagonal")
    assert_as_through_autograd(network, inputs_of(network, 3), rtol=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("replicas", [None, 2])
def test_gradients_are_autograds_over_several_chunks_of_time(cell, replicas):
    network = network_of(replicas, kernel="gemm", cell=cell, hidden=4, layers=2)
    assert_as_through_autograd(network, inputs_of(network, replicas, steps=50, batch=100), rtol=1e-12)


@pytest.mark.parametrize("task", ["adding(9)", "copying(3)"])
@pytest.mark.parametrize("replicas", [None, 3])
@pytest.mark.parametrize("structure", ["dense", "diagonal", "permuted_band(1,1)"])
def test_the_last_step_alone_is_read_and_symbols_are_one_hot(task, replicas, structure):
    network = network_of(replicas, task=task, input=None, layers=2, connectivity=structure)
    x = inputs_of(network, replicas, steps=9)
    if task == "copying(3)":
        x = x.abs().long()[..., :1].clamp(max=7).to(torch.uint8)
    assert network.last_only == (task == "adding(9)")
    assert_as_through_autograd(network, x, rtol=1e-12)


def test_another_shape_is_another_sequence():
    network = network_of(2, cell="lstm")
    passes = network_pass(network)
    for steps, batch in ((5, 2), (3, 4), (5, 2)):
        x = inputs_of(network, 2, steps, batch)
        torch.testing.assert_close(passes.forward(x), network(x).detach(), rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    "parameters",
    [{"kernel": "eager"}, {"kernel": "reference"}, {"recompute": "every(2)"}, {"kernel": "eager", "recompute": "auto"}],
    ids=str,
)
def test_there_are_none_for_other_kernels_and_where_states_are_computed_again(parameters):
    assert network_pass(network_of(2, **parameters)) is None
