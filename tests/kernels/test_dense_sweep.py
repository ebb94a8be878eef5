"""Dense sweeps that multiply by oneDNN: what those by torch's GEMM give, and the same bits when computed again."""

from dataclasses import replace

import pytest
import torch

from rnnbench.kernels import agreement, dispatch, sweep
from rnnbench.kernels.fused import Chosen, gemm
from rnnbench.kernels.step_product import has_onednn
from rnnbench.kernels.study import GemmKernel
from tests.kernels.test_kernels import recurrence_of
from tests.kernels.test_replaying import outcome

pytestmark = pytest.mark.skipif(not has_onednn(), reason="torch has no oneDNN")


class OneDnnKernel(GemmKernel):
    name = "oneDNN"

    def choose(self, recurrence):
        return Chosen(gemm(recurrence, "oneDNN"), "")


def dense(**changes):
    return recurrence_of("dense", **{"hidden": 35, "dtype": "float32", "scope": "layer", **changes})


@pytest.mark.parametrize(
    ("cell", "activation"),
    [("rnn", "tanh"), ("rnn", "sigmoid"), ("rnn", "relu"), ("rnn", "identity"), ("lstm", "tanh"), ("gru", "tanh")],
)
@pytest.mark.parametrize("scope", ["recurrence", "layer"])
@pytest.mark.parametrize("T", [1, 6])
def test_it_agrees_with_the_reference(cell, activation, scope, T):
    found = agreement.check(
        OneDnnKernel(), dense(cell=cell, activation=activation, scope=scope, time_steps=T, hidden=17)
    )
    assert found.ok, found


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("every", [1, 7, 40])
def test_states_that_are_computed_again_give_the_same_bits(cell, every, monkeypatch):
    monkeypatch.setattr(dispatch, "load", lambda name: OneDnnKernel())
    monkeypatch.setattr(sweep, "CHUNK_ROWS", 20)
    monkeypatch.setattr(sweep, "CHUNK_NUMBERS", 0)
    recurrence = dense(cell=cell, time_steps=40)
    expected, got = outcome(recurrence, "auto"), outcome(replace(recurrence, recompute=every), "auto")
    for name, tensor in expected.items():
        assert torch.equal(got[name], tensor), name


def test_the_weights_are_packed_once_a_pass(monkeypatch):
    """Not once a piece: packing takes as long as several steps."""
    from rnnbench.kernels import dense_sweep

    packed = []
    original = dense_sweep.pack
    monkeypatch.setattr(dense_sweep, "pack", lambda *given: packed.append(given) or original(*given))
    monkeypatch.setattr(dispatch, "load", lambda name: OneDnnKernel())
    monkeypatch.setattr(sweep, "CHUNK_ROWS", 20)
    monkeypatch.setattr(sweep, "CHUNK_NUMBERS", 0)
    outcome(dense(time_steps=60), "auto")
    assert len(packed) == 2  # forward and backward
    packed.clear()
    outcome(dense(time_steps=60, recompute=7), "auto")
    assert len(packed) == 3
