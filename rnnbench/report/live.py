"""A run on a terminal: its table filling in, the job that runs, and how long is left.

It is drawn when a job begins, and while nothing is timed (training, searches for the longest sequence) at most once a
second: between those, the process sleeps, so that it disturbs no measurement. It is
:class:`rnnbench.report.listener.Listener` by its methods.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live as Screen
from rich.text import Text

from rnnbench.report.case_table import case_width, table_text
from rnnbench.report.clock import Clock
from rnnbench.report.columns import Cell, Column, columns
from rnnbench.report.drawing import bar
from rnnbench.report.layout import GAP, SetColumn, set_column
from rnnbench.report.listener import Started, failure_text, job_text, one_line
from rnnbench.report.printable import printable
from rnnbench.results.document import Results

SECONDS_BETWEEN_DRAWINGS = 1.0
UNTIMED = ("training", "max_length")
"""Measurements that a drawing does not disturb."""
_BAR = 30
_BELOW = 4
"""Lines below the table."""
_ABOVE = 5
"""Lines of the table that are no case."""
_FIRST = ("accuracy", "training_time", "peak_memory", "max_length_memory", "forward_time", "solved_fraction")
"""Columns that are kept where not all fit."""


class Live:
    """Draws the table of a run's document, and under it how far the run is."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._clock = Clock(now)
        self._screen = Screen(console=console, auto_refresh=False, transient=True)
        self._results: Results | None = None
        self._job: Started | None = None
        self._note = "starting"
        self._drawn = now()

    def __enter__(self) -> Live:
        self._screen.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._screen.stop()

    def opened(self, results: Results) -> None:
        """Take the document whose cases are shown."""
        self._results = results

    def preparing(self, note: str) -> None:
        """Say what is done before the first job."""
        self._note = one_line(note)
        self._draw()

    def started(self, job: Started) -> None:
        """Show what is measured so far, and the job that begins."""
        self._job, self._note = job, ""
        self._clock.predict(job.seconds_left)
        self._draw()

    def advanced(self, done: int, total: int, note: str) -> None:
        """Show how far the job is, unless a worker may be timing."""
        if self._job is not None and self._job.measurement not in UNTIMED:
            return
        self._note = f"{one_line(note)} ({done:,} of {total:,})" if total else one_line(note)
        if self._now() - self._drawn >= SECONDS_BETWEEN_DRAWINGS:
            self._draw()

    def finished(self, status: str, reason: str | None, *, case_over: bool) -> None:
        """Say why a job failed; the figures of others show when the next one begins."""
        if reason is not None and self._job is not None:
            self._screen.console.print(Text(failure_text(self._job.case, status, reason)))

    def _draw(self) -> None:
        self._drawn = self._now()
        lines = Text("\n").join([Text(line) for line in self._below()])
        lines.no_wrap, lines.overflow = True, "crop"
        table = self._table()
        self._screen.update(Group(table, lines) if table is not None else lines, refresh=True)

    def _below(self) -> list[str]:
        ascii_only = self._console.options.ascii_only
        if self._job is None:
            return [self._note]
        job = self._job
        share = job.done / job.total if job.total else 0.0
        until = f", until {self._clock.end()}" if self._clock.end() else ""
        said = f"{job.done} of {job.total} jobs; {self._clock.text()}{until}"
        room = min(_BAR, self._console.width - len(said) - 3)
        drawn = f"[{bar(share, room, ascii_only)}] " if room > 0 else ""
        note = f": {self._note}" if self._note else ""
        return ["", f"{drawn}{said}", f"{job_text(job)}{note}"]

    def _table(self) -> Text | None:
        """Return the page of cases on which the job's case is, with the columns that fit."""
        if self._results is None or not self._results.cases:
            return None
        cases = self._results.cases
        current = next((index for index, case in enumerate(cases) if self._is_current(case)), 0)
        rows = max(3, self._console.height - _ABOVE - _BELOW)
        page = cases[current // rows * rows :][:rows]
        names = [printable(case["name"]) for case in page]
        width = case_width(names, self._console.width)
        state = set_column(self._states(page))
        figures = columns(Results({**self._results.data, "cases": page}))
        shown = _fitting(figures, self._console.width - width - GAP - state.width)
        text = table_text(names, [state, *shown], width, ascii_only=self._console.options.ascii_only)
        if len(cases) > len(page):
            text.append(
                f"\ncases {current // rows * rows + 1:,} to {current // rows * rows + len(page):,} of {len(cases):,}"
            )
        text.no_wrap, text.overflow = True, "crop"
        return text

    def _is_current(self, case: dict[str, Any]) -> bool:
        return self._job is not None and case["name"] == self._job.case

    def _states(self, page: Sequence[dict[str, Any]]) -> Column:
        cells = tuple(Cell(f"{self._state(case):<15}", figure=False) for case in page)
        return Column("state", "", "state", cells)

    def _state(self, case: dict[str, Any]) -> str:
        if self._is_current(case) and self._job is not None:
            job = self._job
            return f"{job.measurement} {job.launch}/{job.launches}" if job.launches > 1 else job.measurement
        if case["status"] != "interrupted":
            return "done" if case["status"] == "ok" else str(case["status"])
        return "so far" if case["metrics"] else "waiting"


def _fitting(figures: Sequence[Column], room: int) -> list[SetColumn]:
    """Return the columns that fit, the most telling ones before others, in their usual order."""

    def rank(column: Column) -> int:
        name = (column.key or "").partition(".")[0]
        return _FIRST.index(name) if name in _FIRST else len(_FIRST)

    figures = [column for column in figures if column.key is not None]
    made = [set_column(column) for column in figures]
    kept, left = set(), room
    for index in sorted(range(len(figures)), key=lambda index: rank(figures[index])):
        needed = GAP + made[index].width
        if needed <= left:
            kept.add(index)
            left -= needed
    return [one for index, one in enumerate(made) if index in kept]
