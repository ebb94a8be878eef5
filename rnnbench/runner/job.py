"""The unit of work: one measurement of one case in one launch, and how it can fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from rnnbench.suite.case import Case

FailureStatus = Literal["skipped", "oom", "timeout", "error"]


@dataclass(frozen=True)
class Job:
    """One measurement of one case in one launch.

    Attributes
    ----------
    case
        What is measured.
    measurement
        ``training``, ``throughput``, ``memory``, ..., or ``match``.
    launch
        Counts from 0; measurements that are taken once have only launch 0.
    again
        Whether the launch is taken a second time, because something disturbed the first.
    """

    case: Case
    measurement: str
    launch: int = 0
    again: bool = False

    @property
    def id(self) -> str:
        """A name for messages between parent and worker."""
        return f"{self.measurement}:{self.launch}:{self.case.id}{':again' if self.again else ''}"


@dataclass(frozen=True)
class Failure:
    """A job that yielded no observation: the status and the reason its case will carry.

    ``agreement`` holds the figures of the agreement check where that is what failed.
    """

    status: FailureStatus
    reason: str
    agreement: dict[str, Any] | None = None
