"""The Triton kernels on numbers stored in 16 bits, interpreted on a CPU, against the float64 reference on the same."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement, triton_spans, triton_sweep
from tests.kernels.test_kernels import recurrence_of
from tests.kernels.test_triton_sweep import (
    ACTIVATIONS,
    STRUCTURES,
    OnTheCpu,
    asked,
    by_reference,
    by_triton,
    gpu,
    in_place,
    interpreting,
    poisoned,
    tensors_of,
)

# The interpreter is made of NumPy, which tells of overflow also where nothing is stored: beyond a scan's last step.
pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")

__all__ = ["gpu", "interpreting", "poisoned"]  # fixtures

HALVES = ["bfloat16", "float16"]
ROUNDING = 0.5
"""Epsilons by which a number changes where it is stored."""
DERIVATIVES = {
    "tanh": lambda h: 1 - h * h,
    "sigmoid": lambda h: h * (1 - h),
    "relu": lambda h: (h > 0).double(),
    "identity": torch.ones_like,
}
"""f' in terms of h = f(a)."""
GRADIENT_EPSILONS = 4
"""What the reference, which has the states in full, makes of a gradient: it is stored once, and 1 - h^2 of a stored
state is off by up to two roundings of h in every step that it goes back through. Relative to the largest magnitude, or
to 1 if that is more: all of it may be saturated."""


def assert_rounded_once(got, expected, dtype):
    """Each number by itself is what float32 arithmetic gives, stored."""
    limits = torch.finfo(getattr(torch, dtype))
    exactly = 64 * torch.finfo(torch.float32).eps * expected.abs().max() + limits.smallest_normal * limits.eps
    allowed = ROUNDING * limits.eps * expected.abs() + exactly
    off = (got.double() - expected).abs()
    assert (off <= allowed).all(), (off / allowed).max()


def at_stored_states(recurrence, states, parameters, gradient):
    """Return the gradients of z and h0 in float64, with f' at the states as they were stored."""
    parameters = {name: values.double() for name, values in parameters.items()}
    U = recurrence.connectivity.to_dense(parameters, recurrence.hidden)
    carry, by_z = torch.zeros_like(states[0], dtype=torch.float64), []
    for h, by_state in zip(states.double().flip(0), gradient.double().flip(0), strict=True):
        by_z.append((by_state + carry) * DERIVATIVES[recurrence.activation](h))
        carry = by_z[-1] @ U
    return torch.stack(by_z[::-1]), carry


def assert_right(recurrence, seed=0):
    """States and gradients are carried in float32 and round where they are stored; all are those of the reference."""
    z, parameters, initial, gradient = tensors_of(recurrence, seed)
    got = by_triton(recurrence, z, parameters, initial, gradient)
    expected = by_reference(recurrence, z, parameters, initial, gradient)
    assert_rounded_once(got["states"], expected["states"], recurrence.dtype)
    by_z, by_initial = at_stored_states(recurrence, got["states"], parameters, gradient)
    assert_rounded_once(got["z"], by_z, recurrence.dtype)
    assert_rounded_once(got["h0"], by_initial, recurrence.dtype)
    limit = GRADIENT_EPSILONS * torch.finfo(getattr(torch, recurrence.dtype)).eps
    for name, each in expected.items():
        assert got[name].dtype == getattr(torch, recurrence.dtype)
        assert (got[name] - each).abs().max() < limit * each.abs().max().clamp(min=1), name


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("structure", STRUCTURES)
def test_states_and_every_gradient_are_those_of_the_reference(structure, activation, dtype):
    assert_right(recurrence_of(structure, activation=activation, time_steps=7, dtype=dtype, replicas=2))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    structure=st.sampled_from(STRUCTURES),
    activation=st.sampled_from(ACTIVATIONS),
    T=st.integers(1, 5),
    B=st.integers(1, 18),
    H=st.sampled_from([4, 6, 10, 34]),
    replicas=st.sampled_from([None, 1, 3]),
    dtype=st.sampled_from(HALVES),
    seed=st.integers(0, 99),
)
def test_odd_shapes_agree_with_the_reference(structure, activation, T, B, H, replicas, dtype, seed):
    recurrence = recurrence_of(
        structure, activation=activation, time_steps=T, batch=B, hidden=H, replicas=replicas, dtype=dtype
    )
    assert_right(recurrence, seed)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("structure", ["diagonal", "banded(3,1)", "dense"])
def test_one_step_of_one_row_of_one_unit(structure, dtype):
    assert_right(recurrence_of(structure, hidden=1, time_steps=1, batch=1, dtype=dtype))


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize(
    ("structure", "activation"),
    [("diagonal", "sigmoid"), ("diagonal", "identity"), ("tridiagonal", "tanh"), ("dense", "tanh")],
)
def test_sweeping_in_place_from_no_initial_state_is_the_same(structure, activation, dtype):
    recurrence = recurrence_of(structure, activation=activation, replicas=2, dtype=dtype)
    z, parameters, initial, gradient = tensors_of(recurrence)
    expected = by_triton(recurrence, z, parameters, torch.zeros_like(initial), gradient)
    ((name, stored),) = parameters.items()
    got = in_place(recurrence, z, stored, gradient)
    for each in expected:
        assert torch.equal(got["stored" if each == name else each], expected[each])


@pytest.mark.parametrize(
    ("structure", "activation"),
    [
        ("diagonal", "identity"),  # a scan
        ("diagonal", "relu"),
        ("tridiagonal", "relu"),
        ("block_diagonal(2)", "relu"),
        ("dense", "relu"),
    ],
)
def test_the_gradient_of_a_weight_is_summed_in_float32(structure, activation, monkeypatch):
    T, B, H = 70, 4, 4
    monkeypatch.setattr(triton_spans, "NUMBERS", 8 * B * H)  # eight steps at a time
    monkeypatch.setattr(triton_spans, "FEWEST_STEPS", 1)
    recurrence = recurrence_of(structure, activation=activation, time_steps=T, batch=B, hidden=H, dtype="bfloat16")
    ones = torch.ones(T, B, H, dtype=torch.bfloat16)
    ((name, weights),) = tensors_of(recurrence)[1].items()
    got = by_triton(recurrence, ones, {name: torch.zeros_like(weights)}, ones[0], ones)[name]
    inside = recurrence.connectivity.from_dense(torch.ones(H, H))[name] != 0
    assert (got[inside] == T * B).all(), "bfloat16 counts to 256"


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("scope", ["layer", "recurrence"])
@pytest.mark.parametrize("structure", ["diagonal", "banded(1,2,true)", "block_diagonal(2)", "dense"])
def test_the_agreement_check_lets_them_pass(structure, scope, dtype):
    found = agreement.check(OnTheCpu(), recurrence_of(structure, scope=scope, replicas=2, dtype=dtype))
    assert found.ok, found


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "block_diagonal(8)", "dense"])
def test_served(gpu, structure, dtype):
    assert triton_sweep.supports(asked(structure, dtype=dtype, hidden=128)) == (True, "")
