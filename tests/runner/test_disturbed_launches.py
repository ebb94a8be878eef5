"""Launches that were disturbed, against a stand-in: flagged, taken again once, and never dropped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from standin import StandInExecutor, observe, request

from rnnbench.results.document import Results
from rnnbench.results.figure import Figure
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.launches import RETAKEN_SHARE
from rnnbench.runner.run import Interrupted, Settings, run

WELL = {
    "fixed_work_seconds": 0.002,
    "seconds": 1.0,
    "steal_seconds": 0.0,
    "throttled_seconds": None,
    "throttle_count": None,
    "involuntary_switches": 3,
    "waiting_seconds": 0.0,
    "others_seconds": 0.0,
    "load": 0.5,
    "frequency_hz": None,
    "temperature_celsius": None,
}
ILL = {**WELL, "steal_seconds": 0.3}
STOLEN = ["other guests of this machine's host took 0.3 s of 1 s"]


def times(job: Job, seconds: float):
    figures = {"forward_time.layer": Figure("timing", (seconds, seconds, seconds))}
    return replace(observe(job), figures=figures)


def disturbing(*places: tuple[str, int, bool], failing: tuple[str, int, bool] | None = None):
    """Return a behaviour in which ``(case, launch, again)`` is disturbed, and one of them fails."""

    def behaviour(job: Job):
        if job.measurement != "throughput":
            return observe(job)
        place = (job.case.name, job.launch, job.again)
        if place == failing:
            return Failure("error", "it broke")
        seconds = 0.010 + 0.001 * job.launch + (0.005 if job.again else 0.0)
        return replace(times(job, seconds), conditions=ILL if place in places else WELL)

    return behaviour


def execute(folder: Path, executor: StandInExecutor, resumed: Results | None = None) -> Results:
    asked = request(folder)
    return run(asked.load(), asked, executor, Settings(folder / "out.json"), resumed=resumed)


def case_of(results: Results, name: str) -> dict:
    return next(case for case in results.cases if case["name"] == name)


def time_of(results: Results, name: str) -> dict:
    return case_of(results, name)["metrics"]["forward_time.layer"]


def taken(results: Results, name: str) -> list[tuple[int, bool, bool]]:
    return [(entry["launch"], entry["again"], entry["counts"]) for entry in case_of(results, name)["launches"]]


def timed_jobs(executor: StandInExecutor) -> list[tuple[str, int, bool]]:
    return [
        (job.case.name, job.launch, job.again)
        for worker in executor.workers
        for job in worker.jobs
        if job.measurement == "throughput"
    ]


def test_without_disturbance_each_launch_is_taken_once_with_its_conditions(tmp_path):
    executor = StandInExecutor(disturbing())
    results = execute(tmp_path, executor)
    assert len(timed_jobs(executor)) == 9
    assert taken(results, "dense") == [(0, False, True), (1, False, True), (2, False, True)]
    assert case_of(results, "dense")["launches"][0]["conditions"] == WELL
    assert "set_aside" not in time_of(results, "dense")["details"]
    assert not any("disturbed" in warning for warning in results.warnings)


def test_a_disturbed_launch_is_taken_again_in_a_fresh_process_right_after_its_round(tmp_path):
    executor = StandInExecutor(disturbing(("dense", 1, False)))
    execute(tmp_path, executor)
    jobs = timed_jobs(executor)
    assert jobs[6] == ("dense", 1, True)
    assert {launch for _, launch, _ in jobs[3:6]} == {1}
    assert {launch for _, launch, _ in jobs[7:]} == {2}
    alone = [worker for worker in executor.workers if any(job.again for job in worker.jobs)]
    assert [len(worker.jobs) for worker in alone] == [1]
    assert all(worker.closed for worker in executor.workers)


def test_the_second_take_counts_and_the_first_is_kept(tmp_path):
    results = execute(tmp_path, StandInExecutor(disturbing(("dense", 1, False))))
    record = time_of(results, "dense")
    assert [median(launch) for launch in record["samples"]] == [0.010, 0.016, 0.012]
    assert record["value"] == 0.012
    assert record["details"]["set_aside"] == [{"launch": 1, "samples": [0.011] * 3}]
    assert "disturbed" not in record["flags"]
    entries = case_of(results, "dense")["launches"]
    assert taken(results, "dense") == [(0, False, True), (1, False, False), (1, True, True), (2, False, True)]
    assert entries[1]["disturbed"] == STOLEN
    assert entries[1]["conditions"]["steal_seconds"] == 0.3
    (warning,) = [warning for warning in results.warnings if "disturbed" in warning]
    assert warning.startswith(f"1 of 9 timed launches were disturbed, such as: {STOLEN[0]}. In 1 places a second take")
    rate = case_of(results, "dense")["metrics"]["forward_throughput.layer"]
    assert rate["value"] == pytest.approx(4 * 2 / 0.012)


def test_where_the_second_take_is_disturbed_too_the_first_counts_and_is_flagged(tmp_path):
    executor = StandInExecutor(disturbing(("dense", 1, False), ("dense", 1, True)))
    results = execute(tmp_path, executor)
    record = time_of(results, "dense")
    assert [median(launch) for launch in record["samples"]] == [0.010, 0.011, 0.012]
    assert record["details"]["set_aside"] == [{"launch": 1, "samples": [0.016] * 3}]
    assert "disturbed" in record["flags"]
    assert "disturbed" in case_of(results, "dense")["metrics"]["forward_throughput.layer"]["flags"]
    assert "disturbed" not in time_of(results, "diagonal")["flags"]
    assert timed_jobs(executor).count(("dense", 1, True)) == 1, "at most once"
    (warning,) = [warning for warning in results.warnings if "disturbed" in warning]
    assert "1 stand as they were, and their figures are flagged" in warning


def test_a_second_take_that_fails_is_noted_and_the_case_goes_on_with_the_first(tmp_path):
    executor = StandInExecutor(disturbing(("dense", 1, False), failing=("dense", 1, True)))
    results = execute(tmp_path, executor)
    case = case_of(results, "dense")
    assert (case["status"], case["failures"]) == ("ok", {})
    assert [median(launch) for launch in time_of(results, "dense")["samples"]] == [0.010, 0.011, 0.012]
    assert [entry["failed"] for entry in case["launches"] if "failed" in entry] == ["it broke"]
    assert "disturbed" in time_of(results, "dense")["flags"]


def test_a_machine_that_disturbs_everything_is_not_measured_twice(tmp_path):
    everywhere = [(case, launch, False) for case in ("dense", "tridiagonal", "diagonal") for launch in range(3)]
    executor = StandInExecutor(disturbing(*everywhere))
    results = execute(tmp_path, executor)
    assert sum(again for *_, again in timed_jobs(executor)) == int(RETAKEN_SHARE * 9) == 2
    (warning,) = [warning for warning in results.warnings if "disturbed" in warning]
    assert warning.startswith("9 of 9 timed launches were disturbed")
    assert "In 2 places" in warning
    assert "7 stand as they were" in warning


def test_a_launch_that_was_interrupted_before_its_second_take_stays_flagged(tmp_path):
    well = disturbing(("dense", 1, False))

    def behaviour(job: Job):
        return KeyboardInterrupt() if job.again else well(job)

    with pytest.raises(Interrupted):
        execute(tmp_path, StandInExecutor(behaviour))
    left = Results.read(tmp_path / "out.json")
    assert "disturbed" in time_of(left, "dense")["flags"]
    resumed = execute(tmp_path, StandInExecutor(well), left)
    assert "disturbed" in time_of(resumed, "dense")["flags"]
    assert taken(resumed, "dense") == [(0, False, True), (1, False, True), (2, False, True)]


@pytest.mark.parametrize("damage", [None, [1], [{"launch": -1, "again": False, "counts": True, "disturbed": []}]])
def test_damaged_entries_of_a_resumed_document_are_measured_anew(tmp_path, damage):
    with pytest.raises(Interrupted):
        execute(tmp_path, StandInExecutor(lambda job: KeyboardInterrupt() if job.launch == 2 else disturbing()(job)))
    left = Results.read(tmp_path / "out.json")
    case_of(left, "dense")["launches"] = damage
    resumed = execute(tmp_path, StandInExecutor(disturbing()), left)
    assert taken(resumed, "dense") == [(0, False, True), (1, False, True), (2, False, True)]
    assert len(time_of(resumed, "dense")["samples"]) == 3


@pytest.mark.parametrize(("last", "said"), [(0.00209, None), (0.0022, "10 % slower"), (0.00185, "7 % faster")])
def test_a_drift_of_more_than_five_percent_from_the_first_launch_to_the_last_is_a_warning(tmp_path, last, said):
    seconds = {0: 0.002, 1: 0.01, 2: last}

    def behaviour(job: Job):
        observed = disturbing()(job)
        if job.measurement != "throughput":
            return observed
        return replace(observed, conditions={**WELL, "fixed_work_seconds": seconds[job.launch]})

    found = [warning for warning in execute(tmp_path, StandInExecutor(behaviour)).warnings if "drifted" in warning]
    assert len(found) == (said is not None)
    assert all(said in warning for warning in found)


def test_an_executor_that_watches_nothing_leaves_no_entries(tmp_path):
    results = execute(tmp_path, StandInExecutor())
    assert all(case["launches"] == [] for case in results.cases)
