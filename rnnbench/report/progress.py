"""How a run goes, on stderr: a table that fills in on a terminal, a plain line now and then elsewhere.

Both are :class:`rnnbench.report.listener.Listener` by their methods. The names of cases, and reasons, come from
suites and exceptions: they are shown as text, never as markup.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.text import Text

from rnnbench.report.clock import Clock
from rnnbench.report.listener import Started, failure_text, job_text, one_line
from rnnbench.report.live import Live
from rnnbench.results.document import Results

SECONDS_BETWEEN_LINES = 5.0


def display(console: Console) -> Live | Lines:
    """Return what suits ``console``: a live table on a terminal, lines elsewhere."""
    return Live(console) if console.is_terminal and not console.is_dumb_terminal else Lines(console)


class Lines:
    """A line at the end of each case, for failures, and for other jobs at most every five seconds."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._clock = Clock(now)
        self._last_line = now()
        self._job = Started("", "", 1, 1, done=0, total=0, seconds_left=None)

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the lines as they are."""

    def opened(self, results: Results) -> None:
        """Say nothing: the table comes at the end."""

    def preparing(self, note: str) -> None:
        """Write what is done before the first job."""
        self._say(one_line(note))

    def started(self, job: Started) -> None:
        """Remember the job for the line at its end."""
        self._job = job
        self._clock.predict(job.seconds_left)

    def advanced(self, done: int, total: int, note: str) -> None:
        """Say nothing: lines are for jobs."""

    def finished(self, status: str, reason: str | None, *, case_over: bool) -> None:
        """Write the line, if it is time for one."""
        if reason is not None:
            self._say(failure_text(self._job.case, status, reason))
        elif case_over or self._now() - self._last_line >= SECONDS_BETWEEN_LINES:
            end = "; case complete" if case_over else ""
            place = f"[{self._job.done + 1}/{self._job.total}]"
            self._say(f"{place} {job_text(self._job)}: {status}{end} ({self._clock.text()})")

    def _say(self, text: str) -> None:
        self._last_line = self._now()
        self._console.print(Text(text), soft_wrap=True)
