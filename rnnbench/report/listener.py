"""Who is told how a run goes, as an interface; the display on the terminal is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rnnbench.results.document import Results
from rnnbench.words import printable

_LONGEST = 300


@dataclass(frozen=True)
class Started:
    """A job that begins: launch ``launch`` (from 1) of ``launches``, after ``done`` of ``total`` jobs of the run.

    ``seconds_left`` is None where nothing tells yet how long the rest will take.
    """

    case: str
    measurement: str
    launch: int
    launches: int
    done: int
    total: int
    seconds_left: float | None


class Listener(Protocol):
    """Is told of every job; must return at once, since a worker may be measuring."""

    def opened(self, results: Results) -> None:
        """The document that the run writes: its cases fill in, and may be looked at whenever a job begins or ends."""

    def preparing(self, note: str) -> None:
        """Something is done before the first job, which may take seconds."""

    def started(self, job: Started) -> None:
        """A job begins."""

    def advanced(self, done: int, total: int, note: str) -> None:
        """The job that runs has come this far."""

    def finished(self, status: str, reason: str | None, *, case_over: bool) -> None:
        """The job ended: ``ok``, or a failure with its reason; ``case_over`` says that it was its case's last."""


class Silence:
    """Listens and says nothing."""

    def opened(self, results: Results) -> None:
        """Say nothing."""

    def preparing(self, note: str) -> None:
        """Say nothing."""

    def started(self, job: Started) -> None:
        """Say nothing."""

    def advanced(self, done: int, total: int, note: str) -> None:
        """Say nothing."""

    def finished(self, status: str, reason: str | None, *, case_over: bool) -> None:
        """Say nothing."""


def job_text(job: Started) -> str:
    """Return a job on one line: ``dense: throughput, launch 2 of 5``."""
    of_launches = f", launch {job.launch} of {job.launches}" if job.launches > 1 else ""
    return f"{one_line(job.case)}: {job.measurement}{of_launches}"


def failure_text(case: str, status: str, reason: str) -> str:
    """Return why a case failed, on one line."""
    return f"{one_line(case)}: {status}: {one_line(reason)}"


def one_line(text: str) -> str:
    """Return text on one line, safe to print."""
    return printable(" ".join(text.split()), _LONGEST)
