"""Measurement ``equivalence``: the same outputs in another basis, and not under tanh."""

import numpy as np
import pytest

from rnnbench.measure import equivalence
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.perform import perform
from rnnbench.models.real_form import real_form
from rnnbench.named_file import sha256
from rnnbench.suite.given_matrix import _load
from tests.cases import ignore_progress, make_case

TRAINING = {"iterations": 30, "batch": 4, "replicas": 1, "optimizer": "adam(lr=0.001)"}


@pytest.fixture(autouse=True)
def no_stopwatch(monkeypatch):
    """Times are not what is tested: a call counts its calls."""
    monkeypatch.setattr(equivalence, "time_slot", lambda call, clock: (call(), 1.0)[1])


def figures_of(settings=(), **parameters):
    given = {"activation": "identity", "hidden": 16, "time_steps": 300, "batch": 4, "input": 3, **parameters}
    given.setdefault("initialisation", "spectral_radius(0.98)")
    return perform("equivalence", make_case({"equivalence": dict(settings)}, **given), ignore_progress)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("hidden", [16, 64, 256])
def test_a_random_linear_recurrence_is_its_jordan_form_and_under_tanh_it_is_not(hidden, dtype, tolerance):
    observed = figures_of(hidden=hidden, dtype=dtype, batch=2)
    figures = observed.figures
    error = figures["equivalence_error"]
    assert error.values[0] <= tolerance
    assert error.flags == ()
    assert error.details["form"] == "jordan"
    assert error.details["spectral_radius"] == pytest.approx(0.98)
    assert figures["equivalence_error_tanh"].values[0] > 0.1
    assert figures["form_parameters"].values == (hidden,)
    assert hidden <= figures["form_nonzeros"].values[0] <= 2 * hidden
    assert figures["form_nonzeros"].details == {"dense": hidden**2}
    assert 1 <= figures["basis_condition"].values[0] < 1e6
    assert "tridiagonal: compiled loops over 3 taps" in observed.kernel["remark"]
    for scope in ("recurrence", "layer"):
        assert figures[f"form_speedup.{scope}"].values == (1.0,) * 5


def test_a_given_matrix_is_rewritten_as_it_is(tmp_path):
    """The cyclic shift of 8 units turns: its eigenvalues are the eighth roots of unity."""
    path = tmp_path / "shift.npy"
    np.save(path, np.roll(np.eye(8), 1, axis=0))
    weights = {"given": {"path": str(path), "sha256": sha256(path.read_bytes())}}
    figures = figures_of({"weights": weights}, hidden=8, dtype="float64", initialisation="fan_in").figures
    error = figures["equivalence_error"]
    assert error.values[0] <= 1e-12
    assert error.details["form"] == "jordan"
    assert error.details["spectral_radius"] == pytest.approx(1)
    assert figures["form_nonzeros"].values == (2 + 3 * 4,)
    # A pair's two columns share the length of one eigenvector.
    assert figures["basis_condition"].values[0] == pytest.approx(2**0.5)
    path.write_bytes(b"1\n")
    _load.cache_clear()
    with pytest.raises(CaseFailure, match="the matrix has changed"):
        figures_of({"weights": weights}, hidden=8, initialisation="fan_in")


def test_what_has_no_jordan_form_takes_schurs_and_says_so():
    """The eigenvectors of a band without symmetry come nearer to each other by a factor with every unit."""
    band = {"connectivity": "toeplitz(3,1)", "hidden": 64, "initialisation": "uniform(0.15,0.2)"}
    figures = figures_of(**band, dtype="float64").figures
    assert figures["equivalence_error_tanh"].values[0] > 0.1
    assert figures["basis_condition"].details["eigenvector_condition"] > 1e10
    assert figures["equivalence_error"].flags == ("schur_form",)
    assert figures["equivalence_error"].details["form"] == "schur"
    assert figures["equivalence_error"].values[0] <= 1e-12
    assert figures["basis_condition"].values[0] == pytest.approx(1)


def test_a_form_that_rounding_has_lost_is_flagged():
    """Eigenvectors that a looser limit lets through leave float32 no digits."""
    settings = {"largest_condition": 1e300}
    figures = figures_of(settings, connectivity="toeplitz(0,1)", initialisation="uniform(0.4,0.5)").figures
    assert "not_equivalent" in figures["equivalence_error"].flags


def test_a_trained_one_is_rewritten_after_training(monkeypatch):
    rewritten = []
    monkeypatch.setattr(
        equivalence, "real_form", lambda matrix, limit: rewritten.append(matrix) or real_form(matrix, limit)
    )
    given = {"task": "adding(10)", "input": None, "dtype": "float64", "initialisation": "fan_in"}
    for weights in ("initial", "trained"):
        figures = figures_of({"weights": weights, "training": TRAINING}, **given).figures
        assert figures["equivalence_error"].values[0] <= 1e-12
    assert not np.array_equal(*rewritten)
    assert np.abs(rewritten[0] - rewritten[1]).max() < 0.5


@pytest.mark.parametrize(
    ("settings", "parameters", "message"),
    [
        (
            {"weights": "trained", "training": {**TRAINING, "optimizer": "sgd(1000)"}},
            {"task": "adding(10)", "input": None},
            "the trained weights are not finite: use a smaller learning rate",
        ),
        ({}, {"initialisation": "spectral_radius(100)"}, "outputs of the dense layer are not finite at T = 300, its "),
    ],
)
def test_what_is_not_finite_is_not_compared(settings, parameters, message):
    with pytest.raises(CaseFailure, match=message):
        figures_of(settings, **parameters)


def test_other_structures_are_rewritten_through_their_dense_view():
    figures = figures_of(connectivity="tridiagonal", dtype="float64", bias=False).figures
    assert figures["equivalence_error"].values[0] <= 1e-12


def test_each_form_is_timed_first_in_turn(monkeypatch):
    order = []
    monkeypatch.setattr(equivalence, "time_slot", lambda call, clock: order.append(call()) or 2.0)
    figures = figures_of({"rounds": 3}).figures
    assert figures["form_speedup.layer"].values == (1.0, 1.0, 1.0)
    assert figures["form_speedup.layer"].details == {"dense_seconds": 2.0, "form_seconds": 2.0}
    assert len(order) == 12
