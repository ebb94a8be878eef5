"""What a reader should know before trusting the figures, as the figures themselves say it."""

import pytest

from rnnbench.analysis.cautions import cautions
from rnnbench.results.figure import Figure
from tests.documents import addition, case, document, throughput


def timed(unsettled, of):
    """A document of ``of`` timed cases, of which some had not settled."""
    cases = [case(str(number), launches=throughput(1.0, 3.0), measure={"throughput": {}}) for number in range(of)]
    for one in cases[:unsettled]:
        one["metrics"]["training_time.layer"]["flags"].append("not_settled")
    return document(cases)


def test_a_document_whose_figures_stand_needs_none():
    assert cautions(addition().data) == []


def test_that_most_times_had_not_settled_is_a_warning_with_what_to_do():
    (said,) = cautions(timed(7, 8).data)
    assert said.startswith("7 of 8 timed cases had not settled when sampling began")
    assert "--launches 10" in said


@pytest.mark.parametrize(("unsettled", "said"), [(0, 0), (1, 0), (2, 1)])
def test_a_few_are_left_to_the_note_that_names_them(unsettled, said):
    assert len(cautions(timed(unsettled, 8).data)) == said


def test_first_calls_are_no_times_that_settle():
    results = timed(0, 4)
    for one in results.cases:
        one["metrics"]["first_call_time.layer"]["flags"].append("not_settled")
    assert cautions(results.data) == []


def lengths(launches=1):
    figures = {
        "max_length_memory": Figure("exact", (1000.0,)),
        "max_length_gradient": Figure("censored", tuple(range(10, 30)), (), {"never": "beyond_longest_lag"}),
        "max_length_task": Figure("trials", (27.0,), (), {"trials": []}),
    }
    results = document([case("dense", figures, measure={"max_length": {"limits": ["memory"]}})])
    results.run["launches"] = launches
    return results


def test_a_run_of_one_launch_says_which_figures_have_no_interval():
    (said,) = cautions(lengths().data)
    assert said.startswith("Measured in one launch: longest in memory and longest learnt have no interval")
    assert "(--seed 1)" in said
    assert cautions(lengths(launches=3).data) == []


def test_times_of_one_launch_ask_for_more_launches():
    results = document([case("dense", launches=throughput(1.0, 3.0, launches=1), measure={"throughput": {}})])
    results.run["launches"] = 1
    (said,) = cautions(results.data)
    assert "in one launch: times have no interval" in said
    assert "(--launches 5)" in said
