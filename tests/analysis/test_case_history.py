"""Cases over time: series by machine, metric and case, and their steps."""

import pytest

from rnnbench.analysis.align import Document
from rnnbench.analysis.history import history
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.metrics import METRICS
from tests.documents import session

TIME = "training_time.layer"
LABELS = ["dense", "tridiagonal"]


def runs(count, slower_from=None, fingerprint="8c0ffee8", first=0, **slower):
    made = []
    for number in range(first, first + count):
        factors = slower if slower_from is not None and number >= slower_from else {}
        results = session(number, LABELS, slower=factors)
        results.machine["fingerprint"] = fingerprint
        made.append(Document(f"{number}.json", results))
    return made


def shown(documents, *metrics, select=None):
    return history(documents, metrics, select)


def test_a_series_has_a_point_per_session_by_time_whatever_the_order_of_files():
    (machine,) = shown(reversed(runs(5)))
    assert [one.run for one in machine.sessions] == [f"session-{number}" for number in range(5)]
    assert [(one.metric, one.name) for one in machine.series] == [
        ("forward_time.layer", "dense"),
        ("forward_time.layer", "tridiagonal"),
        (TIME, "dense"),
        (TIME, "tridiagonal"),
    ]
    expected = [session(number, LABELS).cases[1]["metrics"][TIME] for number in range(5)]
    points = machine.series[3].points
    assert [point.session for point in points] == list(range(5))
    assert [point.value for point in points] == [record["value"] for record in expected]
    assert points[0].interval == tuple(expected[0]["ci95"])


def test_a_step_says_when_how_much_and_how_sure():
    (machine,) = shown(runs(20, slower_from=12, tridiagonal=1.12), TIME)
    steps = {series.name: series.steps for series in machine.series}
    assert steps["dense"] == ()
    (step,) = steps["tridiagonal"]
    assert step.point == 12
    assert step.ratio == pytest.approx(1.12, abs=0.02)
    assert step.p <= 0.01


def test_machines_are_apart_and_one_that_is_not_known_has_no_steps():
    documents = [
        *runs(12, fingerprint="a" * 8, slower_from=6, dense=1.5),
        *runs(14, fingerprint=None, first=12, slower_from=18, dense=1.5),
    ]
    unknown, known = shown(documents, TIME)
    assert (unknown.fingerprint, len(unknown.sessions)) == (None, 14)
    assert all(series.steps == () for series in unknown.series)
    assert (known.fingerprint, [len(series.steps) for series in known.series]) == ("a" * 8, [1, 0])


def test_every_change_of_a_figure_without_noise_is_a_step():
    documents = runs(4)
    for number, document in enumerate(documents):
        document.results.cases[0]["metrics"]["total_parameters"]["value"] = 304 if number < 2 else 300
    (machine,) = shown(documents, "total_parameters")
    assert [(step.point, step.before, step.after, step.p) for step in machine.series[0].steps] == [(2, 304, 300, None)]
    assert machine.series[1].steps == ()


def test_a_case_that_a_session_lacks_has_a_gap():
    documents = runs(4)
    del documents[1].results.cases[0]
    documents[2].results.cases[0]["metrics"][TIME]["value"] = None
    (machine,) = shown(documents, TIME)
    assert [point.session for point in machine.series[0].points] == [0, 3]


def test_metrics_and_cases_are_chosen_as_elsewhere():
    (machine,) = shown(runs(2), "peak_memory", "training_time", select="tri")
    assert {(series.name, series.metric) for series in machine.series} == {
        ("tridiagonal", "peak_memory"),
        ("tridiagonal", TIME),
    }
    with pytest.raises(RnnbenchError, match="did you mean 'training_time"):
        shown(runs(2), "training_tim")
    with pytest.raises(RnnbenchError, match="selects none of the 2 cases"):
        shown(runs(2), select="absent")


def test_without_times_all_usual_metrics_are_shown():
    documents = runs(2)
    for document in documents:
        for case in document.results.cases:
            case["metrics"] = {"peak_memory": case["metrics"]["peak_memory"]}
    (machine,) = shown(documents)
    assert {series.metric for series in machine.series} == {"peak_memory"}
    assert "peak_memory" in METRICS


def test_nothing_to_show_is_an_error_with_its_own_code():
    with pytest.raises(RnnbenchError, match="no results document") as caught:
        shown([])
    assert caught.value.exit_code == ExitCode.CASE_FAILED
