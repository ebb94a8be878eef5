"""The Triton kernels in pieces of time, interpreted on a CPU: the bits of all time steps at once."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnbench.kernels import triton_spans, triton_sweep
from rnnbench.kernels.sweep import Weights
from rnnbench.kernels.traces import Job
from rnnbench.kernels.triton_walk import Span, Sums
from tests.kernels import interpreted, test_replaying
from tests.kernels.test_kernels import recurrence_of
from tests.kernels.test_triton_gated import outcome
from tests.kernels.test_triton_sweep import OnTheCpu, gpu, interpreting, poisoned

__all__ = ["gpu", "interpreting", "poisoned"]  # fixtures

EACH = [
    *(("rnn", "tanh", structure) for structure in ("diagonal", "banded(1,2,true)", "banded(2,0)", "block_diagonal(3)")),
    ("rnn", "identity", "diagonal"),  # a scan
    ("rnn", "relu", "dense"),
    *((cell, "tanh", structure) for cell in ("lstm", "gru") for structure in ("diagonal", "ring", "block_diagonal(3)")),
]
"""(cell, activation, structure): one of every kernel, and of every kind of band."""
TILE = 4


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Have a few steps make several tiles, spans and chunks."""
    monkeypatch.setattr(interpreted.triton_scan, "STEPS", TILE)
    monkeypatch.setattr(interpreted.triton_scan.ScanWalk, "grain", TILE)
    monkeypatch.setattr(triton_spans, "NUMBERS", 1)
    monkeypatch.setattr(triton_spans, "FEWEST_STEPS", 2)
    monkeypatch.setattr(triton_sweep, "CHUNK_NUMBERS", 1)
    monkeypatch.setattr(triton_sweep, "CHUNK_FEWEST_STEPS", 1)
    monkeypatch.setattr(triton_sweep, "LINE_ROWS", 16)


def assert_same_bits(recurrence, *segments):
    expected = outcome(recurrence)
    for every in segments:
        got = outcome(replace(recurrence, recompute=every))
        for name, tensor in expected.items():
            assert torch.equal(got[name], tensor), (every, name)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(("cell", "activation", "structure"), EACH)
def test_states_computed_again_change_no_bit(cell, activation, structure, dtype):
    shape = {"hidden": 9, "time_steps": 7, "batch": 3}
    recurrence = recurrence_of(structure, cell=cell, activation=activation, dtype=dtype, scope="layer", **shape)
    assert_same_bits(recurrence, 3)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kernel=st.sampled_from(EACH),
    T=st.integers(1, 7),
    every=st.integers(1, 9),
    B=st.integers(1, 2),
    replicas=st.sampled_from([None, 1, 2]),
    scope=st.sampled_from(["recurrence", "layer"]),
    bias=st.booleans(),
    dtype=st.sampled_from(triton_sweep.STORED),
)
def test_nor_in_other_shapes(kernel, T, every, B, replicas, scope, bias, dtype):
    cell, activation, structure = kernel
    shape = {"time_steps": T, "batch": B, "hidden": 3, "replicas": replicas}
    recurrence = recurrence_of(
        structure, cell=cell, activation=activation, scope=scope, bias=bias, dtype=dtype, **shape
    )
    assert_same_bits(recurrence, every)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "dense"])
def test_nor_from_the_last_state_alone(cell, structure):
    recurrence = recurrence_of(structure, cell=cell, dtype="bfloat16", hidden=5, time_steps=7, bias=False)
    generator = torch.Generator().manual_seed(0)
    ((name, shape),) = recurrence.connectivity.parameter_shapes(5).items()
    gates = () if cell == "rnn" else (recurrence.gates,)
    drawn = [torch.randn(shape, generator=generator) for shape in ((7, 2, recurrence.gates * 5), (*gates, *shape))]
    found = []
    for every in (None, 1, 4):
        z, weights = (tensor.bfloat16().requires_grad_() for tensor in drawn)
        _, last = OnTheCpu().states(replace(recurrence, recompute=every), z, {name: weights})
        torch.autograd.backward([part.sum() for part in last if part is not None])
        found.append((z.grad, weights.grad))
    for others in found[1:]:
        assert all(torch.equal(got, expected) for got, expected in zip(others, found[0], strict=True))


@pytest.mark.parametrize(("cell", "activation", "structure"), EACH)
def test_a_piece_ends_in_the_state_that_it_carries_and_not_in_what_is_stored(cell, activation, structure):
    recurrence = recurrence_of(structure, cell=cell, activation=activation, hidden=9, dtype="bfloat16")
    sweep = triton_sweep.sweep_of(recurrence)
    stored = torch.full((recurrence.gates, 9 * 9), 0.1).bfloat16()
    ((_, shape),) = recurrence.connectivity.parameter_shapes(9).items()
    weights = Weights(stored.flatten()[: recurrence.gates * torch.Size(shape).numel()].view(-1, *shape).contiguous())
    if cell == "rnn":
        weights = Weights(weights.stored[0])
    job = Job(sweep, recurrence, weights, None, 3, (2, 9))
    trace = job.room(3, stored, 3)
    end = sweep.forward(torch.full((3, *job.gates_shape), 0.3).bfloat16(), trace, weights, None)
    for part, kept in zip(end, trace.state(cell, -1), strict=True):
        if part is not None:
            assert part.dtype == torch.float32
            assert torch.equal(part.bfloat16(), kept)
            assert not torch.equal(part, kept.float())


def test_segments_of_a_scan_are_whole_tiles():
    recurrence = recurrence_of("diagonal", activation="identity", dtype="float32", recompute=TILE + 1)
    job = Job(triton_sweep.sweep_of(recurrence), recurrence, Weights(torch.empty(0)), None, 100, (2, 6))
    assert job.every == 2 * TILE
    assert all(first % TILE == 0 for first, _ in job.cuts(0, 100))


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_without_recomputation_a_sequence_is_one_piece(cell):
    recurrence = recurrence_of("tridiagonal", cell=cell, dtype="float32")
    job = Job(triton_sweep.sweep_of(recurrence), recurrence, Weights(torch.empty(0)), None, 10**6, (2, 6))
    assert job.cuts(0, job.steps) == [(0, job.steps)]
    layer = replace(job, projected=True)
    assert len(layer.cuts(0, layer.steps)) <= 8


def test_what_is_held_of_z_and_its_gradient_is_bounded(monkeypatch):
    monkeypatch.undo()
    recurrence = recurrence_of("diagonal", dtype="float32", replicas=8, recompute=64)
    sweep = triton_sweep.sweep_of(recurrence)
    job = Job(sweep, recurrence, Weights(torch.empty(0)), None, 10**6, (8, 32, 512), projected=True)
    assert job.longest_piece == triton_sweep.CHUNK_NUMBERS // (8 * 32 * 512)
    assert sweep.chunk_steps(3, 2**20) == triton_sweep.LINE_ROWS


@pytest.mark.parametrize(("cell", "parts"), [("rnn", 1), ("lstm", 2), ("gru", 1)])
def test_a_layer_saves_a_state_of_every_segment_but_the_first(cell, parts, monkeypatch):
    monkeypatch.setattr(test_replaying, "select", lambda *_: SimpleNamespace(kernel=OnTheCpu()))
    recurrence = recurrence_of("diagonal", cell=cell, scope="layer", dtype="float32", time_steps=12, batch=2, hidden=6)
    weights = recurrence.gates * (6 + 6) + (6 if cell == "gru" else 0)  # U, b, and gru's b_n
    assert test_replaying.saved_bytes(replace(recurrence, recompute=4), "fused") == 4 * (2 * parts * 2 * 6 + weights)


def pieces_of(first, last, lengths):
    """Yield pieces, from the last in time to the first, of the lengths by turns."""
    turn = 0
    while last > first:
        begin = max(first, last - lengths[turn % len(lengths)])
        yield begin, last
        last, turn = begin, turn + 1


@settings(max_examples=40, deadline=None)
@given(steps=st.integers(1, 20), length=st.integers(1, 9), cuts=st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_spans_are_the_same_however_time_is_cut(steps, length, cuts):
    generator = torch.Generator().manual_seed(0)
    dz, h, gates = (torch.randn(steps, 1, 2, width, generator=generator) for width in (9, 3, 9))
    initial = torch.randn(1, 2, 3, generator=generator)
    seen = []

    def of_span(span):
        seen.append(tuple(tensor.clone() for tensor in span))
        return Sums(span.dz.sum(), span.gates.sum())

    spans = triton_spans.Spans(of_span, steps, length)
    for first, last in pieces_of(0, steps, cuts):
        before = h[first - 1] if first else initial
        spans.take(first, Span(dz[first:last].clone(), h[first:last].clone(), gates[first:last].clone(), before))
    begins = range(0, steps, length)
    assert len(seen) == len(begins)
    for begin, got in zip(reversed(begins), seen, strict=True):
        end = begin + length
        expected = dz[begin:end], h[begin:end], gates[begin:end], h[begin - 1] if begin else initial
        assert all(torch.equal(one, other) for one, other in zip(got, expected, strict=True))
    torch.testing.assert_close(spans.sums(), Sums(dz.sum(), gates.sum()))
