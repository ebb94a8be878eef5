"""lstm and gru in the fused kernel, and all that its sweeps give in pieces of time: the reference's figures, the same
bits."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement, blocks, sweep
from rnnbench.kernels.dispatch import load
from rnnbench.kernels.state import State
from tests.kernels.test_fused import poison, threads  # noqa: F401 - fixtures
from tests.kernels.test_kernels import recurrence_of
from tests.kernels.test_replaying import outcome, saved_bytes

FUSED = load("fused")
BANDS = ["diagonal", "tridiagonal", "banded(1,2,true)", "banded(4,0)", "none"]
OTHERS = ["dense", "block_diagonal(2)", "random(5)", "upper_triangular"]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@settings(max_examples=60, deadline=None)
@given(
    structure=st.sampled_from(BANDS + OTHERS),
    dtype=st.sampled_from(["float32", "float64"]),
    T=st.integers(1, 9),
    B=st.integers(1, 4),
    H=st.sampled_from([1, 2, 8, 15, 16, 17, 33]),
    replicas=st.sampled_from([None, 1, 3]),
    scope=st.sampled_from(["recurrence", "layer"]),
    bias=st.booleans(),
)
def test_odd_shapes_agree_with_the_reference(cell, structure, dtype, T, B, H, replicas, scope, bias):
    smallest = {"banded(1,2,true)": 4, "random(5)": 3, "block_diagonal(2)": 2}.get(structure, 1)
    hidden = max(H, smallest) + (max(H, smallest) % 2 if structure == "block_diagonal(2)" else 0)
    recurrence = recurrence_of(
        structure,
        cell=cell,
        dtype=dtype,
        time_steps=T,
        batch=B,
        hidden=hidden,
        replicas=replicas,
        scope=scope,
        bias=bias,
    )
    assert FUSED.supports(recurrence).ok
    found = agreement.check(FUSED, recurrence)
    assert found.ok, found


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("structure", ["diagonal", "banded(1,2,true)", "dense", "block_diagonal(2)"])
@pytest.mark.parametrize("replicas", [None, 2])
def test_gradcheck(cell, structure, replicas):
    recurrence = recurrence_of(structure, cell=cell, hidden=4, time_steps=3, replicas=replicas)
    tensors = agreement._random_tensors(recurrence, np.random.default_rng(3))
    names = [name for name in tensors if not name.startswith("loss")]

    def run(*values):
        given_ = dict(zip(names, values, strict=True))
        parameters = {name.partition(".")[2]: value for name, value in given_.items() if name.startswith("recurrent.")}
        states, last = FUSED.states(recurrence, given_["z"], parameters, State(given_["h0"], given_.get("c0")))
        return tuple(part for part in (states, *last) if part is not None)

    assert torch.autograd.gradcheck(run, [tensors[name].requires_grad_() for name in names], atol=1e-6)


PIECEWISE = [
    ("rnn", "diagonal", 33),
    ("rnn", "tridiagonal", 17),
    ("rnn", "banded(1,2,true)", 9),
    ("rnn", "banded(17,3)", 40),
    ("rnn", "none", 5),
    ("rnn", "dense", 7),
    ("rnn", "block_diagonal(2)", 66),
    ("rnn", "upper_triangular", 17),
    ("rnn", "random(density=0.5)", 10),
    ("rnn", "random(density=0.05)", 40),
    ("rnn", "dense", 131),
    ("lstm", "dense", 7),
    ("gru", "dense", 7),
    ("lstm", "diagonal", 19),
    ("gru", "diagonal", 19),
    ("lstm", "banded(1,2,true)", 9),
    ("gru", "tridiagonal", 9),
    ("rnn", "block_diagonal(2)", 2 * 130),
    ("lstm", "block_diagonal(3)", 3 * 18),
    ("gru", "block_diagonal(3)", 3 * 18),
]


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(PIECEWISE),
    T=st.integers(1, 40),
    every=st.integers(1, 42),
    chunk=st.integers(1, 24),
    replicas=st.sampled_from([None, 2]),
    scope=st.sampled_from(["recurrence", "layer"]),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_states_that_are_computed_again_give_the_same_bits(kind, T, every, chunk, replicas, scope, dtype):
    cell, structure, hidden = kind
    recurrence = recurrence_of(
        structure, cell=cell, hidden=hidden, time_steps=T, replicas=replicas, scope=scope, dtype=dtype
    )
    assert FUSED.recomputes(recurrence)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "CHUNK_ROWS", chunk * recurrence.batch)
        patch.setattr(sweep, "CHUNK_NUMBERS", 0)
        expected, got = outcome(recurrence, "fused"), outcome(replace(recurrence, recompute=every), "fused")
    for name, tensor in expected.items():
        assert torch.equal(got[name], tensor), name


@pytest.mark.parametrize(("cell", "structure", "hidden"), PIECEWISE)
@pytest.mark.parametrize(("T", "every"), [(1, 1), (1, 3), (40, 40), (40, 41), (40, 1), (300, 37)])
def test_the_bits_are_the_same_at_the_ends_and_over_many_steps(cell, structure, hidden, T, every):
    """Over more steps than are summed in float32: sums are cut where the whole sequence cuts them."""
    recurrence = recurrence_of(
        structure, cell=cell, hidden=hidden, time_steps=T, dtype="float32", scope="layer", replicas=2
    )
    expected, got = outcome(recurrence, "fused"), outcome(replace(recurrence, recompute=every), "fused")
    for name, tensor in expected.items():
        assert torch.equal(got[name], tensor), name


@pytest.mark.parametrize(("cell", "structure", "hidden"), PIECEWISE)
def test_the_bits_are_the_same_where_threads_share_the_work(cell, structure, hidden, threads, monkeypatch):  # noqa: F811
    monkeypatch.setattr(blocks, "ALONE_UP_TO", 0)
    threads(2)
    recurrence = recurrence_of(
        structure, cell=cell, hidden=hidden, time_steps=71, batch=19, dtype="float32", scope="layer", replicas=3
    )
    expected, got = outcome(recurrence, "fused"), outcome(replace(recurrence, recompute=10), "fused")
    for name, tensor in expected.items():
        assert torch.equal(got[name], tensor), name


EIGHT = [(first, min(first + 64, 500)) for first in range(0, 500, 64)]
"""500 steps in pieces of four chunks of 128 rows each, 8 rows a step."""


@pytest.mark.parametrize(
    ("structure", "hidden"), [kind[1:] for kind in PIECEWISE if kind[0] == "rnn" and kind[1:] != ("dense", 131)]
)
@pytest.mark.parametrize(
    ("scope", "forward", "backward"),
    [("recurrence", [(0, 500)], [(0, 499), (499, 500)]), ("layer", EIGHT, [*EIGHT[:-1], (448, 499), (499, 500)])],
)
def test_a_pass_that_keeps_everything_has_few_pieces(structure, hidden, scope, forward, backward, monkeypatch):
    """A piece is a call of compiled code: cell rnn's are so short that many would show.

    A layer has an eighth of the gradient of z at a time. Backward, the last state's own makes its step a piece.
    """
    recurrence = recurrence_of(structure, hidden=hidden, time_steps=500, batch=8, scope=scope)
    chosen = type(FUSED.choose(recurrence).sweep)
    begun = []
    sweep_forward, sweep_backward = chosen.forward, chosen.backward

    def watch_forward(self, z, trace, weights, start):
        begun.append(len(z))
        sweep_forward(self, z, trace, weights, start)

    def watch_backward(self, *given):
        made = sweep_backward(self, *given)
        piece = made.piece
        made.piece = lambda first, gradient, trace, before, dz: (
            begun.append((first, first + len(dz))) or piece(first, gradient, trace, before, dz)
        )
        return made

    monkeypatch.setattr(chosen, "forward", watch_forward)
    monkeypatch.setattr(chosen, "backward", watch_backward)
    monkeypatch.setattr(sweep, "CHUNK_ROWS", 128)
    monkeypatch.setattr(sweep, "CHUNK_NUMBERS", 0)
    outcome(recurrence, "fused")
    assert begun == [*(last - first for first, last in forward), *reversed(backward)]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "block_diagonal(7)", "block_diagonal(70)"])
def test_one_and_two_threads_agree_and_each_repeats_itself_bit_by_bit(cell, structure, threads):  # noqa: F811
    recurrence = recurrence_of(structure, cell=cell, time_steps=50, batch=5, hidden=700, dtype="float32")
    outcomes = {}
    for count in (1, 2):
        threads(count)
        outcomes[count] = outcome(recurrence, "fused")
        for name, tensor in outcome(recurrence, "fused").items():
            assert torch.equal(tensor, outcomes[count][name]), name
    for name, tensor in outcomes[1].items():
        torch.testing.assert_close(outcomes[2][name], tensor, rtol=1e-5, atol=1e-4, msg=name)


@pytest.mark.parametrize(("cell", "kept"), [("lstm", 4 + 1 + 1), ("gru", 3 + 1 + 1)])
def test_saved_are_gates_inner_values_and_states(cell, kept):
    recurrence = recurrence_of("diagonal", cell=cell, scope="layer", time_steps=64, hidden=32, input=8, dtype="float32")
    whole = 64 * 2 * 32 * 4
    assert kept * whole <= saved_bytes(recurrence, "fused") <= kept * whole + 10_000
    assert saved_bytes(replace(recurrence, recompute=8), "fused") <= whole


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_nan_reaches_as_far_as_the_band_does(cell):
    gates = {"lstm": 4, "gru": 3}[cell]
    recurrence = recurrence_of("tridiagonal", cell=cell, hidden=20, dtype="float32", bias=False)
    z = torch.zeros(4, 2, gates * 20)
    z[1, 0, 9] = torch.nan
    states, _ = FUSED.states(recurrence, z, {"bands": torch.ones(gates, 3, 20)})
    reached = torch.zeros(4, 2, 20, dtype=torch.bool)
    for t in range(1, 4):
        reached[t, 0, 9 - (t - 1) : 9 + t] = True
    assert torch.equal(states.isnan(), reached)


def test_without_steps_or_sequences_there_is_nothing_to_do():
    recurrence = recurrence_of("diagonal", cell="lstm", time_steps=0, batch=2)
    start = State(torch.ones(2, 6, dtype=torch.float64), torch.zeros(2, 6, dtype=torch.float64))
    bands = {"bands": torch.zeros(4, 1, 6, dtype=torch.float64)}
    states, last = FUSED.states(recurrence, torch.zeros(0, 2, 24, dtype=torch.float64), bands, start)
    assert states.shape == (0, 2, 6)
    assert torch.equal(last.h, start.h)
    states, last = FUSED.states(recurrence, torch.zeros(3, 0, 24, dtype=torch.float64), bands)
    assert states.shape == (3, 0, 6)


@pytest.mark.parametrize("structure", ["diagonal", "dense", "block_diagonal(7)"])
def test_the_last_state_may_be_summed(structure):
    """The gradient of a sum is one number for all: nothing that a compiled loop could read row by row."""
    recurrence = recurrence_of(structure, cell="lstm", time_steps=3, hidden=7)
    tensors = agreement._random_tensors(recurrence, np.random.default_rng(0))
    found = []
    for kernel in (FUSED, load("reference")):
        leaves = {
            name: tensor.clone().requires_grad_() for name, tensor in tensors.items() if not name.startswith("loss")
        }
        parameters = {name.partition(".")[2]: leaf for name, leaf in leaves.items() if name.startswith("recurrent.")}
        _, last = kernel.states(recurrence, leaves["z"], parameters, State(leaves["h0"], leaves["c0"]))
        torch.autograd.backward(last.h.sum() + last.c.sum())
        found.append({name: leaf.grad for name, leaf in leaves.items()})
    for name, gradient in found[1].items():
        torch.testing.assert_close(found[0][name], gradient, msg=name)
