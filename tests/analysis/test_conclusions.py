"""Conclusions are drawn by the version that reads: from the figures, once, and not over what a later version knows."""

import json

import pytest

from rnnbench.analysis import conclusions
from rnnbench.analysis.conclusions import concluded, read
from rnnbench.analysis.findings import findings
from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results
from tests.documents import addition

STALE = {"text": "diagonal is as good as dense."}


def stale(path, **changes):
    """Write a document whose finding does not follow from its figures."""
    results = addition(["dense", "diagonal"])
    results.data["findings"] = [STALE]
    results.data["warnings"] = ["The machine was busy."]
    for section, values in changes.items():
        results.data.setdefault(section, {}).update(values)
    results.write(path)
    return path


def test_a_finding_that_was_mended_since_is_said_as_it_is_now(tmp_path):
    path = stale(tmp_path / "r.json")
    shown = read(path)
    assert shown.data["findings"] == findings(Results.read(path).data)
    assert shown.warnings == ["The machine was busy."]


def test_what_the_same_code_has_said_is_not_worked_out_again(tmp_path, monkeypatch):
    concluded(addition(["dense", "diagonal"])).write(tmp_path / "r.json")
    monkeypatch.setattr(conclusions, "concluded", lambda results: pytest.fail("worked out again"))
    assert read(tmp_path / "r.json").findings[0].startswith("dense")


def test_other_code_draws_its_own(tmp_path):
    path = stale(tmp_path / "r.json", conclusions={"by": "0123456789abcdef", "setting": "", "answer": None})
    assert STALE not in read(path).data["findings"]


def test_a_document_of_a_later_minor_version_keeps_its_own(tmp_path):
    """It may hold figures that this version knows nothing of."""
    path = stale(tmp_path / "r.json", schema={"version": "1.1"})
    assert read(path).data["findings"] == [STALE]


def test_nothing_is_said_twice(tmp_path):
    path = tmp_path / "r.json"
    results = addition(["dense", "diagonal"])
    for case in results.cases:
        case["metrics"]["training_time.layer"]["flags"] = ["not_settled"]
    concluded(results).write(path)
    data = json.loads(path.read_text())
    del data["conclusions"]
    path.write_text(json.dumps(data))
    assert read(path).warnings == results.warnings
    assert len(results.warnings) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda case: case["parameters"].update(cell={"kind": "rnn"}),
        lambda case: case["metrics"]["training_time.layer"].update(samples=[[]]),
    ],
)
def test_figures_that_no_run_writes_are_shown_and_nothing_is_concluded_from_them(tmp_path, damage):
    path = stale(tmp_path / "r.json")
    data = json.loads(path.read_text())
    damage(data["cases"][1])
    path.write_text(json.dumps(data))
    shown = read(path)
    assert shown.data["findings"] == [STALE]
    assert shown.warnings[-1].startswith("Nothing could be concluded from these figures")


def test_an_answer_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "r.json"
    results = concluded(addition(["dense", "diagonal"]))
    results.data["conclusions"]["answer"]["necessary"] = 1
    path.write_text(json.dumps(results.data))
    with pytest.raises(RnnbenchError, match=r"answer\.necessary"):
        read(path)
