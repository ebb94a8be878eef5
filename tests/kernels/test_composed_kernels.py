"""Kernels on matrices whose parameters are no entries of U: as bands, by factors, and by their dense view."""

import pytest
import torch

from rnnbench.connectivity import ComposedConnectivity
from rnnbench.connectivity.butterfly import Butterfly
from rnnbench.connectivity.circulant import Circulant
from rnnbench.connectivity.kronecker import Kronecker
from rnnbench.connectivity.monarch import Monarch
from rnnbench.kernels import agreement, recurrent_product
from rnnbench.kernels.dispatch import load, select
from tests.kernels.test_kernels import recurrence_of

COMPOSED = [
    "toeplitz(1,1)",
    "circulant",
    "low_rank(2)",
    "low_rank_plus_diagonal(2)",
    "companion",
    "kronecker",
    "monarch(4)",
    "butterfly",
    "orthogonal(3)",
    "jordan(3)",
    "hub(1)",
]


@pytest.fixture
def factors_everywhere(monkeypatch):
    """Let small matrices run by what they are made of."""
    monkeypatch.setattr(recurrent_product, "LEAST_SAVING", 0)
    for connectivity in (ComposedConnectivity, Butterfly, Circulant, Kronecker, Monarch):
        monkeypatch.setattr(connectivity, "multiplication_pays_above", 0)


@pytest.mark.parametrize("structure", COMPOSED)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("replicas", [None, 2])
@pytest.mark.parametrize("kernel", ["fused", "eager", "gemm"])
def test_states_and_every_gradient_are_those_of_the_dense_view(structure, cell, replicas, kernel):
    recurrence = recurrence_of(structure, cell=cell, replicas=replicas, hidden=8, scope="layer")
    found = agreement.check(load(kernel), recurrence)
    assert found.ok, found


@pytest.mark.parametrize("structure", COMPOSED)
@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("replicas", [None, 2])
def test_by_what_they_are_made_of_too(factors_everywhere, structure, cell, replicas):
    found = agreement.check(load("eager"), recurrence_of(structure, cell=cell, replicas=replicas, hidden=8))
    assert found.ok, found


@pytest.mark.parametrize("structure", COMPOSED)
def test_states_that_are_computed_again_have_the_same_gradients(structure):
    recurrence = recurrence_of(structure, hidden=8, recompute=2, scope="layer", cell="lstm")
    assert agreement.check(select(recurrence).kernel, recurrence).ok


@pytest.mark.parametrize(
    ("structure", "hidden", "name", "remark"),
    [
        ("toeplitz(1,1)", 512, "fused", "as tridiagonal: compiled loops over 3 taps"),
        ("jordan", 512, "fused", "as tridiagonal: compiled loops over 3 taps"),
        ("jordan(0)", 512, "fused", "as diagonal: compiled loops over 1 tap"),
        ("arrow", 512, "fused", "compiled loops over the free weights"),
        ("low_rank(4)", 16, "fused", "as dense: compiled loops over blocks"),
        ("low_rank(4)", 200, "fused", "as dense: "),
        ("low_rank(4)", 1024, "eager", "by what U is made of"),
        ("low_rank(400)", 1024, "fused", "as dense: "),
        ("companion", 64, "fused", "as first_row_and_shift: compiled loops over the free weights"),
        ("butterfly", 1024, "fused", "as dense: "),
        ("butterfly", 2048, "eager", "by what U is made of"),
        ("kronecker", 1024, "eager", "by what U is made of"),
        ("orthogonal", 1024, "fused", "as dense: "),
    ],
)
def test_the_kernel_that_saves_work_is_taken_and_says_how(structure, hidden, name, remark):
    said = select(recurrence_of(structure, hidden=hidden, scope="layer")).to_json()
    assert said["name"] == name
    assert said["remark"].startswith(remark)


@pytest.mark.parametrize(("name", "remark"), [("taps", "as tridiagonal"), ("gemm", "as tridiagonal")])
def test_kernels_for_study_say_as_what_they_run(name, remark):
    assert select(recurrence_of("jordan", hidden=8), name).remark == remark


@pytest.mark.parametrize("kernel", ["fused", "eager"])
def test_a_sequence_of_another_width_is_refused_before_it_is_reordered(kernel):
    recurrence = recurrence_of("permuted_band(1,1)", cell="gru")
    bands = torch.zeros(3, 3, 6, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"z is torch.float64 \[5, 2, 24\] on cpu, expected .* \[T, B, 18\]"):
        load(kernel).states(recurrence, torch.zeros(5, 2, 24, dtype=torch.float64), {"bands": bands})


def test_fused_says_what_a_dense_view_would_cost():
    support = load("fused").supports(recurrence_of("low_rank(4)", hidden=1024))
    assert support == (False, "runs low_rank(4) by its dense view, 128 times the operations")
    assert load("eager").remark(recurrence_of("low_rank(4)")) == "the dense view, one GEMM a step"
