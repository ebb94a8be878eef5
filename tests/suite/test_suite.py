import pytest

from rnnbench.errors import RnnbenchError

TEXT = """
version: 1
name: s
defaults: {task: binary_addition}
matrix: {connectivity: [dense, tridiagonal, none], training.iterations: [1000, 2000]}
include: [{connectivity: diagonal, hidden: 4}]
measure: {training: {replicas: 3}, throughput: {max_seconds: 2}, memory: {}}
contrast: {}
"""


def test_select_keeps_the_order_and_what_the_suite_asks_for(load):
    suite = load(TEXT)
    selected = suite.select("none or dense and not iterations=2000")
    assert [case.name for case in selected.cases] == [
        "dense/iterations=1000",
        "none/iterations=1000",
        "none/iterations=2000",
    ]
    assert selected.axes == {
        "connectivity": ["dense", "none"],
        "training.iterations": ["1000", "2000"],
        "hidden": ["128"],
    }
    assert selected.resolved == suite.resolved
    assert {case.id for case in selected.cases} < {case.id for case in suite.cases}


def test_select_nothing(load):
    with pytest.raises(RnnbenchError, match=r"selects none of the 7 cases of s\.yaml"):
        load(TEXT).select("qqq")


def test_quick_does_less_of_everything(load):
    suite = load(TEXT)
    quick = suite.quick()
    case = quick.cases[1]
    assert case.name == "dense/iterations=200"
    assert (case.measure.training.iterations, case.measure.training.replicas) == (200, 3)
    assert (case.measure.throughput.launches, case.measure.throughput.max_seconds) == (3, 0.5)
    assert quick.axes["training.iterations"] == ["100", "200", "1000"]
    assert quick.resolved != suite.resolved
    assert {case.id for case in quick.cases}.isdisjoint(case.id for case in suite.cases)


def test_quick_leaves_the_ids_of_timings_alone(load):
    suite = load("matrix: {hidden: [3, 4]}")
    assert [case.id for case in suite.quick().cases] == [case.id for case in suite.cases]


def test_quick_trains_at_least_once_and_no_case_twice(load):
    suite = load(TEXT.replace("[1000, 2000]", "[1, 5, 20]").replace("include", "# include"))
    assert [case.name for case in suite.quick().select("dense").cases] == ["dense/iterations=1", "dense/iterations=2"]
    assert len(suite.quick().cases) == 6
