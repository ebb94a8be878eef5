"""A stand-in for worker processes: times nothing, remembers what it was asked, and misbehaves on request."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rnnbench.errors import RnnbenchError
from rnnbench.results.figure import Figure, Observation
from rnnbench.runner.executor import Advanced, Place
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.request import Request
from tests.documents import calibration

SUITE = """\
version: 1
name: small
defaults: {task: {binary_addition: {bits: 3}}, hidden: 4, time_steps: 4, batch: 2}
matrix:
  connectivity: [dense, tridiagonal, diagonal]
measure:
  training: {iterations: 10, replicas: 2}
  throughput: {launches: 3}
  memory: {}
contrast: {axis: connectivity, baseline: dense}
"""

CALIBRATION = calibration()
Behaviour = Callable[[Job], Observation | Failure | BaseException]


def request(folder: Path, text: str = SUITE, **changes: object) -> Request:
    """Write a suite into ``folder`` and return the request to run it."""
    file = folder / "small.yaml"
    file.write_text(text)
    return Request(suite=str(file), **changes)


def observe(job: Job) -> Observation:
    """Return figures that depend on nothing but the job."""
    number = zlib.crc32(job.id.encode()) / 2**32 + 1
    figures = {
        "training": {"accuracy": Figure("replicas", (number / 4, number / 3), details={"examples": 16})},
        "throughput": {"forward_time.layer": Figure("timing", (number, number * 1.1), ("not_settled",))},
        "memory": {"recurrent_parameters": Figure("exact", (float(int(number * 100)),))},
    }
    return Observation(
        figures[job.measurement], {"name": "eager", "rejected": []}, {"max_error": number, "tolerance": 2.0}
    )


class StandInExecutor:
    """Starts stand-in workers.

    Parameters
    ----------
    behaviour
        What a job yields; an exception is raised.

    Attributes
    ----------
    calibration, calibrating
        What was measured of the machine before (None: nothing), and what measuring it yields.
    calibrated
        The devices that were calibrated.
    threads
        With how many a worker computes; with one, no jobs are done side by side.
    """

    threads = 1

    def __init__(self, behaviour: Behaviour = observe, torch: str = "2.13.0", absent: str | None = None) -> None:
        self.calibration: dict[str, Any] | None = CALIBRATION
        self.calibrating: dict[str, Any] | Failure | BaseException = CALIBRATION
        self.calibrated: list[tuple[str, ...]] = []
        self.behaviour = behaviour
        self.torch = torch
        self.absent = absent
        self.workers: list[StandInWorker] = []
        self.starts: list[str] = []
        self.fail_starts: set[int] = set()

    @property
    def jobs(self) -> list[tuple[int, str, str, int]]:
        """Every job so far: (worker, measurement, case, launch)."""
        return [
            (index, job.measurement, job.case.name, job.launch)
            for index, worker in enumerate(self.workers)
            for job in worker.jobs
        ]

    def begin(self, measurement: str) -> StandInWorker:
        return self.start(measurement)

    def start(self, measurement: str) -> StandInWorker:
        self.starts.append(measurement)
        if len(self.starts) - 1 in self.fail_starts:
            raise RnnbenchError("a worker process could not start: no more processes")
        self.workers.append(StandInWorker(self))
        return self.workers[-1]


class StandInWorker:
    def __init__(self, executor: StandInExecutor) -> None:
        self.executor = executor
        self.jobs: list[Job] = []
        self.usable = True
        self.closed = False
        self.begun: Job | None = None

    def await_ready(self) -> None:
        pass

    def probe(self, devices: Sequence[str]) -> Place:
        if self.executor.absent in devices:
            raise RnnbenchError(f"device '{self.executor.absent}' is not available: this machine offers cpu")
        packages = {"torch": self.executor.torch}
        settings = {"threads": self.executor.threads}
        return Place(dict.fromkeys(devices, "cpu"), [], settings, packages, "3.11.7", self.executor.calibration)

    def calibrate(self, devices: Sequence[str], timeout_seconds: float, advanced: Advanced) -> dict[str, Any] | Failure:
        assert self.usable
        assert not self.closed
        self.executor.calibrated.append(tuple(devices))
        advanced(0, 1, "products")
        if isinstance(self.executor.calibrating, BaseException):
            raise self.executor.calibrating
        return self.executor.calibrating

    def begin(self, job: Job, timeout_seconds: float) -> None:
        assert self.usable
        assert not self.closed
        assert self.begun is None, "one job at a time"
        self.begun = job
        self.jobs.append(job)

    def perform(self, job: Job, timeout_seconds: float, advanced: Advanced) -> Observation | Failure:
        if self.begun is None:
            self.begin(job, timeout_seconds)
        assert self.begun == job
        self.begun = None
        advanced(0, 1, job.measurement)
        outcome = self.executor.behaviour(job)
        if isinstance(outcome, BaseException):
            raise outcome
        if isinstance(outcome, Failure):
            self.usable = False
        return outcome

    def close(self) -> None:
        self.closed = True
