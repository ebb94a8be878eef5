"""The fused kernel: what the reference computes, with what is particular to compiled code on raw memory."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement, run_backward
from rnnbench.kernels.dispatch import load, select
from rnnbench.kernels.state import State
from tests.kernels.test_kernels import connectivity_of, random_parameters, recurrence_of

FUSED = load("fused")
BANDS = ["diagonal", "tridiagonal", "banded(2,0)", "banded(0,3)", "banded(1,2,true)", "none"]


@pytest.fixture(autouse=True)
def poison(monkeypatch):
    """Every buffer that is not written shows: fresh memory is NaN."""
    empty, empty_like, new_empty = torch.empty, torch.empty_like, torch.Tensor.new_empty

    def poisoned(tensor):
        return tensor.fill_(torch.nan if tensor.is_floating_point() else 255)

    monkeypatch.setattr(torch, "empty", lambda *args, **kwargs: poisoned(empty(*args, **kwargs)))
    monkeypatch.setattr(torch, "empty_like", lambda *args, **kwargs: poisoned(empty_like(*args, **kwargs)))
    monkeypatch.setattr(torch.Tensor, "new_empty", lambda *args, **kwargs: poisoned(new_empty(*args, **kwargs)))


@pytest.fixture
def threads():
    """Set torch's number of threads; put it back afterwards."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def gradients(recurrence, seed=0, dtype=torch.float32):
    """Return (states, gradients of z, bands, h0) for random data."""
    generator = torch.Generator().manual_seed(seed)
    replicas = () if recurrence.replicas is None else (recurrence.replicas,)
    T, B, H = recurrence.time_steps, recurrence.batch, recurrence.hidden
    z = torch.randn(T, *replicas, B, H, generator=generator, dtype=dtype).requires_grad_()
    initial = torch.randn(*replicas, B, H, generator=generator, dtype=dtype).requires_grad_()
    parameters = {
        name: (value.detach() * 0.3).to(dtype).requires_grad_()
        for name, value in random_parameters(recurrence, np.random.default_rng(seed)).items()
    }
    states, last = FUSED.states(recurrence, z, parameters, State(initial))
    weights = torch.randn(states.shape, generator=generator, dtype=dtype)
    loss = (states * weights).sum() + last.h.sum()
    return states.detach(), *torch.autograd.grad(loss, [z, *parameters.values(), initial])


KINDS = [
    ("diagonal", "tanh", "float32"),
    ("diagonal", "sigmoid", "float64"),
    ("tridiagonal", "tanh", "float64"),
    ("tridiagonal", "relu", "float32"),
    ("banded(2,0)", "sigmoid", "float32"),
    ("banded(0,3)", "identity", "float64"),
    ("banded(1,2,true)", "tanh", "float32"),
    ("banded(1,2,true)", "identity", "float64"),
    ("banded(17,3)", "relu", "float64"),
    ("banded(17,3)", "tanh", "float32"),
    ("banded(9,8,true)", "sigmoid", "float32"),
    ("none", "tanh", "float32"),
]
"""Each structure, activation and dtype, but not each of their combinations: every one is compiled on its own."""


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    T=st.integers(1, 9),
    B=st.integers(1, 4),
    H=st.sampled_from([1, 2, 3, 5, 8, 15, 16, 17, 33]),
    replicas=st.sampled_from([None, 1, 3]),
    scope=st.sampled_from(["recurrence", "layer"]),
    bias=st.booleans(),
)
def test_odd_shapes_agree_with_the_reference(kind, T, B, H, replicas, scope, bias):
    structure, activation, dtype = kind
    connectivity = connectivity_of(structure)
    around = connectivity.lower + connectivity.upper + 1 if "true" in structure else 1
    recurrence = recurrence_of(
        structure,
        activation=activation,
        time_steps=T,
        batch=B,
        hidden=max(H, around),
        replicas=replicas,
        scope=scope,
        dtype=dtype,
        bias=bias,
    )
    found = agreement.check(FUSED, recurrence)
    assert found.ok, found


@pytest.mark.parametrize("structure", BANDS)
@pytest.mark.parametrize("replicas", [None, 2])
def test_gradcheck(structure, replicas):
    recurrence = recurrence_of(structure, hidden=4, time_steps=3, replicas=replicas)
    leading = () if replicas is None else (replicas,)
    parameters = random_parameters(recurrence, np.random.default_rng(2))
    z = torch.randn(3, *leading, 2, 4, dtype=torch.float64, requires_grad=True)
    initial = torch.randn(*leading, 2, 4, dtype=torch.float64, requires_grad=True)
    inside = torch.ones(1)
    if structure != "none" and not recurrence.connectivity.circular:
        inside = torch.from_numpy((recurrence.connectivity.positions(4) >= 0).astype(float))

    def run(z, initial, *values):
        # Padding is not free: what it holds must not matter.
        given = {name: value * inside for name, value in zip(parameters, values, strict=True)}
        states, last = FUSED.states(recurrence, z, given, State(initial))
        return states, last.h

    if structure == "none":  # no weights to vary
        assert torch.autograd.gradcheck(lambda z, initial: run(z, initial, *parameters.values()), (z, initial))
        return
    assert torch.autograd.gradcheck(run, (z, initial, *parameters.values()), atol=1e-6)


def test_padding_gets_exactly_zero_gradient_even_from_infinite_states():
    recurrence = recurrence_of("tridiagonal", activation="identity", dtype="float32")
    parameters = {"bands": torch.zeros(3, 6, requires_grad=True)}
    z = torch.full((5, 2, 6), torch.inf)
    states, _ = FUSED.states(recurrence, z, parameters)
    (gradient,) = torch.autograd.grad(states, list(parameters.values()), torch.ones_like(states))
    assert gradient[0, 0] == 0
    assert gradient[2, -1] == 0


@pytest.mark.parametrize(("batch", "hidden"), [(1, 5000), (3, 2048), (5, 1024)])
@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "banded(2,1,true)"])
def test_one_and_two_threads_agree_and_each_repeats_itself_bit_by_bit(structure, batch, hidden, threads):
    recurrence = recurrence_of(structure, time_steps=80, batch=batch, hidden=hidden, dtype="float32")
    outcomes = {}
    for count in (1, 2, 3):
        threads(count)
        outcomes[count] = gradients(recurrence)
        for first, second in zip(outcomes[count], gradients(recurrence), strict=True):
            assert torch.equal(first, second)
    for count in (2, 3):
        states, by_z, by_bands, by_initial = outcomes[count]
        assert torch.equal(states, outcomes[1][0])
        assert torch.equal(by_z, outcomes[1][1])
        assert torch.equal(by_initial, outcomes[1][3])
        torch.testing.assert_close(by_bands, outcomes[1][2], rtol=1e-5, atol=1e-4)


def test_replicas_split_among_threads_keep_their_own_gradients(threads):
    recurrence = recurrence_of("tridiagonal", time_steps=40, batch=3, replicas=5, hidden=700, dtype="float32")
    threads(1)
    alone = gradients(recurrence)
    threads(4)
    for first, second in zip(alone, gradients(recurrence), strict=True):
        torch.testing.assert_close(first, second, rtol=1e-5, atol=1e-4)


def test_helper_threads_flush_denormals_as_the_caller_does(threads):
    threads(2)
    recurrence = recurrence_of("diagonal", activation="identity", time_steps=30, batch=2, hidden=5000, dtype="float32")
    z = torch.zeros(30, 2, 5000)
    start = State(torch.full((2, 5000), 1e-30))
    bands = {"bands": torch.full((1, 5000), 0.5)}  # the last state is 1e-39, a denormal
    for flush in (True, False):
        torch.set_flush_denormal(flush)
        try:
            states, _ = FUSED.states(recurrence, z, bands, start)
            assert bool((states[-1] == 0).all()) == flush
        finally:
            torch.set_flush_denormal(False)


def test_a_nan_reaches_as_far_as_the_band_does():
    recurrence = recurrence_of("tridiagonal", hidden=20, dtype="float32")
    z = torch.zeros(5, 2, 20)
    z[1, 0, 9], z[0, 1, 3] = torch.nan, torch.inf
    states, _ = FUSED.states(recurrence, z, {"bands": torch.ones(3, 20)})
    reached = torch.zeros(5, 2, 20, dtype=torch.bool)
    for t in range(1, 5):
        reached[t, 0, 9 - (t - 1) : 9 + t] = True
    assert torch.equal(states.isnan(), reached)
    assert states[0, 1, 3] == pytest.approx(1, rel=2e-7)


def test_a_sequence_can_be_run_in_pieces():
    recurrence = recurrence_of("tridiagonal")
    parameters = random_parameters(recurrence, np.random.default_rng(1))
    z = torch.randn(5, 2, 6, dtype=torch.float64)
    whole, last = FUSED.states(recurrence, z, parameters)
    first, state = FUSED.states(recurrence, z[:2], parameters)
    second, end = FUSED.states(recurrence, z[2:], parameters, state)
    torch.testing.assert_close(torch.cat((first, second)), whole, rtol=0, atol=0)
    torch.testing.assert_close(end.h, last.h, rtol=0, atol=0)


@pytest.mark.parametrize(("T", "B"), [(0, 2), (5, 0)])
@pytest.mark.parametrize("scope", ["recurrence", "layer"])
def test_nothing_in_nothing_out(T, B, scope):
    recurrence = recurrence_of("tridiagonal", scope=scope)
    parameters = random_parameters(recurrence, np.random.default_rng(1))
    initial = torch.randn(B, 6, dtype=torch.float64, requires_grad=True)
    sequence = torch.randn(T, B, 6 if scope == "recurrence" else 3, dtype=torch.float64, requires_grad=True)
    if scope == "recurrence":
        states, last = FUSED.states(recurrence, sequence, parameters, State(initial))
    else:
        weight = torch.randn(6, 3, dtype=torch.float64)
        states, last = FUSED.layer(recurrence, sequence, weight, None, parameters, State(initial))
    assert states.shape == (T, B, 6)
    assert torch.equal(last.h, initial)
    by_sequence, by_bands, by_initial = torch.autograd.grad(
        states.sum() + last.h.sum(), [sequence, parameters["bands"], initial]
    )
    assert by_sequence.shape == sequence.shape
    assert not by_bands.any()
    assert torch.equal(by_initial, torch.ones_like(initial))


def test_strided_inputs_and_gradients():
    recurrence = recurrence_of("tridiagonal", scope="layer", dtype="float64")
    parameters = random_parameters(recurrence, np.random.default_rng(1))
    x, weight = torch.randn(5, 3, 2, dtype=torch.float64).mT, torch.randn(3, 6, dtype=torch.float64).T
    upstream = torch.randn(6, 2, 5, dtype=torch.float64).permute(2, 1, 0)
    for kernel in (FUSED, load("reference")):
        states, _ = kernel.layer(recurrence, x, weight, None, parameters)
        (gradient,) = torch.autograd.grad(states, list(parameters.values()), upstream)
        if kernel is FUSED:
            expected = states, gradient
    torch.testing.assert_close(states, expected[0])
    torch.testing.assert_close(gradient, expected[1])


def test_neither_z_nor_the_given_gradient_is_overwritten():
    recurrence = recurrence_of("diagonal")
    parameters = random_parameters(recurrence, np.random.default_rng(1))
    z = torch.randn(5, 2, 6, dtype=torch.float64, requires_grad=True)
    upstream = torch.randn(5, 2, 6, dtype=torch.float64)
    before = z.detach().clone(), upstream.clone()
    states, _ = FUSED.states(recurrence, z, parameters)
    torch.autograd.grad(states, [z], upstream)
    assert torch.equal(z, before[0])
    assert torch.equal(upstream, before[1])


def test_a_second_derivative_is_refused():
    recurrence = recurrence_of("diagonal")
    parameters = random_parameters(recurrence, np.random.default_rng(1))
    z = torch.randn(5, 2, 6, dtype=torch.float64, requires_grad=True)
    states, _ = FUSED.states(recurrence, z, parameters)
    with pytest.raises(RuntimeError, match=r"no second derivative \(create_graph=True\): use kernel 'eager'"):
        torch.autograd.grad(states.sum(), [z], create_graph=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"z": torch.zeros(5, 2, 7, dtype=torch.float64)},
            r"z is torch.float64 \[5, 2, 7\] on cpu, expected .* \[T, B, 6\]",
        ),
        ({"z": torch.zeros(5, 2, 6)}, r"z is torch.float32 \[5, 2, 6\] on cpu, expected torch.float64"),
        ({"z": torch.zeros(5, 2, 6, dtype=torch.int64)}, "z is torch.int64"),
        ({"z": torch.zeros(5, 6, dtype=torch.float64)}, r"z is torch.float64 \[5, 6\]"),
        ({"bands": torch.zeros(2, 6, dtype=torch.float64)}, r"bands is torch.float64 \[2, 6\] .* expected .* \[3, 6\]"),
        ({"h0": torch.zeros(3, 6, dtype=torch.float64)}, r"initial.h is torch.float64 \[3, 6\] .* \[2, 6\]"),
        ({"z": torch.zeros(5, 2, 6, dtype=torch.float64, device="meta")}, "z is torch.float64 .* on meta, .* on cpu"),
    ],
)
def test_wrong_tensors_are_named(change, message):
    given = {
        "z": torch.zeros(5, 2, 6, dtype=torch.float64),
        "bands": torch.zeros(3, 6, dtype=torch.float64),
        "h0": torch.zeros(2, 6, dtype=torch.float64),
        **change,
    }
    with pytest.raises(ValueError, match=message):
        FUSED.states(recurrence_of("tridiagonal"), given["z"], {"bands": given["bands"]}, State(given["h0"]))


def test_what_a_layer_saves_is_x_w_and_h(monkeypatch):
    recurrence = recurrence_of("diagonal", scope="layer", time_steps=7)
    parameters = random_parameters(recurrence, np.random.default_rng(1))
    x = torch.randn(7, 2, 3, dtype=torch.float64)
    weight = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: saved.append(tensor.data_ptr()), lambda tensor: tensor
    ):
        states, _ = FUSED.layer(recurrence, x, weight, None, parameters)
    expected = [states, parameters["bands"], x, weight]
    assert sorted(saved) == sorted(tensor.data_ptr() for tensor in expected)


def test_one_number_for_all_states_is_not_written_out():
    h = torch.randn(9, 2, 5)
    whole = run_backward.readable(torch.tensor(2.0).expand(9, 2, 5), None, h, 0)
    assert torch.equal(whole, torch.full((9, 2, 5), 2.0))
    assert whole.untyped_storage().nbytes() == 5 * 4


def test_auto_takes_it_for_bands_and_says_why_not_for_others():
    assert select(recurrence_of("tridiagonal", scope="layer", replicas=3)).kernel is FUSED
    for change, reason in [
        ({"device": "mps"}, "compiled for the CPU and for CUDA, not for mps"),
    ]:
        assert FUSED.supports(replace(recurrence_of("diagonal"), **change)) == (False, reason)
