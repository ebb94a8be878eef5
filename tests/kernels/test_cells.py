"""The cells lstm and gru: torch's modules with copied weights, and float64 autograd of the equations written out."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnbench.kernels import agreement
from rnnbench.kernels.dispatch import load
from rnnbench.kernels.recurrence import RECURRENT_BIAS
from rnnbench.kernels.recurrent_product import DENSE_UP_TO_GATED
from rnnbench.kernels.state import State
from tests.kernels.test_kernels import STRUCTURES, recurrence_of

GATED = ("lstm", "gru")
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def s(a):
    return 1 / (1 + torch.exp(-a))


def lstm_by_hand(z, matrices, b_n, h, c):
    """nn.LSTM's equations; z is one tensor for each gate, in the order i, f, g, o."""
    states = []
    for t in range(len(z[0])):
        i, f, g, o = (z_k[t] + torch.einsum("...ij,...bj->...bi", U, h) for z_k, U in zip(z, matrices, strict=True))
        c = s(f) * c + s(i) * torch.tanh(g)
        h = s(o) * torch.tanh(c)
        states.append(h)
    return torch.stack(states), c


def gru_by_hand(z, matrices, b_n, h, c):
    """nn.GRU's equations; the gates are reset, update, new."""
    states = []
    for t in range(len(z[0])):
        r, u, n = (torch.einsum("...ij,...bj->...bi", U, h) for U in matrices)
        r, u = s(z[0][t] + r), s(z[1][t] + u)
        n = torch.tanh(z[2][t] + r * (n + b_n.unsqueeze(-2)))
        h = n - u * n + u * h
        states.append(h)
    return torch.stack(states), torch.zeros(())


BY_HAND = {"lstm": lstm_by_hand, "gru": gru_by_hand}


def tensors_of(recurrence, seed=1):
    """z, the dense matrices of every gate with the structure's zeros, b_n, h0 and c0, all leaves in float64."""
    generator = np.random.default_rng(seed)
    leading = () if recurrence.replicas is None else (recurrence.replicas,)
    T, B, H, G = recurrence.time_steps, recurrence.batch, recurrence.hidden, recurrence.gates
    shapes = [(T, *leading, B, G * H), (*leading, G, H, H), (*leading, H), (*leading, B, H), (*leading, B, H)]
    z, matrices, b_n, h0, c0 = (torch.from_numpy(generator.standard_normal(shape)) for shape in shapes)
    free = recurrence.connectivity
    matrices = free.to_dense(free.from_dense(matrices), H)
    return tuple(tensor.requires_grad_() for tensor in (z, matrices, b_n, h0, c0))


@pytest.mark.parametrize("kernel", ["eager", "reference"])
@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("replicas", [None, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_states_and_every_gradient_are_those_of_the_equations(structure, cell, kernel, replicas, bias):
    recurrence = recurrence_of(structure, cell=cell, replicas=replicas, bias=bias)
    z, matrices, b_n, h0, c0 = tensors_of(recurrence)
    inside = b_n if recurrence.recurrent_bias else torch.zeros_like(b_n)
    expected, expected_c = BY_HAND[cell](z.chunk(recurrence.gates, -1), matrices.unbind(-3), inside, h0, c0)
    weights = torch.randn_like(expected)
    by = torch.autograd.grad(
        (expected * weights).sum() + (expected[-1] + 2 * expected_c).sum(),
        [z, matrices, b_n, h0, c0],
        allow_unused=True,
        materialize_grads=True,
    )

    stored = {
        name: part.detach().requires_grad_() for name, part in recurrence.connectivity.from_dense(matrices).items()
    }
    parameters = {**stored, RECURRENT_BIAS: b_n} if recurrence.recurrent_bias else stored
    states, last = load(kernel).states(recurrence, z, parameters, State(h0, c0 if cell == "lstm" else None))
    torch.testing.assert_close(states, expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(last.h, expected[-1], rtol=1e-12, atol=1e-12)
    last_c = torch.zeros(()) if last.c is None else last.c
    torch.testing.assert_close(last_c, expected_c, rtol=1e-12, atol=1e-12)
    got = torch.autograd.grad(
        (states * weights).sum() + (last.h + 2 * last_c).sum(),
        [z, b_n, h0, c0, *stored.values()],
        allow_unused=True,
        materialize_grads=True,
    )
    for gradient, right in zip(got[:4], (by[0], *by[2:]), strict=True):
        torch.testing.assert_close(gradient, right, rtol=1e-11, atol=1e-11)
    for gradient, right in zip(got[4:], recurrence.connectivity.from_dense(by[1]).values(), strict=True):
        torch.testing.assert_close(gradient, right, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("kernel", ["eager", "reference", "torch"])
@pytest.mark.parametrize("cell", ["rnn", *GATED])
@pytest.mark.parametrize("bias", [True, False])
def test_with_copied_weights_dense_is_torchs_module(cell, kernel, bias):
    recurrence = recurrence_of("dense", cell=cell, scope="layer", bias=bias)
    module = MODULES[cell](3, 6, bias=bias, dtype=torch.float64)
    G = recurrence.gates
    weight = module.weight_hh_l0.view(6, 6) if cell == "rnn" else module.weight_hh_l0.view(G, 6, 6)
    parameters, total = {"weight": weight}, None
    if bias:
        # The two biases are one, but for gru's gate n, where the second stands inside the product with r.
        total = module.bias_ih_l0 + module.bias_hh_l0
        if cell == "gru":
            total = torch.cat((total[:12], module.bias_ih_l0[12:]))
            parameters[RECURRENT_BIAS] = module.bias_hh_l0[12:]
    x, h0, c0 = (torch.randn(*shape, dtype=torch.float64) for shape in ((5, 2, 3), (2, 6), (2, 6)))
    states, last = load(kernel).layer(recurrence, x, module.weight_ih_l0, total, parameters, State(h0, c0))
    expected, end = module(x, (h0[None], c0[None]) if cell == "lstm" else h0[None])
    torch.testing.assert_close(states, expected)
    if cell == "lstm":
        torch.testing.assert_close(last.c, end[1][0])
    torch.testing.assert_close(last.h, expected[-1])


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize(
    "structure", ["dense", "diagonal", "tridiagonal", "banded(1,2,true)", "block_diagonal(2)", "none"]
)
def test_gradcheck(structure, cell):
    recurrence = recurrence_of(structure, cell=cell, hidden=4, time_steps=2, batch=1)
    z, matrices, b_n, h0, c0 = tensors_of(recurrence)

    def outcome(z, matrices, b_n, h0, c0):
        parameters = {**recurrence.connectivity.from_dense(matrices), RECURRENT_BIAS: b_n}
        states, last = load("eager").states(recurrence, z, parameters, State(h0, c0))
        return states if last.c is None else (states, last.c)

    assert torch.autograd.gradcheck(outcome, (z, matrices, b_n, h0, c0), atol=1e-6)


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "banded(2,1)", "banded(1,1,true)"])
@pytest.mark.parametrize("replicas", [None, 2])
def test_bands_by_taps_and_by_dense_view_are_both_exercised(structure, cell, replicas):
    for hidden in (DENSE_UP_TO_GATED, DENSE_UP_TO_GATED + 1):
        recurrence = recurrence_of(structure, cell=cell, hidden=hidden, replicas=replicas, time_steps=3)
        assert agreement.check(load("eager"), recurrence).ok


@pytest.mark.parametrize("cell", ["rnn", *GATED])
@pytest.mark.parametrize("structure", ["dense", "tridiagonal", "block_diagonal(3)", "none"])
@pytest.mark.parametrize("kernel", ["eager", "reference"])
def test_a_sequence_run_in_pieces_gives_the_same_states(structure, cell, kernel):
    recurrence = recurrence_of(structure, cell=cell, replicas=2)
    generator = np.random.default_rng(0)
    parameters = {
        name: torch.from_numpy(array)
        for name, array in agreement._recurrent_parameters(recurrence, (2,), generator).items()
    }
    z = torch.from_numpy(generator.standard_normal((5, 2, 2, recurrence.gates * 6)))
    whole, end = load(kernel).states(recurrence, z, parameters)
    state, pieces = None, []
    for piece in (z[:1], z[1:4], z[4:]):
        states, state = load(kernel).states(recurrence, piece, parameters, state)
        pieces.append(states)
    torch.testing.assert_close(torch.cat(pieces), whole, rtol=1e-13, atol=1e-14)
    for got, expected in zip(state, end, strict=True):
        assert (got is None) == (expected is None)
        if got is not None:
            torch.testing.assert_close(got, expected, rtol=1e-13, atol=1e-14)
    assert (end.c is not None) == (cell == "lstm")


class SwappedGates(type(load("eager"))):
    """A kernel that takes the first two gates for each other."""

    def states(self, recurrence, z, parameters, initial=None):
        order = [1, 0, *range(2, recurrence.gates)]
        z = z.unflatten(-1, (recurrence.gates, -1))[..., order, :].flatten(-2)
        swapped = {name: value if name == RECURRENT_BIAS else value[order, ...] for name, value in parameters.items()}
        return super().states(recurrence, z, swapped, initial)


class ForgottenBias(type(load("eager"))):
    """A kernel that leaves out the bias inside gru's reset product."""

    def states(self, recurrence, z, parameters, initial=None):
        return super().states(replace(recurrence, bias=False), z, parameters, initial)


class StaleCell(type(load("eager"))):
    """A kernel that returns the cell state from before the last step."""

    def states(self, recurrence, z, parameters, initial=None):
        states, last = super().states(recurrence, z, parameters, initial)
        _, before = super().states(recurrence, z[:-1], parameters, initial)
        return states, State(last.h, before.c)


@pytest.mark.parametrize(
    ("wrong", "cell"), [(SwappedGates, "lstm"), (SwappedGates, "gru"), (ForgottenBias, "gru"), (StaleCell, "lstm")]
)
@pytest.mark.parametrize("gradient", [True, False])
def test_the_agreement_check_finds_a_wrong_cell(wrong, cell, gradient):
    found = agreement.check(wrong(), recurrence_of("tridiagonal", cell=cell, gradient=gradient))
    assert found.max_error > 1000 * found.tolerance


def test_the_agreement_check_finds_a_gradient_that_does_not_reach_c0():
    class Detached(type(load("eager"))):
        def states(self, recurrence, z, parameters, initial=None):
            return super().states(recurrence, z, parameters, State(initial.h, initial.c.detach()))

    assert agreement.check(Detached(), recurrence_of("diagonal", cell="lstm")).worst == "gradient of c0"


@pytest.mark.parametrize("cell", GATED)
def test_infinite_and_nan_inputs_propagate_as_in_the_reference(cell):
    recurrence = recurrence_of("tridiagonal", cell=cell, bias=False)
    z, matrices, *_ = tensors_of(recurrence)
    z = z.detach().clone()
    z[1, 0, 2], z[2, 1, 4], z[2, 1, 9] = torch.nan, torch.inf, -torch.inf
    parameters = recurrence.connectivity.from_dense(matrices.detach())
    expected, _ = load("reference").states(recurrence, z, parameters)
    states, _ = load("eager").states(recurrence, z, parameters)
    assert states.isnan().any()
    torch.testing.assert_close(states, expected, equal_nan=True)
