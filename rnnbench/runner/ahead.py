"""Jobs that take one core each: while the run awaits one, other workers are at those that follow it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from itertools import takewhile

from rnnbench.errors import RnnbenchError
from rnnbench.measure.training_threads import trains_on_one
from rnnbench.results.figure import Observation
from rnnbench.runner.executor import Advanced, Executor, Place, Worker
from rnnbench.runner.job import Failure, Job

MOST_WORKERS = 8
"""Processes side by side; each holds what importing torch takes."""


def side_by_side(jobs: Sequence[Job], place: Place) -> Sequence[Job]:
    """Return those of the next ``jobs`` that can be done at the same time at a ``place``, the first of them at least.

    What is learnt depends on no other process, and a small model trains on one thread.
    """
    most = min(place.settings["threads"], MOST_WORKERS)
    together = list(takewhile(lambda job: _takes_one_core(job, place), jobs[:most]))
    return together or jobs[:1]


def _takes_one_core(job: Job, place: Place) -> bool:
    parameters, training = job.case.parameters, job.case.measure.training
    if job.measurement != "training" or training is None:
        return False
    return place.devices.get(parameters.device) == "cpu" and trains_on_one(parameters, training)


class Ahead:
    """Workers that are handed jobs before these are awaited.

    Parameters
    ----------
    executor
        Starts them.
    timeout_seconds
        How long one job may take.
    """

    def __init__(self, executor: Executor, timeout_seconds: float) -> None:
        self._executor = executor
        self._timeout_seconds = timeout_seconds
        self._idle: list[Worker] = []
        self._busy: dict[str, Worker] = {}

    def employ(self, worker: Worker) -> None:
        """Take a worker that is ready, and idle."""
        self._idle.append(worker)

    def hand(self, jobs: Sequence[Job]) -> None:
        """Hand each of the jobs to a worker of its own, unless one has it already, as long as workers start."""
        with contextlib.suppress(RnnbenchError):  # the run starts a worker for them when they are wanted, or says why
            for job in jobs:
                if job.id not in self._busy:
                    worker = self._idle.pop() if self._idle else self._executor.start(job.measurement)
                    self._busy[job.id] = worker
                    worker.begin(job, self._timeout_seconds)

    def has(self, job: Job) -> bool:
        """Say whether a worker has the job."""
        return job.id in self._busy

    def outcome(self, job: Job, advanced: Advanced) -> Observation | Failure:
        """Wait for a job that a worker :meth:`has`."""
        outcome = self._busy[job.id].perform(job, self._timeout_seconds, advanced)
        worker = self._busy.pop(job.id)
        if worker.usable:
            self._idle.append(worker)
        else:
            worker.close()
        return outcome

    def close(self) -> None:
        """End the workers, also those at work."""
        for worker in (*self._idle, *self._busy.values()):
            worker.close()
        self._idle.clear()
        self._busy.clear()
