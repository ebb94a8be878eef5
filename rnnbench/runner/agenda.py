"""What a run still has to do, and how long that will take: rough estimates, corrected by what jobs really took."""

from __future__ import annotations

from collections.abc import Iterable

from rnnbench.runner.job import Job
from rnnbench.runner.plan import Batch
from rnnbench.suite.estimate import estimate_seconds

WORKER_START_SECONDS = 2.0
"""Importing torch, about."""


def batch_seconds(batch: Batch) -> list[float]:
    """Return the estimate for each job of a batch; the first one's includes the start of the worker."""
    estimates = [estimate_seconds(job.case, job.measurement) for job in batch.jobs]
    return [estimates[0] + WORKER_START_SECONDS, *estimates[1:]]


class Agenda:
    """Counts jobs and predicts.

    Time left is the estimate of what remains times measured / estimated so far: of the same measurement where some
    of it is done, else of all measurements, else the estimate as it is.
    """

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._left: dict[str, dict[str, float]] = {}
        self._remaining: dict[str, float] = {}
        self._estimated: dict[str, float] = {}
        self._measured: dict[str, float] = {}
        self.done = 0
        self.total = 0
        for batch in batches:
            self.added(batch)

    def added(self, batch: Batch) -> None:
        """Put one more batch on."""
        for job, seconds in zip(batch.jobs, batch_seconds(batch), strict=True):
            self._left.setdefault(job.case.name, {})[job.id] = seconds
            self._remaining[job.measurement] = self._remaining.get(job.measurement, 0.0) + seconds
            self.total += 1

    def finished(self, job: Job, measured_seconds: float) -> None:
        """Take a job off, and learn from the time it took."""
        estimated = self._take(job)
        self.done += 1
        self._estimated[job.measurement] = self._estimated.get(job.measurement, 0.0) + estimated
        self._measured[job.measurement] = self._measured.get(job.measurement, 0.0) + measured_seconds

    def dropped(self, job: Job) -> None:
        """Take a job off that will not be done."""
        self._take(job)
        self.total -= 1

    def seconds_left(self) -> float:
        """Return the seconds that the rest will take, about."""
        return sum(self._ratio(measurement) * seconds for measurement, seconds in self._remaining.items())

    def _take(self, job: Job) -> float:
        seconds = self._left[job.case.name].pop(job.id)
        self._remaining[job.measurement] -= seconds
        return seconds

    def _ratio(self, measurement: str) -> float:
        if self._estimated.get(measurement):
            return self._measured[measurement] / self._estimated[measurement]
        estimated = sum(self._estimated.values())
        return sum(self._measured.values()) / estimated if estimated else 1.0
