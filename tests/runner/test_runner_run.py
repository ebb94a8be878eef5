"""A run against a stand-in: order, failures, interruption, resume. Nothing is timed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from standin import CALIBRATION, SUITE, StandInExecutor, observe, request

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.document import Results
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.run import Interrupted, Settings, run

JOBS = 3 + 3 * 3 + 3
"""Of the stand-in's suite: training, launches, memory of three cases."""


def execute(folder: Path, executor: StandInExecutor, resumed: Results | None = None, **changes: object) -> Results:
    asked = request(folder, **changes)
    return run(asked.load(), asked, executor, Settings(folder / "out.json"), resumed=resumed)


def failing(measurement: str, case: str, failure: Failure, launch: int = 0) -> Callable[[Job], object]:
    def behaviour(job: Job) -> object:
        fails = (job.measurement, job.case.name, job.launch) == (measurement, case, launch)
        return failure if fails else observe(job)

    return behaviour


def interrupting(after: int) -> Callable[[Job], object]:
    """Return the behaviour that is interrupted in job number ``after``, counted from 0."""
    seen = iter(range(JOBS + 1))
    return lambda job: KeyboardInterrupt() if next(seen) == after else observe(job)


def case_of(results: Results, name: str) -> dict:
    return next(case for case in results.cases if case["name"] == name)


def test_every_case_is_measured_and_written(tmp_path: Path):
    executor = StandInExecutor()
    results = execute(tmp_path, executor)
    assert [case["status"] for case in results.cases] == ["ok"] * 3
    assert all(case["done"] == {"training": 1, "throughput": 3, "memory": 1} for case in results.cases)
    assert len(case_of(results, "dense")["metrics"]["forward_time.layer"]["samples"]) == 3
    assert case_of(results, "dense")["kernel"]["name"] == "eager"
    assert len(executor.jobs) == JOBS
    assert json.loads((tmp_path / "out.json").read_text()) == results.data
    assert results.run["finished"] is not None
    assert results.findings


def test_a_worker_serves_one_batch_and_is_closed(tmp_path: Path):
    executor = StandInExecutor()
    execute(tmp_path, executor)
    assert executor.starts == ["training"] + 3 * ["throughput"] + 3 * ["memory"]
    assert all(worker.closed for worker in executor.workers)


@pytest.mark.parametrize(("threads", "memory"), [(1, [6, 7, 7]), (2, [8, 8, 8])])
def test_as_many_workers_as_cores_start_early_while_nothing_is_timed(tmp_path: Path, threads: int, memory: list[int]):
    started: list[tuple[str, int]] = []

    def behaviour(job: Job) -> object:
        started.append((job.measurement, len(executor.starts)))
        return observe(job)

    executor = StandInExecutor(behaviour)
    executor.threads = threads
    execute(tmp_path, executor)
    timed = [("throughput", threads + 1 + launch) for launch in range(3) for _ in range(3)]
    before = [entry for entry in started if entry[0] != "training"]
    assert before == [*timed, *(("memory", workers) for workers in memory)]


def test_a_worker_that_does_not_start_early_is_started_when_it_is_wanted(tmp_path: Path):
    executor = StandInExecutor()
    executor.fail_starts = {5}
    results = execute(tmp_path, executor)
    assert [case["status"] for case in results.cases] == ["ok"] * 3


def test_an_interruption_ends_the_worker_that_has_started_early(tmp_path: Path):
    executor = StandInExecutor(lambda job: KeyboardInterrupt() if job.measurement == "memory" else observe(job))
    with pytest.raises(Interrupted):
        execute(tmp_path, executor)
    assert executor.starts[-2:] == ["memory", "memory"]
    assert all(worker.closed for worker in executor.workers)


@pytest.mark.parametrize("status", ["error", "oom", "timeout", "skipped"])
def test_a_failure_is_the_status_of_its_case_and_the_others_go_on(tmp_path: Path, status):
    failure = Failure(status, "it broke")
    executor = StandInExecutor(failing("throughput", "diagonal", failure, launch=1))
    results = execute(tmp_path, executor)
    failed = case_of(results, "diagonal")
    assert (failed["status"], failed["reason"]) == (status, "throughput: it broke")
    assert [case["status"] for case in results.cases if case is not failed] == ["ok", "ok"]
    assert len(failed["metrics"]["forward_time.layer"]["samples"]) == 1, "what was measured before is kept"


def test_a_failed_measurement_is_not_tried_again_and_the_cases_others_go_on(tmp_path: Path):
    executor = StandInExecutor(failing("throughput", "dense", Failure("error", "it broke")))
    results = execute(tmp_path, executor)
    assert [job[1:] for job in executor.jobs if job[2] == "dense"] == [
        ("training", "dense", 0),
        ("throughput", "dense", 0),
        ("memory", "dense", 0),
    ]
    assert set(case_of(results, "dense")["metrics"]) == {"accuracy", "recurrent_parameters"}


def test_several_failures_of_a_case_are_all_named(tmp_path: Path):
    failures = {"training": Failure("skipped", "no task"), "memory": Failure("oom", "too large")}
    executor = StandInExecutor(lambda job: failures.get(job.measurement) or observe(job))
    for case in execute(tmp_path, executor).cases:
        assert (case["status"], case["reason"]) == ("oom", "training: no task; memory: too large")


def test_after_a_failure_the_launch_goes_on_in_a_fresh_worker(tmp_path: Path):
    executor = StandInExecutor(failing("training", "dense", Failure("error", "it broke")))
    execute(tmp_path, executor)
    assert executor.jobs[:3] == [
        (0, "training", "dense", 0),
        (1, "training", "tridiagonal", 0),
        (1, "training", "diagonal", 0),
    ]


@pytest.mark.parametrize("max_error", [3.0, None])
def test_the_figures_of_a_failed_agreement_check_are_kept_until_it_is_made_again(tmp_path: Path, max_error):
    figures = {"max_error": max_error, "tolerance": 1.0}
    executor = StandInExecutor(failing("throughput", "dense", Failure("error", "disagrees", figures)))
    failed = execute(tmp_path, executor)
    assert case_of(failed, "dense")["agreement"] == figures
    assert case_of(execute(tmp_path, StandInExecutor(), resumed=failed), "dense")["agreement"]["max_error"] <= 2.0


def test_a_worker_that_does_not_start_fails_one_case(tmp_path: Path):
    executor = StandInExecutor()
    executor.fail_starts = {1}
    results = execute(tmp_path, executor)
    failed = [case for case in results.cases if case["status"] != "ok"]
    assert [(case["status"], case["reason"]) for case in failed] == [
        ("error", "throughput: a worker process could not start: no more processes")
    ]


def test_an_absent_device_ends_the_run_before_anything_is_measured(tmp_path: Path):
    executor = StandInExecutor(absent="cuda:7")
    with pytest.raises(RnnbenchError, match="this machine offers cpu") as raised:
        execute(tmp_path, executor, device="cuda:7")
    assert raised.value.exit_code is ExitCode.USAGE
    assert executor.jobs == []
    assert executor.workers[0].closed
    assert not (tmp_path / "out.json").exists()


def test_a_device_that_cannot_store_a_dtype_ends_the_run_before_anything_is_measured(tmp_path: Path):
    text = "version: 1\nname: s\nmatrix: {dtype: [float32, bfloat16]}\nmeasure: {memory: {}}"
    asked, executor = request(tmp_path, text), StandInExecutor()
    with pytest.raises(RnnbenchError) as raised:
        run(asked.load(), asked, executor, Settings())
    assert raised.value.message == (
        f"{tmp_path}/small.yaml: dtype=bfloat16, device auto (cpu here): bfloat16 is for CUDA devices, the kernels "
        "for cpu compute in what they store: use float32 on cpu, or a CUDA device"
    )
    assert raised.value.exit_code is ExitCode.USAGE
    assert executor.jobs == []
    assert executor.workers[0].closed


def test_the_file_is_whole_and_current_whenever_a_case_ends(tmp_path: Path):
    executor = StandInExecutor()
    out = tmp_path / "out.json"

    def behaviour(job: Job) -> object:
        if job.measurement == "memory" and len([j for j in executor.jobs if j[1] == "memory"]) > 1:
            before = executor.jobs[-2][2]
            assert case_of(Results.read(out), before)["status"] == "ok"
            assert case_of(Results.read(out), job.case.name)["status"] == "interrupted"
        return observe(job)

    executor.behaviour = behaviour
    execute(tmp_path, executor)


def test_a_disk_that_fills_up_leaves_the_last_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    executor = StandInExecutor()
    write = Results.write
    written: list[str] = []

    def full_from_the_third_on(self: Results, path: Path) -> None:
        if len(written) == 2:
            raise RnnbenchError(f"{path}: no room to write")
        write(self, path)
        written.append(path.read_text())

    monkeypatch.setattr(Results, "write", full_from_the_third_on)
    with pytest.raises(RnnbenchError, match="no room"):
        execute(tmp_path, executor)
    assert (tmp_path / "out.json").read_text() == written[-1]
    assert all(worker.closed for worker in executor.workers)


@pytest.mark.parametrize("after", range(JOBS))
def test_interrupted_and_resumed_equals_uninterrupted(tmp_path: Path, after):
    whole = execute(tmp_path, StandInExecutor())
    with pytest.raises(Interrupted) as raised:
        execute(tmp_path, StandInExecutor(interrupting(after)))
    left = Results.read(tmp_path / "out.json")
    assert left.data == raised.value.results.data
    assert left.run["finished"] is None
    unfinished = [case for case in left.cases if case["status"] == "interrupted"]
    assert unfinished
    assert all(case["reason"].startswith("not finished: ") for case in unfinished)

    executor = StandInExecutor()
    resumed = execute(tmp_path, executor, resumed=left)
    assert len(executor.jobs) == JOBS - after
    assert resumed.cases == whole.cases
    assert resumed.data["findings"] == whole.data["findings"]
    assert len(resumed.run["resumed"]) == 1


def test_what_is_left_runs_in_the_order_it_would_have_had(tmp_path: Path):
    whole = StandInExecutor()
    execute(tmp_path, whole)
    with pytest.raises(Interrupted):
        execute(tmp_path, StandInExecutor(interrupting(5)))
    rest = StandInExecutor()
    execute(tmp_path, rest, resumed=Results.read(tmp_path / "out.json"))
    assert [job[1:] for job in rest.jobs] == [job[1:] for job in whole.jobs[5:]]


@pytest.mark.parametrize("status", ["error", "oom", "timeout"])
def test_resume_tries_failed_cases_again_and_keeps_what_they_have(tmp_path: Path, status):
    whole = execute(tmp_path, StandInExecutor())
    failure = Failure(status, "a passing trouble")
    failed = execute(tmp_path, StandInExecutor(failing("throughput", "dense", failure, launch=1)))
    executor = StandInExecutor()
    resumed = execute(tmp_path, executor, resumed=failed)
    assert [job[1:] for job in executor.jobs] == [
        ("throughput", "dense", 1),
        ("throughput", "dense", 2),
    ]
    assert resumed.cases == whole.cases


def test_resume_skips_again_what_was_skipped(tmp_path: Path):
    skipped = execute(tmp_path, StandInExecutor(failing("training", "dense", Failure("skipped", "no task"))))
    executor = StandInExecutor()
    assert execute(tmp_path, executor, resumed=skipped).data == skipped.data
    assert executor.starts == []


@pytest.mark.parametrize("damage", [{"done": None}, {"done": {"training": -1}}, {"failures": [1]}])
def test_resume_measures_a_case_anew_that_does_not_say_what_is_done(tmp_path: Path, damage):
    whole = execute(tmp_path, StandInExecutor())
    damaged = copy.deepcopy(whole)
    damaged.cases[0].update(damage)
    executor = StandInExecutor()
    assert execute(tmp_path, executor, resumed=damaged).cases == whole.cases
    assert len(executor.jobs) == JOBS / 3


def test_resume_of_a_finished_document_does_nothing(tmp_path: Path):
    whole = execute(tmp_path, StandInExecutor())
    executor = StandInExecutor()
    before = copy.deepcopy(whole.data)
    assert execute(tmp_path, executor, resumed=whole).data == before
    assert executor.starts == []


def refuse(folder: Path, executor: StandInExecutor, text: str = SUITE, **changes: object) -> str:
    """Interrupt a run, resume it otherwise, and return the refusal."""
    with pytest.raises(Interrupted):
        execute(folder, StandInExecutor(interrupting(4)))
    before = (folder / "out.json").read_text()
    asked = request(folder, text, **changes)
    with pytest.raises(RnnbenchError) as raised:
        run(asked.load(), asked, executor, Settings(folder / "out.json"), resumed=Results.read(folder / "out.json"))
    assert raised.value.exit_code is ExitCode.NOT_COMPARABLE
    assert executor.jobs == []
    assert (folder / "out.json").read_text() == before
    return raised.value.message


def test_resume_refuses_another_suite_and_says_what_differs(tmp_path: Path):
    message = refuse(tmp_path, StandInExecutor(), SUITE.replace("hidden: 4", "hidden: 8"))
    assert "suite defaults hidden: 4, now 8" in message


def test_resume_refuses_other_cases(tmp_path: Path):
    assert "case 'diagonal' is no longer in the suite" in refuse(tmp_path, StandInExecutor(), select="not diagonal")


def test_resume_refuses_other_launches(tmp_path: Path):
    assert "measure throughput launches: 3, now 2" in refuse(tmp_path, StandInExecutor(), launches=2)


def test_resume_refuses_another_torch(tmp_path: Path):
    assert "version of torch: 2.13.0, now 2.14.0" in refuse(tmp_path, StandInExecutor(torch="2.14.0"))


def test_resume_refuses_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import rnnbench.machine.fingerprint as fingerprint

    with pytest.raises(Interrupted):
        execute(tmp_path, StandInExecutor(interrupting(4)))
    monkeypatch.setattr(fingerprint, "processor_model", lambda: "Another CPU")
    with pytest.raises(RnnbenchError, match="now Another CPU") as raised:
        execute(tmp_path, StandInExecutor(), resumed=Results.read(tmp_path / "out.json"))
    assert raised.value.exit_code is ExitCode.NOT_COMPARABLE


def test_a_quick_run_is_tagged_and_warned_of(tmp_path: Path):
    results = execute(tmp_path, StandInExecutor(), quick=True)
    assert results.run["tags"] == ["quick"]
    assert any("quick run" in warning for warning in results.warnings)
    assert results.run["launches"] == 3


def test_the_request_is_kept_so_that_the_file_alone_can_be_resumed(tmp_path: Path):
    from rnnbench.runner.request import Request

    results = execute(tmp_path, StandInExecutor(), overrides=("hidden=4,8",), select="dense", launches=2, seed=9)
    kept = Request.of_document(json.loads(json.dumps(results.run)), "out.json")
    assert kept.load() == request(tmp_path, overrides=("hidden=4,8",), select="dense", launches=2, seed=9).load()
    assert kept.seed == 9


@pytest.mark.parametrize("damage", [None, 3, {"launches": 0}, {"suite": "x", "seed": "soon"}])
def test_a_document_without_a_request_cannot_be_resumed(damage):
    from rnnbench.runner.request import Request

    with pytest.raises(RnnbenchError, match=r"out\.json: cannot be resumed"):
        Request.of_document({"request": damage}, "out.json")


def test_a_document_says_what_the_machine_can_reach_as_measured_before(tmp_path: Path):
    executor = StandInExecutor()
    results = execute(tmp_path, executor)
    assert results.calibration == json.loads((tmp_path / "out.json").read_text())["calibration"] == CALIBRATION
    assert executor.calibrated == []


def test_where_it_never_was_it_is_measured_before_the_first_launch_in_a_process_of_its_own(tmp_path: Path):
    executor = StandInExecutor()
    executor.calibration = None
    results = execute(tmp_path, executor)
    assert results.calibration == CALIBRATION
    assert executor.starts[:3] == ["training", "calibration", "training"]
    assert executor.calibrated == [("cpu",)]
    assert all(worker.closed for worker in executor.workers)
    assert all(job[0] != 1 for job in executor.jobs)


def test_it_can_be_left_out(tmp_path: Path):
    executor, asked = StandInExecutor(), request(tmp_path)
    executor.calibration = None
    results = run(asked.load(), asked, executor, Settings(calibrate=False))
    assert results.data["calibration"] is None
    assert executor.calibrated == []
    assert "calibration_failure" not in results.run


@pytest.mark.parametrize("fails_to_start", [False, True])
def test_a_machine_that_cannot_be_calibrated_is_a_warning_and_cases_are_measured(tmp_path: Path, fails_to_start):
    executor = StandInExecutor()
    executor.calibration, executor.calibrating = None, Failure("oom", "no memory for copies")
    executor.fail_starts = {1} if fails_to_start else set()
    results = execute(tmp_path, executor)
    assert results.data["calibration"] is None
    assert [case["status"] for case in results.cases] == ["ok"] * 3
    (warning,) = [warning for warning in results.warnings if "could not be measured" in warning]
    assert ("no more processes" if fails_to_start else "no memory for copies") in warning
    assert "rnnbench machine --calibrate" in warning
    executor.calibrating = CALIBRATION
    again = interrupted_document(tmp_path, interrupting(2))
    again.run["calibration_failure"], again.data["calibration"] = "no memory", None
    assert execute(tmp_path, executor, again).calibration == CALIBRATION
    assert "calibration_failure" not in again.run


def test_an_interrupted_calibration_leaves_nothing_behind(tmp_path: Path):
    executor = StandInExecutor()
    executor.calibration, executor.calibrating = None, KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path, executor)
    assert not (tmp_path / "out.json").exists()
    assert all(worker.closed for worker in executor.workers)
    assert executor.jobs == []


def test_a_resumed_document_keeps_the_calibration_that_it_began_with(tmp_path: Path):
    before = interrupted_document(tmp_path, interrupting(2))
    executor = StandInExecutor()
    executor.calibration = {**CALIBRATION, "threads": 99}
    assert execute(tmp_path, executor, before).calibration == CALIBRATION


def test_what_was_timed_without_a_calibration_is_held_against_it_on_resuming(tmp_path: Path):
    before = interrupted_document(tmp_path, interrupting(JOBS - 1))
    before.data["calibration"] = None
    for case in before.cases:
        case["metrics"] = {key: record for key, record in case["metrics"].items() if "fraction." not in key}
    results = execute(tmp_path, StandInExecutor(), before)
    assert all("flops_fraction.forward.layer" in case["metrics"] for case in results.cases)


@pytest.mark.parametrize("damaged", [{}, {"format": 1}, {"format": 1, "devices": {"cpu": {"gemm_peak": {}}}}, [], "x"])
def test_a_damaged_calibration_of_a_resumed_document_is_replaced(tmp_path: Path, damaged):
    before = interrupted_document(tmp_path, interrupting(2))
    before.data["calibration"] = damaged
    assert execute(tmp_path, StandInExecutor(), before).calibration == CALIBRATION


def interrupted_document(folder: Path, behaviour: Callable[[Job], object]) -> Results:
    with pytest.raises(Interrupted) as stopped:
        execute(folder, StandInExecutor(behaviour))
    return stopped.value.results


def test_each_time_stands_beside_its_share_of_what_the_machine_can_reach(tmp_path: Path):
    results = execute(tmp_path, StandInExecutor())
    metrics = case_of(results, "dense")["metrics"]
    for name in ("flops_fraction", "bandwidth_fraction"):
        record = metrics[f"{name}.forward.layer"]
        assert 0 < record["value"] < 1
        assert record["details"]["floor_time"] == pytest.approx(
            record["details"]["floor_fraction"] * metrics["forward_time.layer"]["value"]
        )
    executor, asked = StandInExecutor(), request(tmp_path)
    without = run(asked.load(), asked, executor, Settings(calibrate=False))
    assert not any("fraction." in key for key in case_of(without, "dense")["metrics"])
