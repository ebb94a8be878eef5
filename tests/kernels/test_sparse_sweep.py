"""The sparse sweep against the reference, over groups of rows that are full, part full and of one row."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement
from rnnbench.kernels.dispatch import load
from rnnbench.kernels.fused_autograd import states
from rnnbench.kernels.sparse_sweep import SPARSE_UP_TO, SparseSweep, pays
from rnnbench.kernels.state import State
from tests.kernels.test_kernels import connectivity_of, random_parameters, recurrence_of


def sweep_of(recurrence):
    return SparseSweep(recurrence.connectivity, recurrence.hidden, recurrence.activation, recurrence.dtype)


def outcomes(recurrence, run, seed=0):
    """Return (states, gradients of z, weights, h0) of ``run``."""
    generator = torch.Generator().manual_seed(seed)
    leading = () if recurrence.replicas is None else (recurrence.replicas,)
    T, B, H = recurrence.time_steps, recurrence.batch, recurrence.hidden
    dtype = getattr(torch, recurrence.dtype)
    z = torch.randn(T, *leading, B, H, generator=generator, dtype=dtype).requires_grad_()
    initial = torch.randn(*leading, B, H, generator=generator, dtype=dtype).requires_grad_()
    parameters = {
        name: (value.detach() * 0.5).to(dtype).requires_grad_()
        for name, value in random_parameters(recurrence, np.random.default_rng(seed)).items()
    }
    h, last = run(z, parameters, State(initial))
    weights = torch.randn(h.shape, generator=generator, dtype=dtype)
    return h.detach(), *torch.autograd.grad((h * weights).sum() + last.h.sum(), [z, *parameters.values(), initial])


@settings(max_examples=40, deadline=None)
@given(
    structure=st.sampled_from(["random(1)", "random(density=0.1)", "random(density=0.7)", "upper_triangular"]),
    kind=st.sampled_from([("tanh", "float64"), ("relu", "float64"), ("sigmoid", "float32"), ("identity", "float32")]),
    T=st.integers(1, 5),
    B=st.sampled_from([1, 2, 8, 9, 16, 17, 35]),
    H=st.sampled_from([1, 3, 8, 16, 19, 33]),
    replicas=st.sampled_from([None, 1, 3]),
)
def test_odd_shapes_agree_with_the_reference(structure, kind, T, B, H, replicas):
    activation, dtype = kind
    recurrence = recurrence_of(
        structure, activation=activation, dtype=dtype, time_steps=T, batch=B, hidden=H, replicas=replicas
    )
    sweep = sweep_of(recurrence)
    got = outcomes(recurrence, lambda *given: states(sweep, recurrence, *given))
    expected = outcomes(recurrence, lambda *given: load("reference").states(recurrence, *given))
    tolerance = 1e-10 if dtype == "float64" else 2e-4
    for one, other in zip(got, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


def test_gradcheck():
    recurrence = recurrence_of("random(7)", hidden=4, time_steps=3)
    (weights,) = random_parameters(recurrence, np.random.default_rng(1)).values()
    z = torch.randn(3, 2, 4, dtype=torch.float64, requires_grad=True)
    initial = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    sweep = sweep_of(recurrence)

    def run(z, initial, entries):
        h, last = states(sweep, recurrence, z, {"entries": entries}, State(initial))
        return h, last.h

    assert torch.autograd.gradcheck(run, (z, initial, weights))


@pytest.mark.parametrize("replicas", [None, 3])
def test_threads_agree_and_repeat_themselves_bit_by_bit(replicas):
    recurrence = recurrence_of(
        "random(density=0.05)", hidden=100, time_steps=70, batch=40, replicas=replicas, dtype="float32"
    )
    sweep = sweep_of(recurrence)
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 2, 3):
            torch.set_num_threads(threads)
            found.append(outcomes(recurrence, lambda *given: states(sweep, recurrence, *given)))
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        for one, same in zip(found[0], other, strict=True):
            assert torch.equal(one, same)


def test_it_is_taken_where_few_weights_are_free():
    assert pays(connectivity_of("random(density=0.05)"), 300)
    assert not pays(connectivity_of(f"random(density={2 * SPARSE_UP_TO})"), 300)
    assert not pays(connectivity_of("random(density=0.05)"), 2000)
    assert not pays(connectivity_of("upper_triangular"), 300)


def test_the_fused_kernel_takes_it_for_a_sparse_random_matrix(monkeypatch):
    taken = []
    forward = SparseSweep.forward
    monkeypatch.setattr(SparseSweep, "forward", lambda *given: taken.append(1) or forward(*given))
    for structure, sparse in [("random(density=0.05)", True), ("random(density=0.5)", False)]:
        taken.clear()
        recurrence = recurrence_of(structure, hidden=40, dtype="float32")
        assert agreement.check(load("fused"), recurrence).ok
        assert bool(taken) == sparse
