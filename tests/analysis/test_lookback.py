"""Which limit ends the look back, said of documents whose three limits are known."""

import pytest

from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.findings import findings
from rnnbench.analysis.length import Length, length
from rnnbench.analysis.lookback import binding, lookback_findings, solved_beside
from rnnbench.analysis.statistics import fisher_exact
from rnnbench.results.figure import Figure
from tests.documents import case, document

CONNECTIVITY = {"axis": "connectivity", "baseline": "dense"}
TRAINING = {"iterations": 10}


def looked(name, memory, reach=None, learnt=None, *, trained=None, solved=None, flags=(), **parameters):
    """A case; ``reach`` None: no other limit than memory was asked for; infinite: none within 4,095 steps.

    ``solved`` has how many of 20 seeds solve the task at lengths that were tried.
    """
    figures = {"max_length_memory": Figure("exact", (memory,), flags)}
    limits = ["memory"]
    if reach is not None:
        limits = ["gradient", "memory", "task"]
        never = {"never": "beyond_longest_lag", "longest_lag": 4095}
        figures["max_length_gradient"] = Figure("censored", (None if reach == float("inf") else reach,), (), never)
        details = {"updates": 600, "learnt_by": 0.5, "trials": [{"length": learnt, "solved": 3, "replicas": 5}]}
        if solved is not None:
            tried = [{"time_steps": steps, "solved": ones, "replicas": 20} for steps, ones in solved.items()]
            details["trials"] = tried
        figures["max_length_task"] = Figure("trials", (learnt,), (), details)
    if trained is not None:
        figures["max_length_gradient_trained"] = Figure("censored", (trained,), (), never)
    measure = {"max_length": {"limits": limits, "training": TRAINING}}
    return case(name, figures, measure=measure, task="adding(20)", **{"connectivity": name, **parameters})


@pytest.fixture
def results():
    return document(
        [
            looked("dense/torch", 500.0, 40.0, 24.0, connectivity="dense", kernel="torch"),
            looked("dense", 1000.0, 40.0, 24.0),
            looked("diagonal", 1100.0, float("inf"), 96.0),
            looked("none", 1200.0, 0.0, 0.0),
            looked("dense/stream", 30000.0, connectivity="dense", recompute="stream", flags=("longest_tried",)),
            looked("diagonal/stream", 11000.0, connectivity="diagonal", recompute="stream"),
            looked("diagonal/rtrl", None, connectivity="diagonal", gradient="rtrl", flags=("unbounded",)),
        ],
        CONNECTIVITY,
    )


def found(results):
    return lookback_findings(contrast_of(results.data), results.cases)


def test_what_each_learns_and_which_limit_binds_it(results):
    """The reach of dense at initialisation is longer than what it learns; torch learns what dense does."""
    learnt, *_ = found(results)
    assert learnt["text"] == (
        "In 600 updates, the task is learnt over 96 steps in diagonal, 24 in dense and 0 in none (by at least half of "
        "5 seeds; no intervals); the first limit to bind is what is learnt for diagonal and dense; the reach of "
        "gradients for none."
    )
    assert learnt["binding"] == {
        "dense": "what is learnt",
        "diagonal": "what is learnt",
        "none": "the reach of gradients",
    }
    assert learnt["learnt"] == {"diagonal": 96, "dense": 24, "none": 0}


def test_the_seeds_that_solve_each_length_are_figures_the_shortest_first():
    cases = [looked(name, 1.0, 40.0, 27.0, solved={40: 1, 27: 11}) for name in ("dense", "diagonal")]
    learnt, *_ = found(document(cases, CONNECTIVITY))
    assert list(learnt["solved"]["dense"].items()) == [("27", [11, 20]), ("40", [1, 20])]


def test_a_reach_at_initialisation_is_no_bound_on_what_is_learnt():
    cases = [
        looked("dense", 1000.0, 24.2, 27.0, trained=184.0),
        looked("diagonal", 1000.0, 160.0, 40.0, trained=120.0),
    ]
    learnt, reaches, _ = found(document(cases, CONNECTIVITY))
    assert learnt["text"].endswith(
        "; what is learnt is the first of the three limits to bind in each, gradients as they reach after training."
    )
    assert reaches["text"] == (
        "Gradients reach back 160 steps in diagonal and 24 in dense (no intervals) at initialisation, and 184 steps in "
        "dense and 120 in diagonal (no intervals) after training; dense learns 27 steps, more than its 24 at "
        "initialisation: the reach at initialisation is no bound, as training moves it."
    )
    assert reaches["reach"]["max_length_gradient_trained"] == {"dense": 184.0, "diagonal": 120.0}


@pytest.mark.parametrize(
    ("learnt", "trained", "first"),
    [(27.0, 184.0, "max_length_task"), (27.0, 20.0, "max_length_gradient"), (27.0, None, "max_length_task")],
)
def test_gradients_bind_as_far_as_they_reach_after_training(learnt, trained, first):
    assert binding(looked("dense", 1000.0, 24.2, learnt, trained=trained)) == first


def test_a_reach_that_was_not_exceeded_binds_where_there_is_none_after_training():
    assert binding(looked("dense", 1000.0, 10.0, 8.0)) == "max_length_task"
    assert binding(looked("dense", 1000.0, 8.0, 8.0)) == "max_length_gradient"


def test_a_reach_beyond_the_longest_lag_is_said_to_be(results):
    _, reaches, *_ = found(results)
    assert reaches["text"].startswith("Gradients reach back over 4,095 steps in diagonal, 40 in dense and 0 in none")
    assert reaches["reach"]["max_length_gradient"]["diagonal"] is None


def test_what_fits_into_memory_beside_the_baseline(results):
    *_, memory, _ = found(results)
    assert memory["text"] == "1,000 steps of dense fit into memory, and 1.10x to 1.20x as many of the others."
    assert memory["moved"]["max_length_memory"] == {"diagonal": 1.1, "none": 1.2}
    assert memory["moved"]["max_length_gradient"] == {"diagonal": None, "none": 0.0}


def test_what_other_ways_of_running_the_same_step_fit(results):
    *_, ways = found(results)
    assert ways["text"] == (
        "With the same gradients and within the same memory, kernel torch fits 0.50x as many steps (dense); recompute "
        "stream at least 30x (dense) and 10x (diagonal); gradient rtrl without bound (diagonal); "
        "what time each takes was not measured here."
    )
    assert ways["ways"]["recompute stream"] == {"dense": None, "diagonal": 10.0}


def test_they_stand_among_the_findings(results):
    texts = [finding["text"] for finding in findings(results.data)]
    assert texts[0].startswith("In 600 updates, the task is learnt over")


def test_nothing_is_said_where_a_limit_was_not_measured():
    assert found(document([looked("dense", 1000.0), looked("diagonal", 2000.0)], CONNECTIVITY)) == []


@pytest.mark.parametrize(
    ("limit", "text"),
    [(Length(1234, False), "1,234"), (Length(1234, True), "over 1,234"), (Length(float("inf"), True), "without end")],
)
def test_how_a_length_is_said(limit, text):
    assert str(limit) == text


def test_a_metric_without_a_figure_is_no_length():
    broken = looked("dense", 1000.0)
    broken["metrics"]["max_length_memory"].update(value=None, flags=["not_finite"])
    assert length(broken, "max_length_memory") is None
    assert length(broken, "max_length_task") is None


def test_what_is_learnt_is_tested_at_the_shortest_length_that_one_learns_and_the_other_does_not():
    longer = looked("diagonal", 1000.0, 40.0, 45.0, solved={20: 20, 40: 15, 45: 11, 80: 0})
    shorter = looked("dense", 1000.0, 40.0, 27.0, solved={20: 20, 40: 1, 45: 0, 27: 11})
    found = solved_beside(longer, shorter)
    assert (found.steps, found.first, found.second) == (40, 15, 1)
    assert found.p == fisher_exact(15, 20, 1, 20)


def test_without_a_length_that_both_tried_there_is_no_test():
    cases = looked("diagonal", 1000.0, 40.0, 45.0, solved={45: 11}), looked("dense", 1.0, 40.0, 27.0, solved={27: 11})
    assert solved_beside(*cases) is None
