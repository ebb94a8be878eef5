"""A clock that divides a step among its phases: every moment belongs to one, so that they add up to the step.

On the CPU a mark is a reading of the clock. On CUDA it is an event in the stream, read when the step is over: nothing
waits for the device because of a mark, and the phases are the device's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import torch

from rnnbench.measure.timer import Clock
from rnnbench.phases import RECOMPUTATION, UNATTRIBUTED, watched


class Span(NamedTuple):
    """A stretch of time in one phase, in seconds from the beginning of the step."""

    phase: str
    start: float
    end: float


class PhaseClock:
    """Times the phases of steps, one after the other.

    Parameters
    ----------
    mark
        Makes a mark.
    seconds
        Returns the seconds between two marks, once the device is done with both.
    """

    def __init__(self, mark: Callable[[], Any], seconds: Callable[[Any, Any], float]) -> None:
        self._mark = mark
        self._seconds = seconds
        self._marks: list[tuple[Any, str]] = []
        self._base = UNATTRIBUTED
        self._entered: list[str] = []
        self.active = False

    def time(self, step: Callable[[], object], synchronise: Callable[[], None] | None = None) -> list[Span]:
        """Take a step and return its spans, which follow each other without a gap."""
        self._marks, self._entered = [], []
        self.active = True
        try:
            with watched(self.phase):
                self.switch(UNATTRIBUTED)
                step()
        finally:
            self.active = False
        self._note()
        if synchronise is not None:
            synchronise()
        first = self._marks[0][0]
        at = [(self._seconds(first, mark), phase) for mark, phase in self._marks]
        return [Span(phase, start, end) for (start, phase), (end, _) in pairwise(at)]

    def switch(self, phase: str) -> None:
        """Be in ``phase`` from now on, wherever no other one is entered."""
        self._base = phase
        self._note()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Be in a phase; within a recomputation everything belongs to that."""
        self._entered.append(name)
        self._note()
        try:
            yield
        finally:
            self._entered.pop()
            self._note()

    def _note(self) -> None:
        innermost = self._entered[-1] if self._entered else self._base
        self._marks.append((self._mark(), RECOMPUTATION if RECOMPUTATION in self._entered else innermost))


def phase_clock_of(device: str) -> PhaseClock:
    """Return the clock for a resolved device."""
    if not device.startswith("cuda"):
        return PhaseClock(Clock().now, lambda start, end: end - start)
    return PhaseClock(partial(_record, device), lambda start, end: float(start.elapsed_time(end)) / 1000.0)


def _record(device: str) -> Any:
    event: Any = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call,unused-ignore]
    event.record(torch.cuda.current_stream(device))
    return event
