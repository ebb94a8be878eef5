"""Which limit ends the look back, said of documents whose three limits are known."""

import pytest

from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.findings import findings
from rnnbench.analysis.lookback import Length, length, lookback_findings
from rnnbench.results.figure import Figure
from tests.documents import case, document

CONNECTIVITY = {"axis": "connectivity", "baseline": "dense"}
TRAINING = {"iterations": 10}


def looked(name, memory, reach=None, learnt=None, *, flags=(), **parameters):
    """A case; ``reach`` None: no other limit than memory was asked for; infinite: none within 4,095 steps."""
    figures = {"max_length_memory": Figure("exact", (memory,), flags)}
    limits = ["memory"]
    if reach is not None:
        limits = ["gradient", "memory", "task"]
        never = {"never": "beyond_longest_lag", "longest_lag": 4095}
        figures["max_length_gradient"] = Figure("censored", (None if reach == float("inf") else reach,), (), never)
        figures["max_length_task"] = Figure("trials", (learnt,), (), {"trials": []})
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


def test_the_limit_that_binds_each_connectivity(results):
    binding, *_ = found(results)
    assert binding["text"] == (
        "The first limit to bind, in time steps, is what is learnt for dense with kernel torch (24), dense (24) and "
        "diagonal (96); the reach of gradients for none (0)."
    )
    assert binding["binding"]["none"] == "the reach of gradients"
    assert set(binding["binding"]) == {"dense/torch", "dense", "diagonal", "none"}


def test_how_far_sparsity_moves_each_limit(results):
    _, moved, _ = found(results)
    assert moved["text"] == (
        "Held against dense, sparse recurrence moves memory by 1.1x (diagonal) and by 1.2x (none); the reach of "
        "gradients by at least 102x (diagonal) and by 0.0x (none); what is learnt by 4.0x (diagonal) and "
        "by 0.0x (none)."
    )
    assert moved["moved"]["max_length_memory"] == {"diagonal": 1.1, "none": 1.2}
    assert moved["moved"]["max_length_gradient"] == {"diagonal": None, "none": 0.0}


def test_what_other_ways_of_running_the_same_step_move(results):
    *_, ways = found(results)
    assert ways["text"] == (
        "With the same gradients, what fits into memory is moved: kernel torch by 0.5x (dense); "
        "recompute stream by at least 30x (dense) and by 10x (diagonal); gradient rtrl beyond any bound (diagonal)."
    )
    assert ways["ways"]["recompute stream"] == {"dense": None, "diagonal": 10.0}


def test_they_stand_among_the_findings(results):
    texts = [finding["text"] for finding in findings(results.data)]
    assert texts[0].startswith("The first limit to bind")


def test_nothing_is_said_where_a_limit_was_not_measured():
    assert found(document([looked("dense", 1000.0), looked("diagonal", 2000.0)], CONNECTIVITY)) == []


def test_a_limit_that_nothing_reaches_from_the_start_has_no_ratio():
    cases = [looked("dense", 1000.0, 40.0, 0.0), looked("diagonal", 1000.0, 40.0, 12.0)]
    _, moved = found(document(cases, CONNECTIVITY))
    assert "what is learnt from 0 to 12 (diagonal)" in moved["text"]


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
