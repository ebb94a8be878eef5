"""Runs of suites with ``match``, against a stand-in: sizes are found first, kept, and taken up again."""

import json
from pathlib import Path

import pytest
from standin import StandInExecutor, observe, request

from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results
from rnnbench.results.figure import Figure, Observation
from rnnbench.runner.job import Failure
from rnnbench.runner.match import require_sizes
from rnnbench.runner.plan import MATCH_LAUNCHES
from rnnbench.runner.resume import batches_left, check_suite, reopen
from rnnbench.runner.run import Interrupted, Settings, run

SUITE = """\
version: 1
name: small
defaults: {task: {binary_addition: {bits: 3}}, hidden: 4, time_steps: 4, batch: 2}
matrix:
  match: [none, parameters, time]
  connectivity: [dense, diagonal]
measure:
  training: {iterations: 10, replicas: 2}
  memory: {}
contrast: {axis: connectivity, baseline: dense}
"""
FOUND = 11
TIMED = "match=time/diagonal"


def behaviour(job):
    if job.measurement != "match":
        return observe(job)
    figures = {"match_ratio": Figure("timing", (1.0 + job.launch / 100,)), "iteration_time": Figure("timing", (0.1,))}
    if job.launch == 0:
        figures["matched_hidden"] = Figure("exact", (FOUND,), (), {"by": "time", "reference": "dense"})
    return Observation(figures, {"name": "eager", "rejected": []}, {"max_error": 0.0, "tolerance": 1.0})


def interrupting_at(measurement, launch=0):
    def behave(job):
        if (job.measurement, job.launch, job.case.name) == (measurement, launch, TIMED):
            return KeyboardInterrupt()
        return behaviour(job)

    return behave


def execute(folder, executor, resumed=None):
    asked = request(folder, SUITE)
    return run(asked.load(), asked, executor, Settings(folder / "out.json"), resumed=resumed)


def sizes(executor):
    return [
        (job.measurement, job.launch, job.case.parameters.hidden)
        for worker in executor.workers
        for job in worker.jobs
        if job.case.name == TIMED
    ]


def entry_of(results, name=TIMED):
    return next(case for case in results.cases if case["name"] == name)


def test_the_size_is_found_first_and_everything_else_is_measured_at_it(tmp_path: Path):
    executor = StandInExecutor(behaviour)
    results = execute(tmp_path, executor)
    assert executor.starts[:MATCH_LAUNCHES] == ["match"] * MATCH_LAUNCHES
    assert sizes(executor) == [
        ("match", 0, 4),
        *(("match", launch, FOUND) for launch in range(1, MATCH_LAUNCHES)),
        ("training", 0, FOUND),
        ("memory", 0, FOUND),
    ]
    entry = entry_of(results)
    assert entry["status"] == "ok"
    assert entry["done"] == {"match": MATCH_LAUNCHES, "training": 1, "memory": 1}
    assert (entry["parameters"]["hidden"], entry["parameters"]["scaled_from"]) == (FOUND, 4)
    assert entry["metrics"]["matched_hidden"]["value"] == FOUND
    ratio = entry["metrics"]["match_ratio"]
    assert ratio["value"] == pytest.approx(1.02)
    assert len(ratio["samples"]) == MATCH_LAUNCHES
    assert ratio["ci95"][0] < 1.02 < ratio["ci95"][1]
    assert entry["id"] == next(case.id for case in request(tmp_path, SUITE).load().cases if case.name == TIMED)


def test_a_size_that_was_counted_out_is_in_the_document_with_what_it_reaches(tmp_path: Path):
    metrics = entry_of(execute(tmp_path, StandInExecutor(behaviour)), "match=parameters/diagonal")["metrics"]
    chosen = metrics["matched_hidden"]
    assert chosen["details"]["reference_parameters"] == 4 * 4 + 4 * 2 + 4 + 4 + 1
    assert chosen["details"]["parameters"] == chosen["value"] * (1 + 2 + 1 + 1) + 1
    assert metrics["match_ratio"]["value"] == chosen["details"]["parameters"] / 33
    assert "matched_hidden" not in entry_of(Results.read(tmp_path / "out.json"), "match=none/dense")["metrics"]


@pytest.mark.parametrize(("measurement", "launch"), [("match", 1), ("training", 0), ("memory", 0)])
def test_a_resumed_run_goes_on_with_the_size_that_was_found(tmp_path: Path, measurement, launch):
    with pytest.raises(Interrupted):
        execute(tmp_path, StandInExecutor(interrupting_at(measurement, launch)))
    executor = StandInExecutor(lambda job: behaviour(job) if job.launch or job.measurement != "match" else 1 / 0)
    results = execute(tmp_path, executor, Results.read(tmp_path / "out.json"))
    assert entry_of(results)["status"] == "ok"
    assert entry_of(results)["parameters"]["hidden"] == FOUND
    assert {hidden for _, _, hidden in sizes(executor)} == {FOUND}


def test_a_run_that_was_interrupted_before_searches(tmp_path: Path):
    with pytest.raises(Interrupted):
        execute(tmp_path, StandInExecutor(interrupting_at("match")))
    executor = StandInExecutor(behaviour)
    results = execute(tmp_path, executor, Results.read(tmp_path / "out.json"))
    assert sizes(executor)[0] == ("match", 0, 4)
    assert entry_of(results)["parameters"]["hidden"] == FOUND


def test_without_a_size_nothing_of_the_case_is_measured_and_the_others_go_on(tmp_path: Path):
    failing = StandInExecutor(lambda job: Failure("error", "none fits") if job.measurement == "match" else observe(job))
    results = execute(tmp_path, failing)
    entry = entry_of(results)
    assert (entry["status"], entry["reason"]) == ("error", "match, training, memory: none fits")
    assert sizes(failing) == [("match", 0, 4)]
    assert {case["status"] for case in results.cases if case is not entry} == {"ok"}
    suite = request(tmp_path, SUITE).load()
    reopen(results, suite)
    left = batches_left(suite, 0, results)
    assert [batch.measurement for batch in left] == ["match"] * MATCH_LAUNCHES + ["training", "memory"]


def test_a_later_launch_that_fails_ends_the_match_alone(tmp_path: Path):
    executor = StandInExecutor(
        lambda job: Failure("error", "it broke") if (job.measurement, job.launch) == ("match", 2) else behaviour(job)
    )
    entry = entry_of(execute(tmp_path, executor))
    assert entry["reason"] == "match: it broke"
    assert entry["done"] == {"match": 2, "training": 1, "memory": 1}


@pytest.mark.parametrize("hidden", [-3, 0, None, 1 << 40])
def test_a_document_that_names_no_size_is_searched_anew(tmp_path: Path, hidden):
    with pytest.raises(Interrupted):
        execute(tmp_path, StandInExecutor(interrupting_at("match", 1)))
    data = json.loads((tmp_path / "out.json").read_text())
    next(case for case in data["cases"] if case["name"] == TIMED)["parameters"]["hidden"] = hidden
    (tmp_path / "out.json").write_text(json.dumps(data))
    executor = StandInExecutor(behaviour)
    results = execute(tmp_path, executor, Results.read(tmp_path / "out.json"))
    assert sizes(executor)[0] == ("match", 0, 4)
    assert entry_of(results)["parameters"]["hidden"] == FOUND


def test_another_size_that_is_written_is_another_suite(tmp_path: Path):
    results = execute(tmp_path, StandInExecutor(behaviour))
    changed = request(tmp_path, SUITE.replace("hidden: 4", "hidden: 5")).load()
    with pytest.raises(RnnbenchError, match="hidden: 4, now 5"):
        check_suite(results, changed, "out.json")


def test_commands_that_do_not_search_refuse_such_cases(tmp_path: Path):
    suite = request(tmp_path, SUITE).load()
    with pytest.raises(RnnbenchError, match=r"case match=time/diagonal: `match: time` .* not by `rnnbench ab`"):
        require_sizes(suite, "rnnbench ab")
    require_sizes(suite.select("not match=time"), "rnnbench ab")
