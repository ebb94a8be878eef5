"""Exports: what they carry can be read back, and nothing else is in them."""

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest

from rnnbench.report.bmf import to_bmf
from rnnbench.report.columns import columns
from rnnbench.report.csv import to_csv
from rnnbench.report.github_benchmark import to_github_benchmark
from rnnbench.report.markdown import to_markdown
from rnnbench.report.results_junit import to_junit
from rnnbench.results.metrics import METRICS
from tests.documents import addition, case, document, memory

HOSTILE = 'a<b>&"]]></system-out>\x1b[2J\n|x'


@pytest.fixture(scope="module")
def results():
    made = addition(["dense", "tridiagonal", "none"])
    made.cases[2].update(status="oom", reason="needs 3 GiB", metrics={})
    return made


def figures(results):
    """Return every figure of a document that is not null, by (case, metric)."""
    return {
        (one["name"], key): (record["value"], record["ci95"])
        for one in results.cases
        for key, record in one["metrics"].items()
        if record["value"] is not None
    }


def test_bmf_has_every_figure_with_its_interval(results):
    read = {
        (name, key): (found["value"], [found["lower_value"], found["upper_value"]] if len(found) == 3 else None)
        for name, measures in json.loads(to_bmf(results)).items()
        for key, found in measures.items()
    }
    assert read == figures(results)
    assert ("tridiagonal", "steps_to_solve") not in read


def test_the_two_github_files_have_every_figure_that_has_a_direction(results):
    read, directions = {}, {}
    for better in ("smaller", "bigger"):
        for entry in json.loads(to_github_benchmark(results, better)):
            name, key = entry["name"].split(": ")
            read[name, key] = (entry["value"], json.loads(entry["range"]) if "range" in entry else None)
            directions.setdefault(better, set()).add(key.partition(".")[0])
            assert entry["unit"] == METRICS[key.partition(".")[0]].unit
    assert read == figures(results)
    assert "accuracy" in directions["bigger"]
    assert "training_time" in directions["smaller"]
    assert not directions["bigger"] & directions["smaller"]


def test_csv_has_every_figure_with_its_interval(results):
    read = {}
    for row in csv.DictReader(io.StringIO(to_csv(results))):
        cells = {re.sub(r" \[.*\]", "", field): value for field, value in row.items() if value != ""}
        for key in set(results.metric_keys()) & set(cells):
            interval = [float(cells[f"{key}.{end}"]) for end in ("low", "high")] if f"{key}.low" in cells else None
            read[row["name"], key] = (float(cells[key]), interval)
    assert read == figures(results)


def test_junit_has_every_figure_and_how_each_case_ended(results):
    suite = ElementTree.fromstring(to_junit(results)).find("testsuite")  # noqa: S314 - our own
    assert (suite.get("name"), suite.get("tests"), suite.get("errors")) == ("addition", "3", "1")
    read = {
        (test.get("name"), key): (record["value"], record["ci95"])
        for test in suite
        for key, record in json.loads(test.find("system-out").text).items()
        if record["value"] is not None
    }
    assert read == figures(results)
    assert suite.find("testcase[@name='none']/error").get("message") == "oom: needs 3 GiB"


def test_markdown_has_the_figures_of_the_table_to_the_digits_shown():
    made = addition(["dense", "tridiagonal", "diagonal"])
    lines = to_markdown(made).splitlines()
    heads, *rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in (lines[2], *lines[4:7])]
    scale = {"ms": 1e-3, "MiB": 2.0**20, "M steps/s": 1e6}
    for index, column in enumerate(columns(made), start=1):
        unit = re.search(r"\((.*)\)", heads[index])
        factor = scale.get(unit.group(1), 1.0) if unit else 1.0
        for one, row in zip(made.cases, rows, strict=True):
            said = row[index].replace("*", "").replace("\\", "").replace(",", "").split()[0]
            key = next(k for k in one["metrics"] if METRICS[k.partition(".")[0]].title == column.title)
            value = one["metrics"][key]["value"]
            if "/" in said or value is None:
                continue
            places = len(said.partition(".")[2])
            assert abs(float(said) - value / factor) <= 0.501 * 10.0**-places


def test_a_hostile_name_breaks_out_of_no_format():
    made = document([case(HOSTILE, memory(1, 2))])
    name = 'a<b>&"]]></system-out>[2J |x'
    assert list(json.loads(to_bmf(made))) == [name]
    assert json.loads(to_github_benchmark(made))[0]["name"].startswith(f"{name}: ")
    tests = ElementTree.fromstring(to_junit(made)).findall("testsuite/testcase")  # noqa: S314
    assert [test.get("name") for test in tests] == [name]


def test_names_that_bencher_would_refuse_or_confuse_go_by_their_ids():
    long = case("x" * 1025, memory(1, 2))
    twice = [case("same", memory(1, 2), seed=seed) for seed in (0, 1)]
    assert list(json.loads(to_bmf(document([long, *twice])))) == [long["id"], "same", twice[1]["id"]]
