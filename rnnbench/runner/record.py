"""The results document while a run writes it.

Each case carries ``done``, the finished launches of each measurement (``{"training": 1, "throughput": 3}``), and
``failures``, the status and reason of each measurement that failed (``{"memory": {"status": ..., "reason": ...}}``):
what a resumed run has left to do is read there. ``launches`` says how each timed launch went
(:mod:`rnnbench.runner.launches`). A failure ends its measurement; the case's others go on. A case that
is not finished is ``interrupted``, so that the file tells the truth however the run ends.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnbench.analysis.aggregate import DISTURBED, mark_timings, merge, retake
from rnnbench.measure.catalogue import MATCH
from rnnbench.results.document import Results
from rnnbench.results.figure import Observation
from rnnbench.runner.fractions import fractions
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.launches import RETAKEN_SHARE, disturbed, first_take, second_take, suffered
from rnnbench.runner.match import chosen_before, counted_match, matched
from rnnbench.runner.plan import Batch, launches, measurements
from rnnbench.suite.case import Case

_WRITING_SHARE = 0.05
"""Between the writes that are due anyway, at most this share of the time goes into writing."""


def new_case(case: Case) -> dict[str, Any]:
    """Return the document's entry of a case of which nothing is measured yet."""
    return {
        "id": case.id,
        "name": case.name,
        "parameters": case.resolved(),
        "status": "interrupted",
        "reason": None,
        "kernel": None,
        "agreement": None,
        "metrics": {},
        "done": {},
        "failures": {},
        "launches": [],
    }


def done(entry: dict[str, Any], measurement: str) -> int:
    """Return how many launches of ``measurement`` an entry of the document holds."""
    count: int = entry["done"].get(measurement, 0)
    return count


class Record:
    """Adds what jobs yield to a document, and writes it.

    Parameters
    ----------
    results
        The document; its cases are entries as :func:`new_case` makes them, in the order of ``cases``.
    cases
        The cases of the run.
    path
        Where to write; None keeps the document in memory.
    """

    def __init__(self, results: Results, cases: Sequence[Case], path: Path | None) -> None:
        self.results = results
        self._entries = {entry["name"]: entry for entry in results.cases}
        self._cases = {case.name: chosen_before(case, self._entries[case.name]) for case in cases}
        self._path = path
        self._timed = sum(launches(case, "throughput") for case in cases)
        self._write_seconds = 0.0
        self._last_write = time.monotonic()
        for case in self._cases.values():
            self._settle(case)
            entry = self._entries[case.name]
            entry["metrics"] = {**counted_match(case), **entry["metrics"]}
            if done(entry, "throughput"):  # what was timed before the machine was calibrated
                entry["metrics"].update(self._fractions(case, entry))

    def wants(self, job: Job) -> bool:
        """Say whether a job is still to be done: its measurement has not failed in an earlier launch."""
        return job.measurement not in self._entries[job.case.name]["failures"]

    def sized(self, job: Job) -> Job:
        """Return a job of the hidden size that its case was found to match its reference with."""
        return replace(job, case=self._cases[job.case.name])

    def is_over(self, case: Case) -> bool:
        """Say whether nothing is left to do of a case."""
        return bool(self._entries[case.name]["status"] != "interrupted")

    def add(self, job: Job, outcome: Observation | Failure) -> None:
        """Put the outcome of a job into the document; write it if a measurement of a case ended with it.

        Raises
        ------
        RnnbenchError
            The document cannot be written; the file is as it was before.
        """
        entry = self._entries[job.case.name]
        if job.again:
            self._add_again(entry, job, outcome)
        elif isinstance(outcome, Failure):
            for name in _ended_by(job):
                entry["failures"][name] = {"status": outcome.status, "reason": outcome.reason}
        else:
            if job.measurement == MATCH and job.launch == 0:
                self._cases[job.case.name] = matched(job.case, outcome)
                entry["parameters"] = self._cases[job.case.name].resolved()
            entry["metrics"] = merge(entry["metrics"], outcome, entry["parameters"])
            if outcome.kernel is not None and (entry["kernel"] is None or job.measurement == "throughput"):
                # The kernel that was timed is the one that readers ask for.
                entry["kernel"] = outcome.kernel
            entry["done"][job.measurement] = job.launch + 1
            first_take(entry["launches"], job, outcome.conditions)
        if job.measurement == "throughput":
            entry["metrics"] = mark_timings(entry["metrics"], DISTURBED, disturbed(entry["launches"]))
            entry["metrics"].update(self._fractions(job.case, entry))
        entry["agreement"] = _worse(entry["agreement"], outcome.agreement)
        self._settle(job.case)
        ended = isinstance(outcome, Failure) or job.launch + 1 == launches(job.case, job.measurement)
        waited = time.monotonic() - self._last_write
        if ended or waited * _WRITING_SHARE >= self._write_seconds:
            self.write()

    def to_retake(self, batch: Batch) -> Batch | None:
        """Return the jobs of a batch that were disturbed and are to be done again, once; None without any."""
        if batch.measurement != "throughput":  # nothing else is watched
            return None
        retaken = sum(launch["again"] for entry in self._entries.values() for launch in entry["launches"])
        left = max(0, int(RETAKEN_SHARE * self._timed) - retaken)
        again = [
            replace(job, again=True)
            for job in batch.jobs
            if job.measurement == "throughput"
            and self.wants(job)
            and suffered(self._entries[job.case.name]["launches"], job.launch)
        ]
        return Batch(batch.measurement, tuple(again[:left])) if again[:left] else None

    def _add_again(self, entry: dict[str, Any], job: Job, outcome: Observation | Failure) -> None:
        counts = second_take(entry["launches"], job, outcome)
        if isinstance(outcome, Observation):
            entry["metrics"] = retake(entry["metrics"], outcome, job.launch, counts, entry["parameters"])

    def _fractions(self, case: Case, entry: dict[str, Any]) -> dict[str, Any]:
        """Return how much of what the machine can reach the times of a case reach, where that is known."""
        calibration = self.results.calibration
        if calibration is None or entry["kernel"] is None:
            return {}
        device = self.results.run["devices"].get(case.parameters.device)
        return fractions(case, entry["metrics"], entry["kernel"]["name"], calibration["devices"].get(device))

    def write(self) -> None:
        """Write the document; raises as :meth:`Results.write`."""
        if self._path is None:
            return
        start = time.monotonic()
        self.results.write(self._path)
        self._last_write = time.monotonic()
        self._write_seconds = self._last_write - start

    def _settle(self, case: Case) -> None:
        """Set status and reason of a case from what is done, what failed and what is missing."""
        entry = self._entries[case.name]
        failures = entry["failures"]
        missing = [
            f"{name} ({done(entry, name)} of {launches(case, name)} launches)" if launches(case, name) > 1 else name
            for name in measurements(case)
            if name not in failures and done(entry, name) < launches(case, name)
        ]
        reasons = [f"not finished: {', '.join(missing)}"] if missing else []
        alike: dict[str, list[str]] = {}
        for name, failure in failures.items():
            alike.setdefault(failure["reason"], []).append(name)
        reasons += [f"{', '.join(names)}: {reason}" for reason, names in alike.items()]
        # What went wrong tells more than what was skipped.
        statuses = sorted((failure["status"] for failure in failures.values()), key=lambda status: status == "skipped")
        entry["status"] = "interrupted" if missing else next(iter(statuses), "ok")
        entry["reason"] = "; ".join(reasons) or None


def _ended_by(job: Job) -> tuple[str, ...]:
    """Return the measurements that a failed job ends: all of a case that is left without a hidden size."""
    return measurements(job.case) if job.measurement == MATCH and job.launch == 0 else (job.measurement,)


def excess(agreement: dict[str, Any]) -> float:
    """Return the error of an agreement check in units of its tolerance: above 1, or infinite, it failed."""
    error: float | None = agreement["max_error"]
    return math.inf if error is None else error / agreement["tolerance"]


def _worse(first: dict[str, Any] | None, second: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the agreement check that came closer to its tolerance, or further beyond it."""
    return max((check for check in (first, second) if check is not None), key=excess, default=None)
