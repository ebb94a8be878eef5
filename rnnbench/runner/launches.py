"""The launches of a case beside their times: how things were on the machine, and which of two takes counts.

A launch that was disturbed is taken a second time, once, in a fresh process after the others of its round. The second
take counts if nothing disturbed it, else the first; the other one's times stay in the document, under ``set_aside`` of
each timing's details. Times themselves decide nothing: that would pick the fast ones.

Entries are ``{"launch", "again", "counts", "disturbed": [phrases], "conditions"}``; ``failed`` in the place of
conditions says how a second take ended that gave no times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnbench.machine.disturbance import disturbances
from rnnbench.results.figure import Observation
from rnnbench.runner.job import Failure, Job

RETAKEN_SHARE = 0.25
"""Of all timed launches. A machine that disturbs more is no quieter the second time: the others stand, flagged."""

Entry = dict[str, Any]


def first_take(taken: list[Entry], job: Job, conditions: Mapping[str, Any] | None) -> None:
    """Note a launch; one that was not watched leaves no entry."""
    if conditions is not None:
        taken.append(_entry(job, conditions, counts=True))


def second_take(taken: list[Entry], job: Job, outcome: Observation | Failure) -> bool:
    """Note a launch that was taken again; return whether it counts in the place of the first."""
    first = next(entry for entry in taken if entry["launch"] == job.launch and not entry["again"])
    if isinstance(outcome, Failure):
        taken.append({"launch": job.launch, "again": True, "counts": False, "disturbed": [], "failed": outcome.reason})
        return False
    conditions = outcome.conditions
    counts = conditions is not None and not disturbances(conditions)
    first["counts"] = not counts
    taken.append(_entry(job, conditions or {}, counts))
    return counts


def suffered(taken: Sequence[Entry], launch: int) -> bool:
    """Say whether a launch was disturbed, and was not taken again yet."""
    takes = [entry for entry in taken if entry["launch"] == launch]
    return len(takes) == 1 and bool(takes[0]["disturbed"])


def disturbed(taken: Sequence[Entry]) -> bool:
    """Say whether any launch that counts was disturbed."""
    return any(entry["counts"] and entry["disturbed"] for entry in taken)


def _entry(job: Job, conditions: Mapping[str, Any], counts: bool) -> Entry:
    said = disturbances(conditions) if conditions else []
    return {
        "launch": job.launch,
        "again": job.again,
        "counts": counts,
        "disturbed": said,
        "conditions": dict(conditions),
    }
