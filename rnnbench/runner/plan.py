"""Which jobs a run has, in which order, and which of them share a worker process.

Where hidden sizes are to be matched by time, that comes first: everything else is of the size that is found. Training
comes next: what a case learns is the answer people wait for, and it is not timed, so that small models train side by
side (:mod:`rnnbench.runner.ahead`). It also brings the machine to its working temperature, so that the first timed
launch gets no cooler processor than the last.
Timing follows, launch by launch, each in a fresh process that walks all cases in a shuffle of its own, so that
slow drifts of the machine spread over all cases. Storage comes after it, in one process: nothing there depends on what
was before. Memory, the longest sequences and equivalence come last, every case in a process of its own, because a
process that has freed memory is not as it was before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rnnbench.measure.catalogue import MATCH
from rnnbench.runner.job import Job
from rnnbench.suite.case import Case


@dataclass(frozen=True)
class Batch:
    """Jobs of one measurement that run in one worker process, in this order, or side by side where nothing is timed."""

    measurement: str
    jobs: tuple[Job, ...]


MATCH_LAUNCHES = 5
"""The first one finds the hidden size; the interval of the ratio of times is over all of them."""


def measurements(case: Case) -> tuple[str, ...]:
    """Return what is measured of ``case``, in the order in which it is: what its suite names, and a match by time."""
    return ((MATCH,) if case.timed_match else ()) + case.measure.names()


def launches(case: Case, measurement: str) -> int:
    """Return how many launches ``measurement`` takes of ``case``; 0 if it is not asked for."""
    if measurement == MATCH:
        return MATCH_LAUNCHES if case.timed_match else 0
    if measurement == "throughput" and case.measure.throughput is not None:
        return case.measure.throughput.launches
    return int(measurement in case.measure.names())


def plan(cases: Sequence[Case], seed: int, done: Callable[[Case, str], int]) -> list[Batch]:
    """Return the batches that are left to run.

    Parameters
    ----------
    cases
        In the order of the suite.
    seed
        Decides the order of the cases within each launch.
    done
        How many launches of a measurement of a case are finished; what is left keeps the order it would have had.
    """

    def left(measurement: str) -> list[Job]:
        asked = [case for case in cases if measurement in case.measure.names()]
        return [Job(case, measurement) for case in asked if done(case, measurement) < launches(case, measurement)]

    alone = [job for measurement in ("memory", "max_length", "equivalence") for job in left(measurement)]
    return [
        *_timed(MATCH, cases, seed, done),
        *([Batch("training", tuple(training))] if (training := left("training")) else []),
        *_timed("throughput", cases, seed, done),
        *([Batch("storage", tuple(storage))] if (storage := left("storage")) else []),
        *(Batch(job.measurement, (job,)) for job in alone),
    ]


def _timed(measurement: str, cases: Sequence[Case], seed: int, done: Callable[[Case, str], int]) -> Iterator[Batch]:
    """Yield the launches of what is timed."""
    for launch in range(max((launches(case, measurement) for case in cases), default=0)):
        jobs = [
            Job(case, measurement, launch)
            for case in shuffled(cases, seed, launch)
            if done(case, measurement) <= launch < launches(case, measurement)
        ]
        if jobs:
            yield Batch(measurement, tuple(jobs))


def shuffled(cases: Sequence[Case], seed: int, launch: int) -> list[Case]:
    """Return the cases in the order of a launch.

    They are sorted by a hash of seed, launch and case: the order is the same on every platform and Python, and
    leaving out some cases does not move the others.
    """
    return sorted(cases, key=lambda case: hashlib.sha256(f"{seed}:{launch}:{case.id}:{case.name}".encode()).digest())
