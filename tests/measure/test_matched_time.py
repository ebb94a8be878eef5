"""Matching an iteration of training: what is timed, what is found, and what is said of it. No stopwatch runs."""

import pytest

from rnnbench.measure import match
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.perform import perform
from tests.cases import ignore_progress, make_case

TRAINING = {"iterations": 10, "batch": 2, "replicas": 2, "optimizer": "adam(0.01)"}


@pytest.fixture
def seconds(monkeypatch):
    """Each iteration takes what a dense one of 16 units takes: 1 s, plus 25 ms a unit of a diagonal; all are run."""
    timed = []

    def taken(self, device):
        self.iterate()
        timed.append(self)
        hidden = self.parameters.hidden
        return 1.0 if self.parameters.connectivity.kind == "dense" else 0.025 * hidden

    monkeypatch.setattr(match.Trained, "seconds", taken)
    return timed


def case_of(**parameters):
    given = {"task": "binary_addition(4)", "hidden": 16, "connectivity": "diagonal", "match": "time", **parameters}
    return make_case({"training": TRAINING}, **given)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_first_launch_finds_the_size_and_times_it_anew(seconds, cell):
    observed = perform("match", case_of(cell=cell), ignore_progress)
    chosen = observed.figures["matched_hidden"]
    assert chosen.values == (40,)
    assert chosen.flags == ()
    assert chosen.details["by"] == "time"
    assert chosen.details["reference"] == f"dense {cell} with hidden 16"
    assert chosen.details["reference_hidden"] == 16
    assert chosen.details["probes"][0] == {"hidden": 16, "ratio": 0.4}
    assert observed.figures["match_ratio"].values == (1.0,) * match.ROUNDS
    assert observed.figures["iteration_time"].values == (1.0,) * match.ROUNDS
    assert observed.figures["reference_iteration_time"].values == (1.0,) * match.ROUNDS
    assert observed.agreement["max_error"] <= observed.agreement["tolerance"]
    own, base = seconds[-1], seconds[-2]
    assert (own.parameters.hidden, base.parameters.hidden) == (40, 16)
    assert base.parameters.cell == cell


def test_further_launches_time_the_size_that_was_found(seconds):
    observed = perform("match", case_of().scaled(42), ignore_progress)
    assert "matched_hidden" not in observed.figures
    assert observed.figures["match_ratio"].values == pytest.approx((1.05,) * match.ROUNDS)
    assert {one.parameters.hidden for one in seconds} == {16, 42}


def test_case_and_reference_take_turns_in_going_first(seconds):
    perform("match", case_of().scaled(40), ignore_progress)
    kinds = [one.parameters.connectivity.kind for one in seconds]
    assert kinds == ["dense", "banded", "banded", "dense"] * 2 + ["dense", "banded"]


def test_a_structure_without_a_near_size_is_flagged(seconds):
    chosen = perform("match", case_of(connectivity="block_diagonal(16)"), ignore_progress).figures["matched_hidden"]
    assert chosen.values == (48,)
    assert chosen.flags == ("no_near_match",)


def test_what_takes_far_longer_at_any_size_fails(seconds, monkeypatch):
    monkeypatch.setattr(match.Trained, "seconds", lambda self, device: 1.0 + 4 * (self.parameters.cell == "lstm"))
    with pytest.raises(CaseFailure, match=r"no hidden size takes about as long as dense rnn with hidden 16: .* 5\.00"):
        perform("match", case_of(cell="lstm", match="time(cell=rnn)"), ignore_progress)


def test_a_reference_starts_and_trains_without_what_only_a_diagonal_can(seconds):
    given = {"initialisation": "indrnn", "activation": "relu"}
    case = make_case(
        {"training": {**TRAINING, "constraint": "indrnn"}},
        task="adding(6)",
        hidden=16,
        connectivity="diagonal",
        match="time",
        **given,
    )
    assert perform("match", case, ignore_progress).figures["matched_hidden"].values == (40,)
