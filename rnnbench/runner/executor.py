"""Where jobs run, as an interface: local processes ship; tests bring a stand-in that times nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rnnbench.results.figure import Observation
from rnnbench.runner.job import Failure, Job

CALIBRATION = "calibration"
"""The work of a worker that calibrates."""
CALIBRATION_SECONDS = 300.0
"""How long that may take; about ten seconds are usual."""

Advanced = Callable[[int, int, str], None]
"""Called with (done, total, what is being done) while a job runs."""


@dataclass(frozen=True)
class Place:
    """What a worker says of where it runs.

    Attributes
    ----------
    devices
        What each device that was asked for means there: ``{"auto": "cpu"}``.
    gpus
        ``{"name", "memory_bytes", ...}`` of each GPU.
    settings
        What the worker set for itself: threads, flushing of denormals.
    packages, python
        Versions.
    calibration
        What the machine can reach (the document's section), if that was measured before; None if not.
    installation
        ``version``, ``path`` and ``results_version`` of the rnnbench there; empty if it is older than they are.
    """

    devices: dict[str, str]
    gpus: list[dict[str, Any]]
    settings: dict[str, Any]
    packages: dict[str, str]
    python: str
    calibration: dict[str, Any] | None = None
    installation: dict[str, str] = field(default_factory=dict)


class Worker(Protocol):
    """One process that performs jobs, one at a time."""

    @property
    def usable(self) -> bool:
        """Whether it can take another job: not after a crash, a timeout, or an error that may have harmed it."""

    def await_ready(self) -> None:
        """Wait until it can take jobs.

        Raises
        ------
        RnnbenchError
            It did not start; the message says why.
        """

    def probe(self, devices: Sequence[str]) -> Place:
        """Return what ``devices`` mean there and what is there.

        Raises
        ------
        RnnbenchError
            A device is not there; the message names those that are.
        """

    def calibrate(self, devices: Sequence[str], timeout_seconds: float, advanced: Advanced) -> dict[str, Any] | Failure:
        """Measure what resolved ``devices`` can reach, and keep it: the document's section, or how that failed."""

    def begin(self, job: Job, timeout_seconds: float) -> None:
        """Have ``job`` begin, which :meth:`perform` is then to wait for."""

    def perform(self, job: Job, timeout_seconds: float, advanced: Advanced) -> Observation | Failure:
        """Run ``job`` and return what it observed or how it failed, at the latest ``timeout_seconds`` after it began.

        A job that :meth:`begin` was given is only waited for.
        """

    def close(self) -> None:
        """End the process, at once if it is busy; calling it again does nothing."""


class Executor(Protocol):
    """Starts workers."""

    def begin(self, measurement: str) -> Worker:
        """Return a fresh worker for jobs of ``measurement``, or for :data:`CALIBRATION`, that may still be starting.

        Raises
        ------
        RnnbenchError
            It cannot be started; the message says why.
        """

    def start(self, measurement: str) -> Worker:
        """Return a fresh worker as :meth:`begin` does, once it is ready.

        Raises
        ------
        RnnbenchError
            It did not start; the message says why.
        """
