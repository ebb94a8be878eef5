"""The Triton kernels of lstm and gru, interpreted on a CPU, against the float64 reference."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement, triton_spans, triton_sweep
from rnnbench.kernels.dispatch import load, select
from tests.kernels import interpreted
from tests.kernels.test_kernels import recurrence_of
from tests.kernels.test_triton_sweep import OnTheCpu, asked, gpu, interpreting, poisoned

__all__ = ["gpu", "interpreting", "poisoned"]  # fixtures

GATED = ["lstm", "gru"]
BANDS = ["diagonal", "tridiagonal", "banded(2,0)", "banded(0,3)", "banded(1,2,true)"]
STRUCTURES = [*BANDS, "block_diagonal(2)", "dense"]
EACH = ["diagonal", "tridiagonal", "block_diagonal(2)"]
"""One of every kernel."""


@pytest.fixture(autouse=True)
def unshortened(monkeypatch):
    """Have the agreement check take as many rows as are asked for."""
    monkeypatch.setattr(agreement, "BATCH", 99)


def assert_agrees(recurrence):
    found = agreement.check(OnTheCpu(), recurrence)
    assert found.ok, found


def outcome(recurrence, kernel=None, seed=0):
    """Return states, last state and all gradients by name."""
    tensors = agreement._random_tensors(recurrence, np.random.default_rng(seed))
    dtype = getattr(torch, recurrence.dtype)
    tensors = {name: tensor.to(dtype) for name, tensor in tensors.items()}
    return agreement._outcome(kernel or OnTheCpu(), recurrence, tensors)


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("structure", STRUCTURES)
def test_states_and_every_gradient_are_those_of_the_reference(cell, structure):
    assert_agrees(recurrence_of(structure, cell=cell, time_steps=4, replicas=2, dtype="float32"))


@settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cell=st.sampled_from(GATED),
    structure=st.sampled_from(STRUCTURES),
    T=st.integers(1, 4),
    B=st.integers(1, 4),
    H=st.sampled_from([4, 6, 10, 34]),
    replicas=st.sampled_from([None, 1, 3]),
    scope=st.sampled_from(["recurrence", "layer"]),
    bias=st.booleans(),
    dtype=st.sampled_from(triton_sweep.STORED),
)
def test_odd_shapes_agree_with_the_reference(cell, structure, T, B, H, replicas, scope, bias, dtype):
    shape = {"time_steps": T, "batch": B, "hidden": H, "replicas": replicas}
    assert_agrees(recurrence_of(structure, cell=cell, scope=scope, bias=bias, dtype=dtype, **shape))


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("structure", ["diagonal", "banded(3,1)", "dense"])
def test_one_step_of_one_row_of_one_unit(cell, structure):
    assert_agrees(recurrence_of(structure, cell=cell, hidden=1, time_steps=1, batch=1, dtype="float32"))


@pytest.mark.parametrize("cell", GATED)
def test_a_band_wider_than_the_row(cell):
    assert_agrees(recurrence_of("banded(6,4)", cell=cell, hidden=3, dtype="float32"))


@pytest.mark.parametrize("cell", GATED)
def test_a_circular_band_that_reaches_everything(cell):
    assert_agrees(recurrence_of("banded(2,3,true)", cell=cell, hidden=6, dtype="float32"))


@pytest.mark.parametrize("cell", GATED)
def test_a_band_whose_gradient_is_summed_in_several_chunks(cell, monkeypatch):
    monkeypatch.setattr(interpreted.triton_band_gradient, "ROWS", 4)
    assert_agrees(recurrence_of("tridiagonal", cell=cell, hidden=5, time_steps=3, batch=3, dtype="float32"))


@pytest.mark.parametrize("cell", GATED)
def test_blocks_whose_rows_take_two_programs_and_whose_gradient_is_summed_in_several_parts(cell, monkeypatch):
    monkeypatch.setattr(triton_spans, "FEWEST_STEPS", 2)
    monkeypatch.setattr(triton_spans, "NUMBERS", 1)
    shape = {"hidden": 6, "time_steps": 4, "batch": 17}
    assert_agrees(recurrence_of("block_diagonal(2)", cell=cell, dtype="float32", **shape))


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("structure", EACH)
def test_the_same_inputs_give_the_same_bits(cell, structure):
    recurrence = recurrence_of(structure, cell=cell, hidden=34, time_steps=4, dtype="float32")
    first, second = outcome(recurrence), outcome(recurrence)
    assert all(torch.equal(first[name], second[name]) for name in first)


def drawn(recurrence):
    """Return z and the recurrent parameters, of two rows of a model without bias."""
    generator = torch.Generator().manual_seed(0)
    G, H = recurrence.gates, recurrence.hidden
    parameters = recurrence.connectivity.from_dense(torch.randn(G, H, H, generator=generator))
    return torch.randn(recurrence.time_steps, 2, G * H, generator=generator), parameters


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("structure", EACH)
def test_without_an_initial_state_it_is_zero_and_a_sum_can_be_differentiated(cell, structure):
    recurrence = recurrence_of(structure, cell=cell, dtype="float32", bias=False)
    z, parameters = drawn(recurrence)
    leaves = [tensor.requires_grad_() for tensor in (z, *parameters.values())]
    found = []
    for kernel in (OnTheCpu(), load("reference")):
        states, _ = kernel.states(recurrence, z, parameters)
        found.append((states, *torch.autograd.grad(states.sum(), leaves)))
    for got, expected in zip(*found, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("structure", EACH)
def test_nan_reaches_whom_it_feeds_and_does_not_vanish(cell, structure):
    recurrence = recurrence_of(structure, cell=cell, dtype="float32", bias=False)
    z, parameters = drawn(recurrence)
    z[1, 0, 2] = torch.nan
    states, _ = OnTheCpu().states(recurrence, z, parameters)
    feeds = (recurrence.connectivity.to_dense(parameters, 6)[0] != 0).double()
    reached = torch.eye(6, dtype=torch.double)[2]
    assert not states[0].isnan().any()
    for h in states[1:, 0]:
        assert torch.equal(h.isnan(), reached > 0)
        reached = feeds @ reached
    assert not states[:, 1].isnan().any()


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("dtype", triton_sweep.STORED)
@pytest.mark.parametrize("structure", ["diagonal", "banded(8,8)", "ring", "block_diagonal(4)", "dense"])
def test_fused_runs_them_on_cuda(gpu, cell, dtype, structure):
    recurrence = asked(structure, cell=cell, dtype=dtype, hidden=64)
    assert select(recurrence).kernel.name == "fused"
    assert isinstance(load("fused").choose(recurrence).sweep, triton_sweep.TritonSweep)
    assert load("fused").recomputes(recurrence)


@pytest.mark.parametrize("cell", ["rnn", *GATED])
def test_a_large_dense_layer_is_left_to_torch_on_cuda_which_runs_cudnn(gpu, cell):
    selection = select(asked("dense", cell=cell, hidden=512, scope="layer"))
    assert selection.kernel.name == "torch"
    ((name, reason),) = selection.rejected
    assert name == "fused"
    assert reason.startswith("the Triton kernels ")


@pytest.mark.parametrize("cell", ["rnn", *GATED])
def test_a_large_dense_recurrence_alone_is_a_loop_on_cuda_and_says_why(gpu, cell):
    selection = select(asked("dense", cell=cell, hidden=512, scope="recurrence"))
    assert selection.kernel.name == "eager"
    assert dict(selection.rejected)["torch"].endswith("always computes W x: it has no scope 'recurrence'")
