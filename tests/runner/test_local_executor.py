"""Real worker processes that crash, hang, are killed and run out of memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rnnbench.errors import RnnbenchError
from rnnbench.results.figure import Observation
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.local_executor import LocalExecutor, LocalWorker
from rnnbench.suite.case import Case
from rnnbench.suite.schema import Measure, Memory, Parameters

MISBEHAVING = (sys.executable, str(Path(__file__).with_name("misbehaving_worker.py")))
ENOUGH_SECONDS = 60.0

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups of POSIX")


def job(name: str) -> Job:
    return Job(Case(name, Parameters(), Measure(memory=Memory())), "memory")


def perform(worker: LocalWorker, name: str, timeout_seconds: float = ENOUGH_SECONDS) -> Observation | Failure:
    return worker.perform(job(name), timeout_seconds, lambda done, total, note: None)


def gone(pid: int) -> bool:
    """Wait for a process to end; say whether it did."""
    for _ in range(200):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def read_pid(file: Path) -> int:
    for _ in range(600):
        if file.exists():
            return int(file.read_text())
        time.sleep(0.05)
    raise AssertionError(f"{file} did not appear")


@pytest.fixture
def worker() -> Iterator[LocalWorker]:
    """Return a worker that misbehaves as the names of its cases say."""
    worker = LocalExecutor(MISBEHAVING).start("memory")
    yield worker
    worker.close()
    assert gone(worker.pid)


def test_a_sound_worker_answers_again_and_again(worker: LocalWorker):
    seen: list[tuple[int, int, str]] = []
    first = worker.perform(job("answer"), ENOUGH_SECONDS, lambda *progress: seen.append(progress))
    assert isinstance(first, Observation), "noise on its stdout does not harm the protocol"
    assert first.figures["answer"].values == (worker.pid,)
    assert seen == [(1, 3, "misbehaving")]

    declined = perform(worker, "decline")
    assert declined == Failure("error", "the kernel disagrees", {"max_error": 2.0, "tolerance": 1.0})
    assert worker.usable, "an expected failure harms nothing"
    assert perform(worker, "answer") == first

    place = worker.probe(["cpu", "auto"])
    assert place.devices["cpu"] == "cpu"
    assert place.settings["threads"] >= 1
    assert set(place.packages) >= {"torch", "numpy"}
    with pytest.raises(RnnbenchError, match="cuda:99"):
        worker.probe(["cuda:99"])

    failed = perform(worker, "fail")
    assert failed == Failure("error", "ValueError: no such thing\nat all")
    assert not worker.usable, "what an exception left behind is unknown"
    assert gone(worker.pid)


@pytest.mark.parametrize("way", ["torch", "numpy", pytest.param("limit", marks=posix)])
def test_too_large_an_allocation_is_oom(worker: LocalWorker, way):
    failure = perform(worker, f"ask_for_too_much {way}")
    assert isinstance(failure, Failure)
    assert failure.status == "oom"
    assert not worker.usable


@posix
def test_a_worker_past_the_timeout_is_killed_with_its_children(worker: LocalWorker, tmp_path: Path):
    failure = perform(worker, f"hang {tmp_path / 'child'}", timeout_seconds=3.0)
    assert failure == Failure("timeout", "no result within 3 s (--timeout)")
    assert not worker.usable
    assert gone(worker.pid)
    assert gone(read_pid(tmp_path / "child"))


@posix
def test_a_worker_killed_from_outside_says_the_signal(worker: LocalWorker, tmp_path: Path):
    def kill() -> None:
        read_pid(tmp_path / "child")
        os.kill(worker.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    failure = perform(worker, f"hang {tmp_path / 'child'}")
    killer.join()
    assert failure == Failure("error", "worker was killed by signal 9 (SIGKILL)")
    assert gone(read_pid(tmp_path / "child")), "nothing it started stays behind"


def test_a_worker_that_leaves_is_quoted(worker: LocalWorker):
    failure = perform(worker, "leave 3")
    assert isinstance(failure, Failure)
    assert failure.reason == "worker exited with status 3 without a result; it wrote last:\nthe last words"


def test_a_worker_that_is_dead_before_its_job_fails_the_job(worker: LocalWorker):
    psutil.Process(worker.pid).kill()
    assert gone(worker.pid)
    failure = perform(worker, "answer")
    assert isinstance(failure, Failure)
    assert failure.status == "error"


def test_threads_and_allocator_are_set_in_its_environment(worker: LocalWorker):
    names = "OMP_NUM_THREADS,MKL_NUM_THREADS,NUMBA_NUM_THREADS,PYTHONHASHSEED,MALLOC_MMAP_THRESHOLD_"
    observation = perform(worker, f"environment {names}")
    assert isinstance(observation, Observation)
    threads = worker.probe(["cpu"]).settings["threads"]
    assert [figure.values[0] for figure in observation.figures.values()] == [threads, threads, threads, 0, 65536]


def test_a_worker_that_cannot_be_imported_says_why():
    command = [sys.executable, "-c", "raise ImportError('libomp.so: not found')"]
    with pytest.raises(RnnbenchError, match=r"(?s)could not start.*ImportError: libomp\.so: not found"):
        LocalExecutor(command).start("memory")


def test_a_worker_that_never_gets_ready_is_given_up():
    with pytest.raises(RnnbenchError, match=r"did not start within 0\.5 s"):
        LocalExecutor([sys.executable, "-c", "import time; time.sleep(600)"], start_seconds=0.5).start("memory")


def test_a_command_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(RnnbenchError, match="absent"):
        LocalExecutor([str(tmp_path / "absent")]).start("memory")


_PARENT = """
import sys, test_local_executor as t
worker = t.LocalExecutor(t.MISBEHAVING).start("memory")
print(worker.pid, flush=True)
t.perform(worker, "hang")
"""


@posix
def test_a_busy_worker_ends_when_its_parent_dies():
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone(pid)


def test_a_worker_calibrates_and_tells_how_far_it_is(worker: LocalWorker):
    said = []
    section = worker.calibrate(["answer"], ENOUGH_SECONDS, lambda *progress: said.append(progress))
    assert said == [(1, 3, "misbehaving")]
    assert section["threads"] == worker.probe(["cpu"]).settings["threads"]
    assert len(section["fingerprint"]) == 16


@pytest.mark.parametrize(
    ("device", "status", "reason"),
    [("fail", "error", "ValueError: no such thing"), ("leave 3", "error", "status 3"), ("hang", "timeout", "0.5 s")],
)
def test_a_calibration_that_fails_says_how_and_ends_the_worker(worker: LocalWorker, device, status, reason):
    outcome = worker.calibrate([device], 0.5 if device == "hang" else ENOUGH_SECONDS, lambda *_: None)
    assert isinstance(outcome, Failure)
    assert outcome.status == status
    assert reason in outcome.reason
    assert not worker.usable
