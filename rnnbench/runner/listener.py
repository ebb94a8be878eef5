"""Who is told how a run goes, as an interface; the display on the terminal is one."""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """Is told of every job; must return at once, since a worker may be measuring."""

    def started(
        self,
        case: str,
        measurement: str,
        launch: int,
        launches: int,
        *,
        done: int,
        total: int,
        seconds_left: float,
    ) -> None:
        """A job begins: launch ``launch`` (from 1) of ``launches``, after ``done`` of ``total`` jobs of the run."""

    def advanced(self, done: int, total: int, note: str) -> None:
        """The job that runs has come this far."""

    def finished(self, status: str, reason: str | None, *, case_over: bool) -> None:
        """The job ended: ``ok``, or a failure with its reason; ``case_over`` says that it was its case's last."""


class Silence:
    """Listens and says nothing."""

    def started(
        self,
        case: str,
        measurement: str,
        launch: int,
        launches: int,
        *,
        done: int,
        total: int,
        seconds_left: float,
    ) -> None:
        """Say nothing."""

    def advanced(self, done: int, total: int, note: str) -> None:
        """Say nothing."""

    def finished(self, status: str, reason: str | None, *, case_over: bool) -> None:
        """Say nothing."""
