"""rnnbench.run and rnnbench.load: the command's runner, from Python."""

import sys
import types

import pytest
import yaml

import rnnbench
from rnnbench.connectivity import Banded
from rnnbench.errors import RnnbenchError
from rnnbench.runner.request import Request
from rnnbench.suite.loader import load_suite
from tests.documents import addition
from tests.runner.standin import SUITE, StandInExecutor

MAPPING = yaml.safe_load(SUITE)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "small.yaml").write_text(SUITE)
    return tmp_path / "small.yaml"


def run(suite, **options):
    return rnnbench.run(suite, executor=StandInExecutor(), **options)


def test_a_file_a_mapping_and_a_suite_measure_the_same(file, capfd):
    documents = [run(file), run(str(file)), run(MAPPING), run(load_suite(file))]
    assert capfd.readouterr() == ("", "")
    assert [[case.name for case in document] for document in documents] == [["dense", "tridiagonal", "diagonal"]] * 4
    for document in documents[1:]:
        assert [case["metrics"] for case in document.cases] == [case["metrics"] for case in documents[0].cases]
        assert document.suite["resolved"] == documents[0].suite["resolved"]


def test_options_are_those_of_the_command(file):
    changed = run(
        MAPPING, overrides={"hidden": [4, 8], "training.iterations": 5}, select="dense", launches=2, seed=3, quick=True
    )
    assert [case.name for case in changed] == ["dense/hidden=4", "dense/hidden=8"]
    assert changed.run["seed"] == 3
    assert changed.run["launches"] == 2
    assert changed.run["tags"] == ["quick"]
    assert [case.name for case in run(file, overrides=["connectivity=diagonal"])] == ["diagonal"]


def test_progress_is_shown_only_when_asked_for(capfd):
    run(MAPPING, select="dense", progress=True)
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "dense" in printed.err


def test_a_mapping_may_hold_a_connectivity_itself():
    results = run({**MAPPING, "matrix": {"connectivity": ["dense", Banded(lower=2, upper=0)]}})
    assert [case.name for case in results] == ["dense", "banded(2,0)"]


def test_the_document_is_written_and_read_again(file, tmp_path):
    results = run(file, path=tmp_path / "r.json", select="dense")
    assert rnnbench.load(tmp_path / "r.json").data == results.data
    results.save(str(tmp_path / "copy.json"))
    assert rnnbench.load(str(tmp_path / "copy.json")).data == results.data
    with pytest.raises(RnnbenchError, match="is no results document"):
        results.save(file)
    with pytest.raises(RnnbenchError, match="is no results document"):
        run(file, path=file)


def test_what_is_wrong_with_a_mapping_is_said_by_its_path():
    with pytest.raises(RnnbenchError) as caught:
        run({**MAPPING, "matrix": {"conectivity": ["dense"], "hidden": [object()]}, "defaults": {"hidden": {1: 2}}})
    assert "suite matrix.hidden[0]: a object is nothing that a suite holds" in str(caught.value)
    assert "suite defaults.hidden: a mapping with keys that are no text" in str(caught.value)
    with pytest.raises(RnnbenchError, match=r"suite matrix.conectivity: unknown key .*did you mean 'connectivity'"):
        run({**MAPPING, "matrix": {"conectivity": ["dense"]}})
    with pytest.raises(RnnbenchError, match="change a suite while it is read"):
        run(rnnbench_suite(), overrides=["hidden=3"])


def rnnbench_suite():
    from rnnbench.suite.loader import load_mapping

    return load_mapping(MAPPING)


def test_a_suite_that_no_file_holds_cannot_be_resumed():
    document = run(MAPPING, select="dense")
    with pytest.raises(RnnbenchError, match="given in Python, not in a file"):
        Request.of_document(document.run, "r.json").load()


def test_results_are_read_case_by_case():
    results = addition(["dense", "tridiagonal"])
    for case in results:
        for metric in case.metrics.values():
            assert metric.value == results["dense" if case.name == "dense" else "tridiagonal"].metrics[metric.key].value
    assert {type(end) for case in results for metric in case.metrics.values() for end in metric.ci95 or ()} <= {float}
    with pytest.raises(KeyError, match="did you mean 'tridiagonal'"):
        results["tridiagonl"]
    assert "2 cases, 0 failed" in repr(results)


def test_a_frame_has_a_row_per_case_and_metric(monkeypatch):
    given = {}

    class DataFrame:
        def __init__(self, rows, columns):
            given.update(rows=rows, columns=columns)

    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=DataFrame))
    results = addition(["dense", "tridiagonal"])
    assert isinstance(results.to_frame(), DataFrame)
    figures = {(row["case"], row["metric"]): row for row in given["rows"]}
    assert len(figures) == sum(len(case["metrics"]) for case in results.cases)
    for case in results.cases:
        for key, record in case["metrics"].items():
            row = figures[case["name"], key]
            assert (row["value"], row["unit"], row["better"]) == (record["value"], record["unit"], record["better"])
            assert [row["low"], row["high"]] == (record["ci95"] or [None, None])
    assert {row["connectivity"] for row in given["rows"]} == {"dense", "banded(lower=1,upper=1,circular=false)"}
    assert set(given["columns"]) >= {"case", "metric", "value", "unit", "low", "high", "hidden"}
    assert all(set(row) <= set(given["columns"]) for row in given["rows"])


def test_pandas_is_a_wish_not_a_need(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(RnnbenchError, match="pip install pandas"):
        addition(["dense"]).to_frame()


def test_a_real_frame():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed: pip install pandas")
    results = addition(["dense", "tridiagonal"])
    frame = results.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    values = frame.pivot(index="case", columns="metric", values="value")
    for case in results:
        for key, metric in case.metrics.items():
            found = values.loc[case.name, key]
            assert (pandas.isna(found) and metric.value is None) or found == metric.value
    assert frame["low"].dtype == frame["value"].dtype == float
    assert set(frame.groupby("connectivity").size()) == {len(results["dense"].metrics)}
