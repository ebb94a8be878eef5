"""Every kernel against the float64 autograd of the dense view: states and every gradient."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from rnnbench.connectivity import ConnectivityField, Dense
from rnnbench.connectivity.entrywise import EntrywiseConnectivity
from rnnbench.kernels import agreement
from rnnbench.kernels.catalogue import KERNELS
from rnnbench.kernels.dispatch import load
from rnnbench.kernels.projection import project
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.recurrent_product import DENSE_UP_TO
from rnnbench.kernels.state import State

PYTHON_ACTIVATIONS = {
    "tanh": torch.tanh,
    "sigmoid": lambda a: 1 / (1 + torch.exp(-a)),
    "relu": lambda a: torch.where(a > 0, a, torch.zeros_like(a)),
    "identity": lambda a: a,
}
STRUCTURES = [
    "dense",
    "diagonal",
    "tridiagonal",
    "banded(2,0)",
    "banded(0,3)",
    "banded(1,2,true)",
    "permuted_band(1,1)",
    "permuted_band(1,1,circular=true)",
    "block_diagonal(2)",
    "random(5)",
    "random(density=0.4)",
    "small_world(2,0.5)",
    "upper_triangular",
    "none",
]


def connectivity_of(text):
    return TypeAdapter(ConnectivityField).validate_python(text)


def recurrence_of(text, **changes):
    base = Recurrence(
        cell="rnn",
        connectivity=connectivity_of(text),
        activation="tanh",
        input=3,
        hidden=6,
        bias=True,
        time_steps=5,
        batch=2,
        replicas=None,
        dtype="float64",
        device="cpu",
        scope="recurrence",
        gradient=True,
    )
    return replace(base, **changes)


def random_parameters(recurrence, generator):
    """Recurrent parameters with every free entry non-zero, padding zero."""
    leading = () if recurrence.replicas is None else (recurrence.replicas,)
    matrix = torch.from_numpy(generator.uniform(0.1, 0.9, (*leading, recurrence.hidden, recurrence.hidden)))
    return {name: value.requires_grad_() for name, value in recurrence.connectivity.from_dense(matrix).items()}


def by_hand(recurrence, z, matrix, initial):
    """The recurrence on a dense matrix, one unit at a time in the formula's own words."""
    f = PYTHON_ACTIVATIONS[recurrence.activation]
    h, states = initial, []
    for t in range(z.shape[0]):
        h = f(z[t] + torch.einsum("...ij,...bj->...bi", matrix, h))
        states.append(h)
    return torch.stack(states)


@pytest.mark.parametrize("kernel", ["fused", "eager", "reference"])
@pytest.mark.parametrize("activation", sorted(PYTHON_ACTIVATIONS))
@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("replicas", [None, 3])
def test_states_and_every_gradient_are_those_of_the_dense_view(structure, activation, kernel, replicas):
    recurrence = recurrence_of(structure, activation=activation, replicas=replicas)
    generator = np.random.default_rng(1)
    leading = () if replicas is None else (replicas,)
    parameters = random_parameters(recurrence, generator)
    z = torch.from_numpy(generator.standard_normal((5, *leading, 2, 6))).requires_grad_()
    initial = torch.from_numpy(generator.standard_normal((*leading, 2, 6))).requires_grad_()
    weights = torch.from_numpy(generator.standard_normal(z.shape))

    matrix = recurrence.connectivity.to_dense(parameters, 6).detach().requires_grad_()
    expected = by_hand(recurrence, z, matrix, initial)
    by_z, by_matrix, by_initial = torch.autograd.grad((expected * weights).sum(), [z, matrix, initial])

    states, last = load(kernel).states(recurrence, z, parameters, State(initial))
    torch.testing.assert_close(last.h, states[-1], rtol=0, atol=0)
    torch.testing.assert_close(states, expected, rtol=1e-12, atol=1e-12)
    got = torch.autograd.grad((states * weights).sum(), [z, initial, *parameters.values()], allow_unused=True)
    torch.testing.assert_close(got[0], by_z, rtol=1e-11, atol=1e-12)
    torch.testing.assert_close(
        torch.zeros_like(initial) if got[1] is None else got[1], by_initial, rtol=1e-11, atol=1e-12
    )
    for gradient, (name, expected_gradient) in zip(
        got[2:], recurrence.connectivity.from_dense(by_matrix).items(), strict=True
    ):
        gradient = torch.zeros_like(parameters[name]) if gradient is None else gradient
        torch.testing.assert_close(gradient, expected_gradient, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("kernel", ["fused", "eager"])
@pytest.mark.parametrize("structure", [name for name in STRUCTURES if name != "none"])
def test_gradcheck(structure, kernel):
    recurrence = recurrence_of(structure, hidden=4, time_steps=3)
    generator = np.random.default_rng(2)
    names = list(random_parameters(recurrence, generator))
    z = torch.from_numpy(generator.standard_normal((3, 2, 4))).requires_grad_()
    initial = torch.from_numpy(generator.standard_normal((2, 4))).requires_grad_()

    def states(z, initial, *values):
        # Padding is not free: the dense view is the function whose derivative is asked for.
        return load(kernel).states(recurrence, z, dict(zip(names, values, strict=True)), State(initial))[0]

    free = [value for value in random_parameters(recurrence, generator).values() if value.numel()]
    mask = (
        recurrence.connectivity.positions(4) >= 0
        if isinstance(recurrence.connectivity, EntrywiseConnectivity)
        else np.ones(1, bool)
    ).astype(float)
    if not mask.all():
        checked = lambda z, initial, bands: states(z, initial, bands * torch.from_numpy(mask))  # noqa: E731
    else:
        checked = states
    assert torch.autograd.gradcheck(checked, (z, initial, *free), atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(
    cell=st.sampled_from(["rnn", "lstm", "gru"]),
    structure=st.sampled_from(STRUCTURES),
    activation=st.sampled_from(sorted(PYTHON_ACTIVATIONS)),
    T=st.integers(1, 9),
    B=st.integers(1, 5),
    H=st.sampled_from([4, 6, 8, 10, 12]),
    replicas=st.sampled_from([None, 1, 2, 5]),
    scope=st.sampled_from(["recurrence", "layer"]),
    dtype=st.sampled_from(["float32", "float64"]),
    bias=st.booleans(),
)
def test_odd_shapes_agree_with_the_reference(cell, structure, activation, T, B, H, replicas, scope, dtype, bias):
    recurrence = recurrence_of(
        structure,
        cell=cell,
        activation=activation,
        time_steps=T,
        batch=B,
        hidden=H,
        replicas=replicas,
        scope=scope,
        dtype=dtype,
        bias=bias,
    )
    for kernel in (load("fused"), load("eager")):
        if kernel.supports(recurrence).ok:
            found = agreement.check(kernel, recurrence)
            assert found.ok, (kernel.name, found)


@pytest.mark.parametrize("structure", ["dense", "upper_triangular", "random(density=0.1)", "block_diagonal(2)"])
@pytest.mark.parametrize("scope", ["recurrence", "layer"])
@pytest.mark.parametrize("replicas", [None, 2])
def test_fused_agrees_where_the_matrix_is_too_large_for_compiled_loops(structure, scope, replicas):
    found = agreement.check(load("fused"), recurrence_of(structure, hidden=132, scope=scope, replicas=replicas))
    assert found.ok, found


@pytest.mark.parametrize("structure", ["tridiagonal", "banded(2,1)", "banded(1,1,true)"])
def test_bands_by_taps_and_by_dense_view_are_both_exercised(structure):
    small, large = recurrence_of(structure, hidden=DENSE_UP_TO), recurrence_of(structure, hidden=DENSE_UP_TO + 1)
    for recurrence in (small, large):
        for replicas in (None, 2):
            assert agreement.check(load("eager"), replace(recurrence, replicas=replicas)).ok


@pytest.mark.parametrize(("lower", "upper"), [(0, 5), (5, 0), (3, 3), (1, 4)])
def test_a_band_wider_than_the_matrix_is_the_whole_matrix_on_that_side(lower, upper):
    recurrence = recurrence_of(f"banded({lower},{upper})", hidden=3)
    assert agreement.check(load("eager"), recurrence).ok
    assert recurrence.connectivity.recurrent_parameters(3) == sum(
        -lower <= j - i <= upper for i in range(3) for j in range(3)
    )


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("bias", [True, False])
def test_the_torch_kernel_is_nn_rnn(activation, bias):
    recurrence = recurrence_of("dense", activation=activation, scope="layer", bias=bias)
    module = torch.nn.RNN(3, 6, nonlinearity=activation, bias=bias, dtype=torch.float64)
    x, initial = torch.randn(5, 2, 3, dtype=torch.float64), torch.randn(2, 6, dtype=torch.float64)
    if bias:
        torch.nn.init.zeros_(module.bias_hh_l0)
    states, _ = load("torch").layer(
        recurrence,
        x,
        module.weight_ih_l0,
        module.bias_ih_l0 if bias else None,
        {"weight": module.weight_hh_l0},
        State(initial),
    )
    torch.testing.assert_close(states, module(x, initial.unsqueeze(0))[0])
    assert agreement.check(load("torch"), recurrence).ok


def test_the_projection_of_replicas_is_each_replicas_own():
    x, weight, bias = torch.randn(4, 3, 2, 5), torch.randn(3, 7, 5), torch.randn(3, 7)
    together = project(x, weight, bias)
    for replica in range(3):
        torch.testing.assert_close(together[:, replica], project(x[:, replica], weight[replica], bias[replica]))
    torch.testing.assert_close(project(x, weight, None), together - bias[:, None, :])


class OneTapTooFar(type(load("eager"))):
    """A band kernel with an off-by-one error."""

    def states(self, recurrence, z, parameters, initial=None):
        shifted = {name: value.roll(1, -1) for name, value in parameters.items()}
        return super().states(recurrence, z, shifted, initial)


class Poisoned(type(load("eager"))):
    """A kernel that leaves one element unwritten."""

    def states(self, recurrence, z, parameters, initial=None):
        states, last = super().states(recurrence, z, parameters, initial)
        return torch.where(torch.arange(states.numel()).view(states.shape) == 3, torch.nan, states), last


@pytest.mark.parametrize("wrong", [OneTapTooFar, Poisoned])
@pytest.mark.parametrize("gradient", [True, False])
def test_the_agreement_check_finds_a_wrong_kernel(wrong, gradient):
    found = agreement.check(wrong(), recurrence_of("tridiagonal", gradient=gradient))
    assert not found.ok
    assert found.to_json()["max_error"] is None or found.max_error > 1000 * found.tolerance


class OffByASmallPart(type(load("eager"))):
    """A kernel whose states are off by a fifth of themselves: more than 16-bit storage explains."""

    def states(self, recurrence, z, parameters, initial=None):
        states, last = super().states(recurrence, z, parameters, initial)
        return states * 1.2, last


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "dense"])
def test_sixteen_bits_are_held_to_what_they_can_tell(structure, cell, dtype):
    for seed in range(5):
        recurrence = recurrence_of(structure, cell=cell, scope="layer", time_steps=12, batch=3, dtype=dtype)
        for kernel in ("eager", "reference"):
            found = agreement.check(load(kernel), recurrence, seed)
            assert found.ok, found
        if structure == "tridiagonal":
            assert not agreement.check(OneTapTooFar(), recurrence, seed).ok
        assert not agreement.check(OffByASmallPart(), recurrence, seed).ok


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("seed", range(5))
def test_either_derivative_of_relu_is_right_where_rounding_decides(dtype, seed):
    recurrence = recurrence_of("dense", activation="relu", hidden=64, scope="layer", time_steps=12, dtype=dtype)
    found = agreement.check(load("eager"), recurrence, seed)
    assert found.ok, found


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_agreement_check_finds_a_wrong_derivative_of_relu(dtype):
    class Leaky(type(load("eager"))):
        def states(self, recurrence, z, parameters, initial=None):
            states, last = super().states(recurrence, z, parameters, initial)
            return states + (z - z.detach()), last

    recurrence = recurrence_of("diagonal", activation="relu", dtype=dtype)
    found = agreement.check(Leaky(), recurrence)
    assert found.worst == "gradient of z"
    assert not found.ok


def test_the_agreement_check_finds_a_wrong_gradient():
    class Detached(type(load("eager"))):
        def states(self, recurrence, z, parameters, initial=None):
            frozen = {name: value.detach() for name, value in parameters.items()}
            return super().states(recurrence, z, frozen, initial)

    found = agreement.check(Detached(), recurrence_of("diagonal"))
    assert not found.ok
    assert found.worst == "gradient of recurrent.bands"


def test_infinite_and_nan_inputs_propagate_as_in_the_reference():
    recurrence = recurrence_of("tridiagonal")
    parameters = random_parameters(recurrence, np.random.default_rng(3))
    z = torch.randn(5, 2, 6, dtype=torch.float64)
    z[1, 0, 2], z[2, 1, 4] = torch.nan, torch.inf
    expected, _ = load("reference").states(recurrence, z, parameters)
    states, _ = load("eager").states(recurrence, z, parameters)
    torch.testing.assert_close(states.isfinite(), expected.isfinite())


def test_the_catalogue_names_every_kernel_once_and_truly():
    for entry in KERNELS:
        assert load(entry.name).name == entry.name
    assert len({entry.name for entry in KERNELS}) == len(KERNELS)
    assert isinstance(recurrence_of("dense").connectivity, Dense)
