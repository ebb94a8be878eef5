"""Weights side by side: the network is as it was, and one tensor holds it."""

import torch

from rnnbench.models.flat_weights import FlatWeights
from rnnbench.models.network import build
from rnnbench.models.weights import draw
from tests.cases import make_case


def network_of(**parameters):
    parameters = make_case({"memory": {}}, **{"hidden": 5, "input": 3, "layers": 2, **parameters}).parameters
    return build(parameters, draw(parameters), device="cpu", time_steps=4, batch=2)


def test_the_network_computes_what_it_did():
    network, x = network_of(cell="gru"), torch.randn(4, 2, 3)
    expected, before = network(x).detach(), [weight.detach().clone() for weight in network.parameters()]
    FlatWeights(network)
    torch.testing.assert_close(network(x).detach(), expected, rtol=0, atol=0)
    for weight, value in zip(network.parameters(), before, strict=True):
        torch.testing.assert_close(weight.detach(), value, rtol=0, atol=0)
        assert weight.requires_grad
        assert weight.is_contiguous()
        assert weight.data_ptr() % 64 == 0


def test_what_is_done_to_all_is_done_to_each():
    network = network_of()
    flat = FlatWeights(network)
    network(torch.randn(4, 2, 3)).sum().backward()
    for weight in network.parameters():
        assert weight.grad.abs().sum() > 0
    with torch.no_grad():
        flat.values.grad.fill_(2)
        flat.values.fill_(3)
    for weight in network.parameters():
        assert (weight == 3).all()
        assert (weight.grad == 2).all()


def test_weights_without_numbers_stay_out():
    network = network_of(connectivity="none", layers=1)
    flat = FlatWeights(network)
    assert [weight.shape for weight in flat.weights] == [(1, 5), (1,), (5, 3), (5,)]
