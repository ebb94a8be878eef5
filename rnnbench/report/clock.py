"""Time since the start of a run, and what is left of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from rnnbench.report.duration import minutes


class Clock:
    """Time since the start, and the last prediction of what is left, counted down."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._start = now()
        self._end: float | None = None

    def predict(self, seconds_left: float | None) -> None:
        """Take a new prediction of what is left; None where there is none."""
        self._end = None if seconds_left is None else self._now() + seconds_left

    def text(self) -> str:
        """Return ``1:23 elapsed, about 2:00 left``, or what of it is known."""
        elapsed = f"{minutes(self._now() - self._start)} elapsed"
        return elapsed if self._end is None else f"{elapsed}, about {minutes(self._end - self._now())} left"

    def end(self) -> str:
        """Return the local time at which the run may end: ``15:04``; empty where nothing was predicted."""
        if self._end is None:
            return ""
        left = max(0.0, self._end - self._now())
        return (datetime.fromtimestamp(time.time()) + timedelta(seconds=left)).strftime("%H:%M")
