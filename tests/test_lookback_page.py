"""docs/lookback.md says what was measured: its tables and its figures come out of the committed results."""

import re
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rnnbench.analysis.conclusions import read
from rnnbench.analysis.lookback import beside_baseline
from rnnbench.report.table import render

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "lookback.md").read_text()
BLOCKS = dict(re.findall(r"<!-- results: (\S+) -->\n```text\n(.*?)```", PAGE, re.DOTALL))
LIMITS = ("max_length_memory", "max_length_gradient", "max_length_task")
UNIT = 32 * 512 * 4
"""Bytes of one step's states in suites/budget.yaml."""


def results_of(name):
    return read(ROOT / "docs" / "results" / f"{name}.json")


def metrics_of(name):
    return {case["name"]: case["metrics"] for case in results_of(name).cases}


def said(sentence):
    """Whether the page says this, however its lines are broken."""
    return sentence in " ".join(PAGE.split())


@pytest.mark.parametrize("name", ["lookback", "budget", "adding", "state-tracking"])
def test_each_table_is_what_show_prints_of_the_committed_results(name):
    """After a new run of a suite, replace both: the document, and the page's block by what `show` prints of it."""
    console = Console(width=112, file=StringIO(), color_system=None)
    render(results_of(name), console)
    shown = "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())
    assert BLOCKS[name] == shown


@pytest.mark.parametrize("name", ["lookback", "budget", "adding", "state-tracking"])
def test_the_results_are_those_of_the_shipped_suites_and_name_no_place(name):
    results = results_of(name)
    assert results.data["run"]["argv"][:3] == ["rnnbench", "run", f"suites/{name}.yaml"]
    assert {case["status"] for case in results.cases} == {"ok"}
    assert not re.search(r"/(?:tmp|home|work|root)/", (ROOT / "docs" / "results" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["lookback", "budget", "adding", "state-tracking"])
def test_the_machine_is_the_one_that_is_named(name):
    data = results_of(name).data
    machine = data["machine"]
    cores, memory = machine["cpu"]["logical"], machine["memory_bytes"] / 2**30
    day = data["run"]["started"][:10]
    model = machine["cpu"]["model"]
    assert said(f"on {day}, on a virtual machine with {cores} cores of an {model} and {memory:.1f} GiB of memory")
    assert said(f"with torch {data['provenance']['packages']['torch']}")


@pytest.mark.parametrize(("name", "minutes"), [("lookback", 5), ("adding", 15), ("state-tracking", 10)])
def test_each_run_took_less_than_was_aimed_at(name, minutes):
    run = results_of(name).data["run"]
    started, finished = (datetime.fromisoformat(run[end]) for end in ("started", "finished"))
    taken = (finished - started).total_seconds() / 60
    assert taken < minutes
    if name in ("adding", "state-tracking"):
        assert said(f"{taken:.1f}")


def test_five_connectivities_have_all_three_limits():
    complete = [label for label, metrics in metrics_of("lookback").items() if all(limit in metrics for limit in LIMITS)]
    assert len(complete) >= 5


def test_memory_is_nowhere_the_first_limit_and_sparse_recurrence_moves_the_others():
    learnt, _, moved, _ = results_of("lookback").data["findings"]
    assert set(learnt["binding"].values()) == {"what is learnt"}
    assert said("What is learnt is the first limit everywhere")
    cases = {case["name"]: case for case in results_of("lookback").cases}
    names = {
        "diagonal": "diagonal/recompute=none/gradient=bptt",
        "tridiagonal": "tridiagonal/recompute=none",
        "block_diagonal(32)": "block_diagonal(32)/recompute=none",
    }
    looked = {label: cases[name] for label, name in names.items()}
    looked["dense"] = cases["dense/kernel=auto/recompute=none"]
    first, second, third = beside_baseline(looked, "dense", list(names)).values()
    assert first.steps == second.steps
    assert said(
        f"over {first.steps} steps {first.first} of 5 seeds of diagonal and {first.second} of dense solve the task "
        f"(p = {first.p:.2g}), {second.first} of tridiagonal (p = {second.p:.2g}), and over {third.steps} steps "
        f"{third.first} of block_diagonal(32) (p = {third.p:.2g}), adjusted for the three comparisons"
    )
    assert all(factor == pytest.approx(1, abs=0.1) for factor in moved["moved"]["max_length_memory"].values())
    for metric in ("max_length_gradient", "max_length_task"):
        assert all(factor > 1.1 for factor in moved["moved"][metric].values())


def test_within_1_gib_a_diagonal_fits_twice_and_streamed_fifty_times_what_nn_rnn_does():
    cases = metrics_of("budget")
    longest = {label: metrics["max_length_memory"]["value"] for label, metrics in cases.items()}
    theirs = longest["dense/kernel=torch"]
    times = {label: value / theirs for label, value in longest.items() if value is not None}
    kept, streamed = times["diagonal/recompute=none/gradient=bptt"], times["diagonal/recompute=stream"]
    assert kept >= 2
    assert streamed >= 50
    assert said(f"fits {kept:.1f} times as long a sequence as nn.RNN")
    assert said(f"run a segment at a time at least {streamed:.0f} times")
    assert said(f"the dense one {times['dense/kernel=fused']:.1f} times")
    units = [cases[label]["bytes_per_time_step"]["value"] / UNIT for label in list(cases)[:3]]
    assert said(
        "a step takes {:.2f} with nn.RNN, {:.2f} with the dense and {:.2f} with the diagonal layer".format(*units)
    )


def test_forward_only_learning_needs_no_more_memory_for_a_hundred_thousand_steps_than_for_a_thousand():
    metrics = metrics_of("budget")["diagonal/recompute=none/gradient=rtrl"]
    assert metrics["max_length_memory"]["value"] is None
    assert "unbounded" in metrics["max_length_memory"]["flags"]
    peaks = {probe["time_steps"]: probe["peak_bytes"] for probe in metrics["max_length_memory"]["details"]["probes"]}
    assert peaks[100_000] <= 1.05 * peaks[1024]
    assert peaks[16_384] == pytest.approx(peaks[1024], rel=0.01)
    slope = metrics["bytes_per_time_step"]["value"]
    assert slope < 1e-3 * UNIT
    assert said(
        f"{peaks[1024] / 2**20:.1f} MiB at T = 1,024 and {peaks[100_000] / 2**20:.1f} MiB at T = 100,000, "
        f"{slope:.0f} bytes a step"
    )


def solved(name, label):
    return round(
        metrics_of(name)[label]["solved_fraction"]["value"] * len(metrics_of(name)[label]["accuracy"]["samples"][0])
    )


def test_the_dense_rnn_stays_at_the_baseline_of_the_adding_problem_where_indrnn_solves_it():
    cases = metrics_of("adding")
    indrnn = "task=adding({})/cell=rnn/activation=relu/diagonal"
    for length in (50, 100, 200, 400):
        dense = cases[f"task=adding({length})/cell=rnn/activation=tanh/dense"]
        assert not any(dense["final_loss"]["details"]["beats_baseline"])
        assert dense["solved_fraction"]["value"] == 0
    error = cases["task=adding(100)/cell=rnn/activation=tanh/dense"]["final_loss"]["value"]
    assert said(f"with a mean squared error of {error:.3f}")
    assert [solved("adding", indrnn.format(length)) for length in (100, 200, 400)] == [3, 3, 2]
    assert said("IndRNN solves it in 3 of 3 replicas, T = 200 in 3 of 3 and T = 400 in 2 of 3")
    lstm = [
        solved("adding", f"task=adding({length})/cell=lstm/activation=tanh/dense") for length in (50, 100, 200, 400)
    ]
    assert lstm == [2, 0, 0, 0]


def test_what_sparse_recurrence_costs_in_state_tracking():
    tasks = ("parity(16)", "modular_counting(3,8)", "permutation(s3,8)")

    def over_tasks(layers, connectivity):
        return [solved("state-tracking", f"task={task}/layers={layers}/{connectivity}") for task in tasks]

    blocks = {size: f"block_diagonal({48 // size})" for size in (2, 3, 4)}
    names = ("dense", "tridiagonal", blocks[3], blocks[2], blocks[4], "diagonal")
    assert [sum(over_tasks(1, name)) for name in names] == [18, 5, 4, 2, 0, 0]
    assert said(
        "the dense RNN solves 18 of 21 replicas over the three tasks, tridiagonal 5, blocks of three 4, blocks of "
        "two 2, blocks of four and diagonal none"
    )
    assert [over_tasks(2, name)[0] for name in ("tridiagonal", blocks[3])] == [6, 6]
    assert [over_tasks(2, name)[2] for name in names] == [7, 0, 0, 0, 0, 0]
