"""Dense sweeps in every way to multiply: what the reference gives, and the same bits when computed again."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement, blocks, dense_loop_sweep, dense_sweep, dispatch, sweep
from rnnbench.kernels.fused import Chosen, gemm
from rnnbench.kernels.step_product import has_onednn
from rnnbench.kernels.study import GemmKernel
from tests.kernels.test_fused import poison, threads  # noqa: F401 - fixtures
from tests.kernels.test_kernels import recurrence_of
from tests.kernels.test_replaying import outcome

ONEDNN = pytest.param("oneDNN", marks=pytest.mark.skipif(not has_onednn(), reason="torch has no oneDNN"))
WAYS = ["gemm", "columns", ONEDNN, "loops"]
CELLS = ["rnn", "lstm", "gru"]


class Way(GemmKernel):
    def __init__(self, way):
        self.way = way

    def choose(self, recurrence):
        return Chosen(gemm(recurrence, self.way), "")


def dense(**changes):
    return recurrence_of("dense", **{"hidden": 35, "dtype": "float32", "scope": "layer", **changes})


@pytest.mark.parametrize(
    ("cell", "activation"),
    [("rnn", "tanh"), ("rnn", "sigmoid"), ("rnn", "relu"), ("rnn", "identity"), ("lstm", "tanh"), ("gru", "tanh")],
)
@pytest.mark.parametrize("scope", ["recurrence", "layer"])
@pytest.mark.parametrize("way", ["columns", ONEDNN, "loops"])
def test_every_way_agrees_with_the_reference(way, cell, activation, scope):
    found = agreement.check(Way(way), dense(cell=cell, activation=activation, scope=scope, time_steps=6, hidden=17))
    assert found.ok, found


@settings(max_examples=60, deadline=None)
@given(
    cell=st.sampled_from(CELLS),
    dtype=st.sampled_from(["float32", "float64"]),
    T=st.integers(1, 9),
    B=st.sampled_from([1, 2, 5, 12, 13, 26]),
    H=st.sampled_from([1, 8, 15, 16, 31, 32, 33, 70]),
    replicas=st.sampled_from([None, 1, 3]),
    bias=st.booleans(),
)
def test_loops_over_odd_shapes_agree_with_the_reference(cell, dtype, T, B, H, replicas, bias):
    """More rows than a tile has included."""
    # The gradient of a single weight may be the small rest of large terms: its last bits are rounding.
    assume(H > 1 or dtype == "float64")
    recurrence = dense(cell=cell, dtype=dtype, time_steps=T, batch=B, hidden=H, replicas=replicas, bias=bias)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agreement, "BATCH", 26)
        found = agreement.check(Way("loops"), recurrence)
    assert found.ok, found


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("replicas", [None, 2])
def test_sums_of_many_inputs_are_taken_in_parts(cell, replicas):
    """More inputs than are multiplied at a time: H of them forward, one of every gate backward."""
    recurrence = dense(cell=cell, hidden=530, time_steps=3, batch=3, replicas=replicas)
    found = agreement.check(Way("loops"), recurrence)
    assert found.ok, found


@pytest.mark.parametrize("cell", CELLS)
def test_without_a_first_state_it_is_zero(cell):
    recurrence = dense(cell=cell, time_steps=4, hidden=20)
    tensors = agreement._random_tensors(recurrence, np.random.default_rng(0))
    x, weight, bias = (tensors[name].float() for name in ("x", "W", "b"))
    parameters = {
        name.partition(".")[2]: tensor.float() for name, tensor in tensors.items() if name.startswith("recurrent.")
    }
    given_ = x, weight, bias, parameters
    h, last = Way("loops").layer(recurrence, *given_)
    expected, expected_last = Way("gemm").layer(recurrence, *given_)
    torch.testing.assert_close(h, expected, rtol=1e-5, atol=1e-5)
    for part, expected_part in zip(last, expected_last, strict=True):
        if part is not None:
            torch.testing.assert_close(part, expected_part, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("every", [1, 7, 40])
def test_states_that_are_computed_again_give_the_same_bits(way, cell, every, monkeypatch):
    monkeypatch.setattr(dispatch, "load", lambda name: Way(way))
    monkeypatch.setattr(sweep, "CHUNK_ROWS", 20)
    monkeypatch.setattr(sweep, "CHUNK_NUMBERS", 0)
    recurrence = dense(cell=cell, time_steps=40)
    expected, got = outcome(recurrence, "auto"), outcome(replace(recurrence, recompute=every), "auto")
    for name, tensor in expected.items():
        assert torch.equal(got[name], tensor), name


@pytest.mark.parametrize("by_rows", [0, 1 << 30])
@pytest.mark.parametrize(("hidden", "batch"), [(35, 29), (70, 1)])
@pytest.mark.parametrize("cell", CELLS)
def test_loops_give_the_same_bits_however_many_threads_share_them(
    cell,
    hidden,
    batch,
    by_rows,
    threads,  # noqa: F811
    monkeypatch,
):
    """Threads with rows of their own; and with units of their own, which wait for each other after a step."""
    monkeypatch.setattr(dispatch, "load", lambda name: Way("loops"))
    monkeypatch.setattr(blocks, "ALONE_UP_TO", 0)
    monkeypatch.setattr(dense_loop_sweep, "BY_ROWS", by_rows)
    recurrence = dense(cell=cell, hidden=hidden, time_steps=9, batch=batch, replicas=3, scope="recurrence")
    found = []
    for count in (1, 2, 3):
        threads(count)
        found.append(outcome(recurrence, "auto"))
    # The gradients of U and h0 are products of torch, which may add in another order with other threads.
    for name in ("states", "last h", "gradient of z"):
        assert torch.equal(found[1][name], found[0][name]), name
        assert torch.equal(found[2][name], found[0][name]), name


@pytest.mark.parametrize("cell", CELLS)
def test_threads_that_wait_for_each_other_agree_with_the_reference(cell, threads, monkeypatch):  # noqa: F811
    """Four of them in two groups of rows, each of two parts of units."""
    monkeypatch.setattr(blocks, "ALONE_UP_TO", 0)
    monkeypatch.setattr(dense_loop_sweep, "BY_ROWS", 0)
    threads(4)
    pitch = gemm(dense(cell=cell, hidden=40, batch=6, time_steps=7), "loops").pitch  # as wide as vectors are here
    H = pitch + 8
    recurrence = dense(cell=cell, hidden=H, batch=6, time_steps=7)
    shares = gemm(recurrence, "loops").shares(7, (6, H))
    assert shares == [(0, 3, 0, pitch), (0, 3, pitch, H), (3, 6, 0, pitch), (3, 6, pitch, H)]
    found = agreement.check(Way("loops"), recurrence)
    assert found.ok, found


@pytest.mark.parametrize(("way", "module"), [("gemm", "dense_sweep"), ("loops", "dense_loop_sweep")])
def test_the_weights_are_packed_once_a_pass(way, module, monkeypatch):
    """Not once a piece: packing takes as long as several steps."""
    packed = []
    for place, name in ((dense_sweep, "pack"), (dense_loop_sweep, "pack_panels")):
        original = getattr(place, name)
        monkeypatch.setattr(place, name, lambda *given, original=original: packed.append(given) or original(*given))
    monkeypatch.setattr(dispatch, "load", lambda name: Way(way))
    monkeypatch.setattr(sweep, "CHUNK_ROWS", 20)
    monkeypatch.setattr(sweep, "CHUNK_NUMBERS", 0)
    outcome(dense(time_steps=60), "auto")
    assert len(packed) == 2  # forward and backward
    packed.clear()
    outcome(dense(time_steps=60, recompute=7), "auto")
    assert len(packed) == 3
