"""The Triton kernels of lstm and gru, interpreted on a CPU, against the float64 reference."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement, triton_gated_sweep, triton_sweep
from rnnbench.kernels.dispatch import load, select
from tests.kernels.test_kernels import recurrence_of
from tests.kernels.test_triton_sweep import OnTheCpu, asked, gpu, interpreting, poisoned

__all__ = ["gpu", "interpreting", "poisoned"]  # fixtures

GATED = ["lstm", "gru"]


def outcome(recurrence, seed=0):
    """Return states, last state and all gradients by name."""
    tensors = agreement._random_tensors(recurrence, np.random.default_rng(seed))
    dtype = getattr(torch, recurrence.dtype)
    return agreement._outcome(OnTheCpu(), recurrence, {name: tensor.to(dtype) for name, tensor in tensors.items()})


@pytest.mark.parametrize("cell", GATED)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    T=st.integers(1, 5),
    B=st.integers(1, 9),
    H=st.sampled_from([1, 4, 10, 70]),
    replicas=st.sampled_from([None, 1, 3]),
    scope=st.sampled_from(["recurrence", "layer"]),
    bias=st.booleans(),
    dtype=st.sampled_from(triton_sweep.STORED),
)
def test_states_and_every_gradient_are_those_of_the_reference(cell, T, B, H, replicas, scope, bias, dtype):
    recurrence = recurrence_of(
        "diagonal",
        cell=cell,
        time_steps=T,
        batch=B,
        hidden=H,
        replicas=replicas,
        scope=scope,
        bias=bias,
        dtype=dtype,
    )
    found = agreement.check(OnTheCpu(), recurrence)
    assert found.ok, found


@pytest.mark.parametrize("cell", GATED)
def test_one_step_of_one_row_of_one_unit(cell):
    found = agreement.check(
        OnTheCpu(), recurrence_of("diagonal", cell=cell, hidden=1, time_steps=1, batch=1, dtype="float32")
    )
    assert found.ok, found


@pytest.mark.parametrize("cell", GATED)
def test_the_same_inputs_give_the_same_bits(cell):
    recurrence = recurrence_of("diagonal", cell=cell, hidden=33, time_steps=4, dtype="float32")
    first, second = outcome(recurrence), outcome(recurrence)
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("cell", GATED)
def test_without_an_initial_state_it_is_zero_and_a_sum_can_be_differentiated(cell):
    recurrence = recurrence_of("diagonal", cell=cell, dtype="float32", bias=False)
    found = []
    for kernel in (OnTheCpu(), load("reference")):
        generator = torch.Generator().manual_seed(0)
        z = torch.randn(5, 2, recurrence.gates * 6, generator=generator).requires_grad_()
        bands = torch.randn(recurrence.gates, 1, 6, generator=generator).requires_grad_()
        states, _ = kernel.states(recurrence, z, {"bands": bands})
        found.append((states, *torch.autograd.grad(states.sum(), [z, bands])))
    for got, expected in zip(*found, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", GATED)
def test_nan_stays_in_its_chain_and_does_not_vanish(cell):
    recurrence = recurrence_of("diagonal", cell=cell, dtype="float32", bias=False)
    z = torch.zeros(5, 2, recurrence.gates * 6)
    z[1, 0, 2] = torch.nan
    states, _ = OnTheCpu().states(recurrence, z, {"bands": torch.ones(recurrence.gates, 1, 6)})
    reached = torch.zeros(5, 2, 6, dtype=torch.bool)
    reached[1:, 0, 2] = True
    assert torch.equal(states.isnan(), reached)


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("dtype", triton_sweep.STORED)
def test_fused_runs_them_on_cuda(gpu, cell, dtype):
    recurrence = asked("diagonal", cell=cell, dtype=dtype)
    assert select(recurrence).kernel.name == "fused"
    assert isinstance(load("fused").choose(recurrence).sweep, triton_gated_sweep.TritonGatedSweep)
    assert not load("fused").recomputes(recurrence)


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
