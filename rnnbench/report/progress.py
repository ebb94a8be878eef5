"""How a run goes, on stderr: bars on a terminal, a plain line now and then elsewhere.

Both are :class:`rnnbench.report.listener.Listener` by their methods. The names of cases, and reasons, come from
suites and exceptions: they are shown as text, never as markup.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from rnnbench.report.duration import minutes
from rnnbench.report.listener import Started
from rnnbench.words import printable

REFRESHES_PER_SECOND = 1.0
"""A drawing costs milliseconds that a worker being timed should not miss."""
SECONDS_BETWEEN_LINES = 5.0
_LONGEST = 300


def display(console: Console) -> Bars | Lines:
    """Return what suits ``console``: bars on a terminal, lines elsewhere."""
    return Bars(console) if console.is_terminal and not console.is_dumb_terminal else Lines(console)


class Bars:
    """A bar for the run and one for the job that runs; cases that fail are said above them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._clock = _Clock(time.monotonic)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[note]}", markup=False),
            _Times(self._clock),
            console=console,
            refresh_per_second=REFRESHES_PER_SECOND,
            transient=True,
        )
        self._run = self._progress.add_task("starting", total=None, note="", overall=True)
        self._job = self._progress.add_task("", total=None, note="", overall=False, visible=False)
        self._case = ""

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def preparing(self, note: str) -> None:
        """Say what is done before the first job, and show how far it is."""
        self._progress.update(self._run, description=_one_line(note))
        self._progress.reset(self._job, description="", total=None, visible=True, note="", overall=False)

    def started(self, job: Started) -> None:
        """Show the job that begins."""
        self._case = job.case
        self._clock.predict(job.seconds_left)
        overall = f"{job.done} of {job.total} jobs"
        self._progress.update(self._run, description=overall, total=job.total, completed=job.done)
        # Resetting a task drops its fields: they are all given again.
        self._progress.reset(self._job, description=_job(job), total=None, visible=True, note="", overall=False)

    def advanced(self, done: int, total: int, note: str) -> None:
        """Move the job's bar."""
        self._progress.update(self._job, completed=done, total=total, note=_one_line(note))

    def finished(self, status: str, reason: str | None, *, case_over: bool) -> None:
        """Count the job; say why it failed."""
        self._progress.advance(self._run)
        if reason is not None:
            self._console.print(Text(_failure(self._case, status, reason)))


class Lines:
    """A line at the end of each case, for failures, and for other jobs at most every five seconds."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._clock = _Clock(now)
        self._last_line = now()
        self._job = Started("", "", 1, 1, done=0, total=0, seconds_left=0.0)

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the lines as they are."""

    def preparing(self, note: str) -> None:
        """Write what is done before the first job."""
        self._say(_one_line(note))

    def started(self, job: Started) -> None:
        """Remember the job for the line at its end."""
        self._job = job
        self._clock.predict(job.seconds_left)

    def advanced(self, done: int, total: int, note: str) -> None:
        """Say nothing: lines are for jobs."""

    def finished(self, status: str, reason: str | None, *, case_over: bool) -> None:
        """Write the line, if it is time for one."""
        if reason is not None:
            self._say(_failure(self._job.case, status, reason))
        elif case_over or self._now() - self._last_line >= SECONDS_BETWEEN_LINES:
            end = "; case complete" if case_over else ""
            place = f"[{self._job.done + 1}/{self._job.total}]"
            self._say(f"{place} {_job(self._job)}: {status}{end} ({self._clock.text()})")

    def _say(self, text: str) -> None:
        self._last_line = self._now()
        self._console.print(Text(text), soft_wrap=True)


class _Clock:
    """Time since the start, and the last prediction of what is left, counted down."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._start = now()
        self._end: float | None = None

    def predict(self, seconds_left: float) -> None:
        self._end = self._now() + seconds_left

    def text(self) -> str:
        elapsed = f"{minutes(self._now() - self._start)} elapsed"
        return elapsed if self._end is None else f"{elapsed}, about {minutes(self._end - self._now())} left"


class _Times(ProgressColumn):
    """The clock, beside the bar of the run."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def render(self, task: Task) -> Text:
        """Return elapsed time and time left for the run's bar, nothing for the job's."""
        return Text(self._clock.text() if task.fields["overall"] else "", style="progress.elapsed")


def _job(job: Started) -> str:
    of_launches = f", launch {job.launch} of {job.launches}" if job.launches > 1 else ""
    return f"{_one_line(job.case)}: {job.measurement}{of_launches}"


def _failure(case: str, status: str, reason: str) -> str:
    return f"{_one_line(case)}: {status}: {_one_line(reason)}"


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()), _LONGEST)
