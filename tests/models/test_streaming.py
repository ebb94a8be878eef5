"""Gradients of a segment at a time are those of the whole sequence."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.models.network import build
from rnnbench.models.streaming import accumulate_gradients
from rnnbench.models.weights import draw, stack
from tests.cases import make_case


def network_of(T, replicas=None, **parameters):
    made = make_case({"memory": {}}, **{"hidden": 6, "input": 3, "dtype": "float64", **parameters}).parameters
    weights = draw(made) if replicas is None else stack([draw(made, replica) for replica in range(replicas)])
    return build(made, weights, device="cpu", time_steps=T, batch=2, replicas=replicas)


def gradients(network):
    found = {
        name: torch.zeros_like(weight) if weight.grad is None else weight.grad.clone()
        for name, weight in network.named_parameters()
    }
    network.zero_grad(set_to_none=True)
    return found


def squares(weights):
    return lambda first, last, outputs: (outputs.square() * weights[first:last]).sum()


@settings(max_examples=40, deadline=None)
@given(
    T=st.integers(1, 13),
    segment=st.integers(1, 15),
    cell=st.sampled_from(["rnn", "lstm", "gru"]),
    connectivity=st.sampled_from(["dense", "diagonal", "tridiagonal", "block_diagonal(2)", "none"]),
    layers=st.integers(1, 2),
    replicas=st.sampled_from([None, 2]),
)
def test_they_are_the_gradients_of_the_whole(T, segment, cell, connectivity, layers, replicas):
    network = network_of(T, replicas, cell=cell, connectivity=connectivity, layers=layers)
    leading = () if replicas is None else (replicas,)
    generator = torch.Generator().manual_seed(T)
    x = torch.randn(T, *leading, 2, 3, generator=generator, dtype=torch.float64)
    weights = torch.randn(T, *leading, 2, 1, generator=generator, dtype=torch.float64)
    loss = squares(weights)
    whole = loss(0, T, network(x))
    torch.autograd.backward(whole)
    expected = gradients(network)
    total = accumulate_gradients(network, lambda first, last: x[first:last], loss, T, segment)
    torch.testing.assert_close(total, whole.detach(), rtol=1e-12, atol=1e-12)
    for name, gradient in gradients(network).items():
        largest = max([1.0, *expected[name].abs().flatten().tolist()])
        torch.testing.assert_close(gradient, expected[name], rtol=0, atol=1e-12 * largest, msg=name)


def test_a_loss_at_the_end_alone_reaches_every_segment():
    network = network_of(9)
    x = torch.randn(9, 2, 3, dtype=torch.float64)
    network(x)[-1].sum().backward()
    expected = gradients(network)
    accumulate_gradients(
        network,
        lambda first, last: x[first:last],
        lambda first, last, outputs: outputs[-1].sum() if last == 9 else None,
        9,
        4,
    )
    for name, gradient in gradients(network).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-12, atol=1e-12, msg=name)


def test_inputs_exist_for_one_segment_at_a_time():
    network = network_of(12)
    asked = []

    def inputs(first, last):
        asked.append((first, last))
        return torch.zeros(last - first, 2, 3, dtype=torch.float64)

    accumulate_gradients(network, inputs, lambda first, last, outputs: outputs.sum(), 12, 5)
    assert asked == [(0, 5), (5, 10), (10, 12), (5, 10), (0, 5)]


def test_without_any_loss_there_is_nothing_to_learn_from():
    network = network_of(4)
    with pytest.raises(ValueError, match="no segment has a loss"):
        accumulate_gradients(
            network,
            lambda first, last: torch.zeros(last - first, 2, 3, dtype=torch.float64),
            lambda *_: None,
            4,
            2,
        )
