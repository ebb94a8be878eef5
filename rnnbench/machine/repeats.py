"""One figure of a machine, from several repeats of a fixed work: the median, and how far the repeats spread.

What a case does is timed by :mod:`rnnbench.measure.timer`, until it is known to a percent. A calibration asks for less,
of more works, in seconds: this room imports no other, so it brings the short loop that suffices.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

REPEATS = 7
FEWEST_REPEATS = 3
BLOCK_SECONDS = 0.01
"""A repeat does the work as often as fills so much time: clocks and interrupts then matter little."""
LONGEST_SECONDS = 1.0
"""Repeats beyond the fewest stop after this long: a calibration is to take seconds on a slow machine, too."""

Work = Callable[[], object]


@dataclass(frozen=True)
class Stopwatch:
    """How to read time, and how to wait until a device has done what it was given; tests bring their own."""

    now: Callable[[], float] = time.perf_counter
    synchronise: Callable[[], None] = lambda: None

    def seconds(self, work: Work, times: int) -> float:
        """Return how long ``times`` times ``work`` take, waiting included."""
        self.synchronise()
        start = self.now()
        for _ in range(times):
            work()
        self.synchronise()
        return self.now() - start


@dataclass(frozen=True)
class Estimate:
    """A figure with its repeats, in the order in which they were taken; SI units.

    Attributes
    ----------
    unit
        ``bytes/s``, ``flop/s`` or ``s``.
    repeats
        At least one, all positive.
    details
        What was worked on, as JSON data.
    """

    unit: str
    repeats: tuple[float, ...]
    details: dict[str, Any]

    @property
    def value(self) -> float:
        """The median of the repeats."""
        return median(self.repeats)

    @property
    def spread(self) -> float:
        """(largest - smallest) / median."""
        return (max(self.repeats) - min(self.repeats)) / self.value

    def to_json(self) -> dict[str, Any]:
        """Return JSON data: ``value``, ``unit``, ``spread``, ``repeats`` and the details."""
        return {
            "value": self.value,
            "unit": self.unit,
            "spread": self.spread,
            "repeats": list(self.repeats),
            "details": self.details,
        }


def seconds_of(work: Work, stopwatch: Stopwatch) -> list[float]:
    """Return seconds per call of ``work``, one figure a repeat, after a call that is not counted."""
    stopwatch.seconds(work, 1)
    once = stopwatch.seconds(work, 1)
    calls = max(1, math.ceil(BLOCK_SECONDS / max(once, 1e-9)))
    taken: list[float] = []
    start = stopwatch.now()
    while len(taken) < REPEATS:
        taken.append(stopwatch.seconds(work, calls) / calls)
        if len(taken) >= FEWEST_REPEATS and stopwatch.now() - start >= LONGEST_SECONDS:
            break
    return taken


def rate(amount: float, unit: str, seconds: list[float], **details: Any) -> Estimate:
    """Return ``amount`` over each of ``seconds``, as an estimate in ``unit``."""
    return Estimate(unit, tuple(amount / max(taken, 1e-12) for taken in seconds), details)
