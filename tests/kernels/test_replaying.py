"""Recomputation: the same gradients for less memory, by every kernel."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement
from rnnbench.kernels.dispatch import load, select
from rnnbench.kernels.pieces import spans
from rnnbench.kernels.recurrence import RECURRENT_BIAS
from rnnbench.kernels.state import State
from tests.kernels.test_kernels import recurrence_of


def outcome(recurrence, kernel, seed=0):
    """Return states, last state and all gradients by name for random data that depend on ``seed`` only."""
    plain = replace(recurrence, recompute=None)
    tensors = agreement._random_tensors(plain, np.random.default_rng(seed))
    dtype = getattr(torch, recurrence.dtype)
    return agreement._outcome(
        select(recurrence, kernel).kernel, recurrence, {name: tensor.to(dtype) for name, tensor in tensors.items()}
    )


def saved_bytes(recurrence, kernel):
    """Return what a layer's forward pass saves beside its input and weights."""
    generator = torch.Generator().manual_seed(0)
    T, B, H, gates = recurrence.time_steps, recurrence.batch, recurrence.hidden, recurrence.gates
    x = torch.randn(T, B, recurrence.input, generator=generator)
    weight = torch.randn(gates * H, recurrence.input, generator=generator, requires_grad=True)
    ((name, shape),) = recurrence.connectivity.parameter_shapes(H).items()
    shape = shape if gates == 1 else (gates, *shape)
    parameters = {name: torch.zeros(shape, requires_grad=True)}
    if recurrence.recurrent_bias:
        parameters[RECURRENT_BIAS] = torch.zeros(H, requires_grad=True)
    bias = torch.zeros(gates * H, requires_grad=True)
    saved = {}

    def pack(tensor):
        if tensor.data_ptr() not in (x.data_ptr(), weight.data_ptr()):
            saved[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        select(recurrence, kernel).kernel.layer(recurrence, x, weight, bias, parameters)
    return sum(saved.values())


@pytest.mark.parametrize("kernel", ["reference", "eager", "torch"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("every", [1, 3, 5, 9])
def test_kernels_without_their_own_give_the_same_gradients_up_to_rounding(kernel, cell, every):
    recurrence = recurrence_of("dense", cell=cell, scope="layer")
    expected, got = outcome(recurrence, kernel), outcome(replace(recurrence, recompute=every), kernel)
    for name, tensor in expected.items():
        torch.testing.assert_close(got[name], tensor, rtol=1e-12, atol=1e-12, msg=name)


@pytest.mark.parametrize("scope", ["recurrence", "layer"])
@pytest.mark.parametrize("replicas", [None, 3])
def test_replicas_and_given_z_too(scope, replicas):
    recurrence = recurrence_of("tridiagonal", scope=scope, replicas=replicas)
    expected, got = outcome(recurrence, "eager"), outcome(replace(recurrence, recompute=2), "eager")
    for name, tensor in expected.items():
        torch.testing.assert_close(got[name], tensor, rtol=1e-12, atol=1e-12, msg=name)


def test_the_gradient_of_a_sequence_is_put_together_once():
    """An index in place of a split would cost a zero tensor of the whole sequence for every segment."""
    recurrence = recurrence_of("diagonal", scope="layer", time_steps=6, recompute=2)
    x = torch.randn(6, 2, 3, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(6, 3, dtype=torch.float64)
    states, _ = select(recurrence, "eager").kernel.layer(
        recurrence, x, weight, None, {"bands": torch.zeros(1, 6, dtype=torch.float64)}
    )
    names, waiting = set(), [states.grad_fn]
    while waiting:
        node = waiting.pop()
        names.add(type(node).__name__)
        waiting += [following for following, _ in node.next_functions if following is not None]
    assert "SplitBackward0" in names
    assert not {"SliceBackward0", "SelectBackward0"} & names


@pytest.mark.parametrize("kernel", ["eager", "torch"])
def test_what_is_saved_shrinks(kernel):
    recurrence = recurrence_of("dense", scope="layer", time_steps=64, hidden=32, input=8, dtype="float32")
    segment = saved_bytes(replace(recurrence, recompute=8), kernel)
    # eight inputs of a segment (views of x) and seven states between them
    assert segment <= saved_bytes(recurrence, kernel) / 4


@pytest.mark.parametrize("scope", ["recurrence", "layer"])
def test_the_gradients_of_segments_are_added_in_float32(scope):
    # Ones, of which bfloat16 can count 256.
    T, ones = 300, {"dtype": torch.bfloat16, "requires_grad": True}
    recurrence = recurrence_of(
        "diagonal", activation="identity", scope=scope, dtype="bfloat16", input=1, hidden=1, recompute=1
    )
    kernel, bands, initial = (
        select(recurrence, "eager").kernel,
        torch.zeros(1, 1, **ones),
        State(torch.ones(1, 1, **ones)),
    )
    weight, bias, sequence = torch.ones(1, 1, **ones), torch.zeros(1, **ones), torch.ones(T, 1, 1, **ones)
    if scope == "layer":
        states, _ = kernel.layer(recurrence, sequence, weight, bias, {"bands": bands}, initial)
    else:
        states, _ = kernel.states(recurrence, sequence, {"bands": bands}, initial)
    states.sum().backward()
    assert bands.grad.item() == T
    assert scope == "recurrence" or (weight.grad.item(), bias.grad.item()) == (T, T)


def test_the_agreement_check_runs_several_segments(monkeypatch):
    lengths = []
    eager = load("eager")
    layer = type(eager).layer

    def counted(self, recurrence, x, *rest):
        lengths.append(len(x))
        return layer(self, recurrence, x, *rest)

    monkeypatch.setattr(type(eager), "layer", counted)
    recurrence = recurrence_of("dense", scope="layer", time_steps=500, recompute=100)
    assert agreement.check(select(recurrence, "eager").kernel, recurrence).ok
    assert sorted(set(lengths)) == [2, 5]


def test_a_state_can_be_given_and_is_returned():
    recurrence = recurrence_of("dense", cell="lstm", time_steps=5, recompute=2)
    z = torch.randn(5, 2, 24, dtype=torch.float64)
    weights = {"weight": torch.randn(4, 6, 6, dtype=torch.float64)}
    kernel = select(recurrence, "eager").kernel
    whole, last = kernel.states(recurrence, z, weights)
    _, between = kernel.states(recurrence, z[:3], weights)
    rest, end = kernel.states(recurrence, z[3:], weights, State(between.h, between.c))
    torch.testing.assert_close(whole[3:], rest)
    torch.testing.assert_close((last.h, last.c), (end.h, end.c))


@settings(max_examples=60)
@given(
    first=st.integers(0, 30),
    count=st.integers(0, 40),
    lengths=st.lists(st.one_of(st.none(), st.integers(1, 12)), max_size=3),
)
def test_pieces_cover_the_steps_and_lie_between_the_multiples(first, count, lengths):
    pieces = list(spans(first, first + count, *lengths))
    assert [step for begin, end in pieces for step in range(begin, end)] == list(range(first, first + count))
    for begin, end in pieces:
        assert begin < end
        for length in filter(None, lengths):
            assert begin // length == (end - 1) // length
    edges = {edge for length in filter(None, lengths) for edge in range(0, first + count + 1, length)}
    assert len(pieces) <= len({edge for edge in edges if first < edge < first + count}) + 1
