"""Real-time recurrent learning gives the gradients of backpropagation through time, without going back."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.models import rtrl
from tests.models.test_streaming import gradients, network_of, squares


def compared(network, x, loss, T):
    """Return (gradients by backpropagation, gradients by rtrl)."""
    torch.autograd.backward(loss(0, T, network(x)))
    expected = gradients(network)
    rtrl.accumulate_gradients(network, lambda first, last: x[first:last], loss, T)
    return expected, gradients(network)


@settings(max_examples=40, deadline=None)
@given(
    T=st.one_of(st.integers(1, 9), st.sampled_from([63, 64, 65, 130])),
    activation=st.sampled_from(["tanh", "sigmoid", "relu", "identity"]),
    bias=st.booleans(),
    replicas=st.sampled_from([None, 2]),
)
def test_the_gradient_is_exact(T, activation, bias, replicas):
    network = network_of(T, replicas, connectivity="diagonal", activation=activation, bias=bias)
    with torch.no_grad():
        network.first_layer().recurrent["bands"].uniform_(-0.95, 0.95)
    leading = () if replicas is None else (replicas,)
    x = torch.randn(T, *leading, 2, 3, dtype=torch.float64)
    weights = torch.randn(T, *leading, 2, 1, dtype=torch.float64)
    expected, got = compared(network, x, squares(weights), T)
    for name, gradient in expected.items():
        torch.testing.assert_close(got[name], gradient, rtol=1e-10, atol=1e-10, msg=name)


def test_a_loss_at_the_end_alone_learns_from_every_step():
    network = network_of(150, connectivity="diagonal")
    x = torch.randn(150, 2, 3, dtype=torch.float64)

    def loss(first, last, outputs):
        return outputs[-1].square().sum() if last == 150 else None

    expected, got = compared(network, x, loss, 150)
    for name, gradient in expected.items():
        torch.testing.assert_close(got[name], gradient, rtol=1e-10, atol=1e-12, msg=name)
    assert got["layers.0.recurrent.bands"].abs().max() > 0


def test_inputs_are_seen_once_and_a_segment_at_a_time():
    network = network_of(200, connectivity="diagonal")
    asked = []

    def inputs(first, last):
        asked.append((first, last))
        return torch.zeros(last - first, 2, 3, dtype=torch.float64)

    rtrl.accumulate_gradients(network, inputs, lambda first, last, outputs: outputs.sum(), 200)
    assert asked == [(0, 64), (64, 128), (128, 192), (192, 200)]


def test_without_any_loss_there_is_nothing_to_learn_from():
    network = network_of(4, connectivity="diagonal")
    with pytest.raises(ValueError, match="no segment has a loss"):
        rtrl.accumulate_gradients(
            network, lambda first, last: torch.zeros(last - first, 2, 3, dtype=torch.float64), lambda *_: None, 4
        )
