"""The scan kernel: the same linear recurrence, composed in another order."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement
from rnnbench.kernels.dispatch import KernelUnavailable, load, select
from tests.kernels.test_kernels import random_parameters, recurrence_of


def linear(structure="diagonal", **changes):
    return recurrence_of(structure, **{"activation": "identity", **changes})


@settings(max_examples=60, deadline=None)
@given(
    T=st.integers(1, 12),
    B=st.integers(1, 4),
    H=st.integers(1, 9),
    replicas=st.sampled_from([None, 1, 3]),
    scope=st.sampled_from(["recurrence", "layer"]),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_states_and_gradients_are_those_of_the_reference(T, B, H, replicas, scope, dtype):
    found = agreement.check(
        load("scan"), linear(time_steps=T, batch=B, hidden=H, replicas=replicas, scope=scope, dtype=dtype)
    )
    assert found.ok, found


def test_gradcheck():
    recurrence = linear(time_steps=5, hidden=3)
    generator = np.random.default_rng(0)
    bands = random_parameters(recurrence, generator)["bands"]
    z = torch.from_numpy(generator.standard_normal((5, 2, 3))).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda z, bands: load("scan").states(recurrence, z, {"bands": bands})[0], (z, bands)
    )


def test_a_constant_input_sums_the_geometric_series():
    recurrence = linear(time_steps=1000, hidden=2, batch=1)
    u = torch.tensor([[0.5, -0.99]], dtype=torch.float64)
    states, last = load("scan").states(recurrence, torch.ones(1000, 1, 2, dtype=torch.float64), {"bands": u})
    expected = (1 - u**1000) / (1 - u)
    torch.testing.assert_close(last.h, expected, rtol=1e-12, atol=0)
    assert torch.equal(states[-1], last.h)


@pytest.mark.parametrize(
    ("recurrence", "reason"),
    [
        (linear(activation="tanh"), "a scan needs a linear recurrence: activation identity, not tanh"),
        (linear(cell="gru"), "a scan needs a linear recurrence: activation identity, not cell gru"),
        (linear("tridiagonal"), "a scan needs units that feed only themselves: diagonal, not tridiagonal"),
        (linear("dense"), "a scan needs units that feed only themselves: diagonal, not dense"),
    ],
)
def test_what_no_scan_can_do(recurrence, reason):
    with pytest.raises(KernelUnavailable, match=f"kernel 'scan' cannot serve this case .scan: {reason}"):
        select(recurrence, "scan")


def test_auto_leaves_it_to_those_who_ask_for_it():
    assert select(linear()).kernel.name == "fused"
    assert select(linear(), "scan").kernel.name == "scan"
