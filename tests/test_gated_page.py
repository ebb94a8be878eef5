"""docs/gated.md says what was measured: its tables and its figures come out of the committed results."""

import re
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rnnbench.analysis.conclusions import read
from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.learning import comparisons, learners_of
from rnnbench.report.table import render
from rnnbench.suite.loader import load_suite

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "gated.md").read_text()
BLOCKS = dict(re.findall(r"<!-- results: (\S+) -->\n```text\n(.*?)```", PAGE, re.DOTALL))
NAMES = ("gated-addition", "gated-adding", "gated-text")
DOCUMENTS = {name: read(ROOT / "docs" / "results" / f"{name}.json") for name in NAMES}


def said(sentence):
    """Whether the page says this, however its lines are broken."""
    return sentence in " ".join(PAGE.split())


@pytest.mark.parametrize("name", NAMES)
def test_each_table_is_what_show_prints_of_the_committed_results(name):
    """After a new run of a suite, replace both: the document, and the page's block by what `show` prints of it."""
    console = Console(width=112, file=StringIO(), color_system=None)
    render(DOCUMENTS[name], console)
    assert BLOCKS[name] == "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_the_results_are_those_of_the_shipped_suites_and_name_no_place(name):
    results = DOCUMENTS[name]
    assert results.run["argv"][:3] == ["rnnbench", "run", f"suites/{name}.yaml"]
    assert {case["status"] for case in results.cases} == {"ok"}
    shipped = load_suite(ROOT / "suites" / f"{name}.yaml").cases
    assert [case["id"] for case in results.cases] == [case.id for case in shipped]
    path = ROOT / "docs" / "results" / f"{name}.json"
    assert not re.search(r"/(?:tmp|home|work|root)/", path.read_text())
    assert path.stat().st_size < 500_000


@pytest.mark.parametrize("name", NAMES)
def test_each_run_took_less_than_ten_minutes_on_the_machine_that_is_named(name):
    data = DOCUMENTS[name].data
    started, finished = (datetime.fromisoformat(data["run"][end]) for end in ("started", "finished"))
    taken = (finished - started).total_seconds() / 60
    assert taken < 10 or data["run"].get("resumed")
    machine = data["machine"]
    cores, memory = machine["cpu"]["logical"], machine["memory_bytes"] / 2**30
    place = f"on a virtual machine with {cores} cores of an {machine['cpu']['model']} and {memory:.1f} GiB of memory"
    assert said(f"on {data['run']['started'][:10]}, {place}, with torch {data['provenance']['packages']['torch']}")


def metrics_of(name, cell, match, connectivity):
    label = f"cell={cell}/match={match}/{connectivity}"
    return next(case["metrics"] for case in DOCUMENTS[name].cases if case["name"] == label)


def solved(name, connectivity, *matches, cells=("lstm", "gru")):
    return [
        round(10 * metrics_of(name, cell, match, connectivity)["solved_fraction"]["value"])
        for match in matches
        for cell in cells
    ]


def differing(name):
    """Return the cases that differ significantly from dense: -1 for those that learn less, 1 for more."""
    contrast = contrast_of(DOCUMENTS[name].data)
    found = comparisons("dense", learners_of("dense", contrast.complete()))
    assert len(found) == 18
    assert said("adjusted by Holm's method for the 18 comparisons of each suite")
    return {
        tuple(part.rpartition("=")[2] for part in item.second.case["name"].split("/")): 1 if item.better else -1
        for item in found
        if item.significant
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_case_but_the_unmatched_says_how_near_it_came(name):
    for case in DOCUMENTS[name].cases:
        ratio = case["metrics"].get("match_ratio")
        match = case["parameters"].get("match", "none")
        assert (ratio is None) == (match == "none")
        if ratio is not None:
            assert (ratio["ci95"] is not None) == ("time" in match)
            assert 0.75 < ratio["value"] < 1.25


def test_binary_addition_needs_connections_and_few_are_enough_for_gates():
    name = "gated-addition"
    assert solved(name, "dense", "none") == [10, 10]
    assert solved(name, "tridiagonal", "none") == [8, 9]
    assert solved(name, "block_diagonal(4)", "none") == [9, 8]
    assert solved(name, "diagonal", "none") == [0, 2]
    assert differing(name) == {
        (cell, match, "diagonal"): -1 for cell in ("lstm", "gru") for match in ("none", "parameters", "time")
    }
    assert solved(name, "diagonal", "parameters", "time") == [0] * 4
    assert sum(solved(name, "tridiagonal", "parameters", "time")) == 20
    assert solved(name, "block_diagonal(4)", "parameters", "time", cells=("gru",)) == [10, 10]
    elman = {case["name"]: case for case in read(ROOT / "docs" / "results" / "addition.json").cases}
    assert elman["tridiagonal"]["metrics"]["solved_fraction"]["details"]["successes"] == 0
    assert said("in 8 of 10 seeds (lstm) and in 9 of 10 (gru), blocks of four in 9 and in 8")
    assert said("0 and 2 of 10 seeds")
    assert said("in 0 of 40 seeds, and the band in 20 of 40")


def test_adding_is_solved_by_nearly_all_and_diagonal_grus_stay_behind():
    name = "gated-adding"
    matches, sparse = ("none", "parameters", "time"), ("block_diagonal(8)", "tridiagonal", "diagonal")
    assert solved(name, "dense", "none") == [10, 10]
    assert sum(sum(solved(name, connectivity, *matches)) for connectivity in sparse) == 171
    assert said("and 171 of 180 of the sparse ones")
    expected = {("gru", match, "diagonal"): -1 for match in matches}
    assert differing(name) == expected | {("lstm", "time", "block_diagonal(8)"): -1}
    dense = metrics_of(name, "gru", "none", "dense")["final_loss"]["value"]
    errors = [metrics_of(name, "gru", match, "diagonal")["final_loss"]["value"] / dense for match in matches]
    assert said("({:.1f}, {:.1f} and {:.1f} times)".format(*errors))
    assert metrics_of(name, "lstm", "time", "block_diagonal(8)")["matched_hidden"]["value"] == 8
    assert solved(name, "block_diagonal(8)", "time", cells=("lstm",)) == [3]
    assert said("gets 8 units, one in each block, and solves the problem in 3 of 10 seeds")
    assert DOCUMENTS[name].run["resumed"]


def test_text_has_sparse_lstms_ahead_of_the_dense_one_with_as_many_parameters():
    name = "gated-text"
    sparse = ("block_diagonal(16)", "tridiagonal", "diagonal")
    expected = {("lstm", "parameters", connectivity): 1 for connectivity in sparse}
    expected |= {("lstm", "time", connectivity): 1 for connectivity in ("tridiagonal", "diagonal")}
    expected |= {("gru", "none", connectivity): -1 for connectivity in sparse}
    expected |= {("gru", "parameters", "diagonal"): -1, ("gru", "time", "diagonal"): -1}
    expected |= {("gru", "time", "block_diagonal(16)"): -1}
    assert differing(name) == expected

    def bits(cell, match, connectivity):
        return f"{metrics_of(name, cell, match, connectivity)['final_loss']['value']:.2f}"

    own, dense = bits("lstm", "parameters", "diagonal"), bits("lstm", "none", "dense")
    assert said(f"even the diagonal ({own} against {dense} bits per character)")
    assert said(f"({bits('gru', 'parameters', 'diagonal')} against {bits('gru', 'none', 'dense')})")
    for cell in ("lstm", "gru"):
        assert metrics_of(name, cell, "time", "block_diagonal(16)")["matched_hidden"]["value"] == 48
    assert said("they get 48 units for the time of 64 dense ones")
