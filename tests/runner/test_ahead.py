"""Jobs of one core each, done side by side: against stand-ins, and trained for real."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from standin import SUITE, StandInExecutor, observe, request

from rnnbench.runner.ahead import MOST_WORKERS, side_by_side
from rnnbench.runner.executor import Place
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.local_executor import LocalExecutor
from rnnbench.runner.run import Interrupted, Settings, run

CASES = ("dense", "tridiagonal", "diagonal")


class Threaded(StandInExecutor):
    """Workers of two threads each."""

    threads = 2


def execute(folder: Path, executor: StandInExecutor, text: str = SUITE):
    asked = request(folder, text)
    return run(asked.load(), asked, executor, Settings(folder / "out.json"))


def training_jobs(executor: StandInExecutor) -> list[tuple[int, str]]:
    return [(worker, case) for worker, measurement, case, _ in executor.jobs if measurement == "training"]


def test_as_many_train_at_a_time_as_there_are_threads(tmp_path: Path):
    at_work: list[int] = []
    executor = Threaded()

    def behaviour(job: Job) -> object:
        at_work.append(sum(worker.begun is not None for worker in executor.workers) + 1)
        return observe(job)

    executor.behaviour = behaviour
    results = execute(tmp_path, executor)
    assert at_work[:3] == [2, 2, 1]
    assert set(at_work[3:]) == {1}, "what is timed, and what memory it takes, is measured alone"
    assert training_jobs(executor) == [(0, "dense"), (0, "diagonal"), (1, "tridiagonal")]
    assert [case["status"] for case in results.cases] == ["ok"] * 3
    assert all(worker.closed for worker in executor.workers)


def test_the_figures_are_those_of_one_at_a_time(tmp_path: Path):
    alone, beside = (execute(tmp_path, executor()) for executor in (StandInExecutor, Threaded))
    assert alone.cases == beside.cases


def test_all_workers_are_closed_before_the_first_is_timed(tmp_path: Path):
    executor = Threaded()

    def behaviour(job: Job) -> object:
        if job.measurement == "throughput":
            assert [worker.closed for worker in executor.workers[:2]] == [True, True]
        return observe(job)

    executor.behaviour = behaviour
    assert all(case["status"] == "ok" for case in execute(tmp_path, executor).cases)


@pytest.mark.parametrize("case", CASES)
def test_a_failure_is_that_of_its_case(tmp_path: Path, case: str):
    failure = Failure("error", "it broke")
    executor = Threaded(
        lambda job: failure if job.id.startswith("training") and job.case.name == case else observe(job)
    )
    results = execute(tmp_path, executor)
    statuses = {found["name"]: found["status"] for found in results.cases}
    assert statuses == {**dict.fromkeys(CASES, "ok"), case: "error"}
    assert sorted(name for _, name in training_jobs(executor)) == sorted(CASES), "each was begun once"


@pytest.mark.parametrize("start", [1, 2])
def test_a_worker_that_does_not_start_leaves_its_job_to_the_others(tmp_path: Path, start: int):
    executor = Threaded()
    executor.fail_starts = {start}
    results = execute(tmp_path, executor)
    assert [case["done"].get("training") for case in results.cases] == [1, 1, 1]


def test_an_interruption_ends_all_workers_and_keeps_what_is_finished(tmp_path: Path):
    executor = Threaded(lambda job: KeyboardInterrupt() if job.case.name == "tridiagonal" else observe(job))
    with pytest.raises(Interrupted) as caught:
        execute(tmp_path, executor)
    assert [case["done"] for case in caught.value.results.cases] == [{"training": 1}, {}, {}]
    assert all(worker.closed for worker in executor.workers)


def place(threads: int, device: str = "cpu") -> Place:
    return Place({"auto": device}, [], {"threads": threads}, {}, "3.11.7")


def jobs_of(folder: Path, text: str = SUITE, measurement: str = "training") -> list[Job]:
    return [Job(case, measurement) for case in request(folder, text).load().cases]


def test_only_small_models_on_a_cpu_train_side_by_side(tmp_path: Path):
    jobs = jobs_of(tmp_path)
    assert side_by_side(jobs, place(2)) == jobs[:2]
    assert side_by_side(jobs, place(1)) == jobs[:1]
    assert side_by_side(jobs, place(2, "cuda:0")) == jobs[:1]
    assert (
        side_by_side(jobs_of(tmp_path, measurement="throughput"), place(2))
        == jobs_of(tmp_path, measurement="throughput")[:1]
    )
    large = jobs_of(tmp_path, SUITE.replace("hidden: 4", "hidden: 2048"))
    assert side_by_side(large, place(2)) == large[:1]
    assert side_by_side([jobs[0], *large], place(4)) == jobs[:1], "a large one uses all threads itself"


def test_processes_side_by_side_are_bounded(tmp_path: Path):
    job = jobs_of(tmp_path)[0]
    many = [dataclasses.replace(job, launch=launch) for launch in range(64)]
    assert len(side_by_side(many, place(64))) == MOST_WORKERS


def test_what_is_learnt_has_the_bits_of_one_at_a_time(tmp_path: Path, monkeypatch):
    suite = SUITE.replace("  throughput: {launches: 3}\n  memory: {}\n", "").replace(
        "training: {iterations: 10,", "training: {iterations: 200,"
    )
    learnt = []
    for workers in (1, 2):
        monkeypatch.setattr("rnnbench.runner.ahead.MOST_WORKERS", workers)
        asked = request(tmp_path, suite)
        results = run(asked.load(), asked, LocalExecutor(), Settings(calibrate=False))
        assert [case["status"] for case in results.cases] == ["ok"] * 3
        learnt.append([case["metrics"] for case in results.cases])
    assert learnt[0] == learnt[1]


def test_the_run_imports_no_torch_to_say_what_trains_on_one_thread():
    said = "import sys, rnnbench.runner.ahead; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
