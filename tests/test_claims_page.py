"""docs/claims.md says what was measured: its tables and its figures come out of the committed results."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from rnnbench.analysis.findings import findings
from rnnbench.suite.loader import load_suite
from tests.claims_tables import RESULTS, TABLES, finding_of, results_of

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "claims.md").read_text()
TOLD = dict(re.findall(r"<!-- table: ([^>]+?) -->\n((?:\|.*\n)+)", PAGE))
NAMES = ("mixing", "scaling", "storage")


def said(sentence):
    """Whether the page says this, however its lines are broken."""
    return sentence in " ".join(PAGE.split())


def test_every_table_is_there_once():
    assert list(TOLD) == re.findall(r"<!-- table: ([^>]+?) -->", PAGE) == list(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_made_of_the_committed_results(name):
    """After a new run of a suite, replace both: the document, and the page's table by what `TABLES[name]()` returns."""
    assert TOLD[name] == TABLES[name]()


@pytest.mark.parametrize("name", NAMES)
def test_the_results_are_those_of_the_shipped_suites_and_name_no_place(name):
    results = results_of(name)
    assert results.data["run"]["argv"][:3] == ["rnnbench", "run", f"suites/{name}.yaml"]
    suite = load_suite(ROOT / "suites" / f"{name}.yaml")
    assert {case["id"] for case in results.cases} == {case.id for case in suite.cases}
    assert {case["status"] for case in results.cases} == {"ok"}
    text = (RESULTS / f"{name}.json").read_text()
    assert not re.search(r"/(?:tmp|home|work|root)/", text)
    assert len(text) < 500_000


@pytest.mark.parametrize("name", NAMES)
def test_the_findings_are_what_is_found_in_the_figures(name):
    results = results_of(name)
    assert json.loads(json.dumps(findings(results.data))) == results.data["findings"]


@pytest.mark.parametrize("name", NAMES)
def test_the_machine_is_the_one_that_is_named(name):
    data = results_of(name).data
    machine = data["machine"]
    cores, memory, model = machine["cpu"]["logical"], machine["memory_bytes"] / 2**30, machine["cpu"]["model"]
    day = data["run"]["started"][:10]
    assert said(f"on {day}, on a virtual machine with {cores} cores of an {model} and {memory:.1f} GiB of memory")
    assert said(f"with torch {data['provenance']['packages']['torch']}")


@pytest.mark.parametrize("name", NAMES)
def test_each_run_took_less_than_ten_minutes(name):
    run = results_of(name).data["run"]
    started, finished = (datetime.fromisoformat(run[end]) for end in ("started", "finished"))
    minutes = (finished - started).total_seconds() / 60
    assert minutes < 10
    assert said(f"{name} took {minutes:.1f} minutes")


def test_what_is_learnt_after_10_000_iterations_is_the_same_in_the_longer_run():
    """The longer run of a case passes by the shorter one's end: the same weights, the same data."""
    ends, passed = {}, {}
    for case in results_of("mixing").cases:
        training = case["parameters"]["measure"]["training"]
        key = (case["parameters"]["layers"], case["parameters"]["bias"], case["name"].rpartition("/")[2])
        curve = case["metrics"]["accuracy"]["details"]["curve"]
        into = ends if training["iterations"] == 10_000 else passed
        into[key] = curve["accuracy"][curve["iterations"].index(10_000)]
    assert len(ends) == 24
    assert {key: passed[key] for key in ends} == ends
