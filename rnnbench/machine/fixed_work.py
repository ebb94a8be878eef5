"""How much the time of one fixed small work varies on this machine, which is what any timing here has to live with."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal

SECONDS = 10.0
QUIET, MODERATE = 0.02, 0.10
"""Excess up to which a machine is called quiet, and up to which moderate: a launch of the timer ends at 1 % of its
median, so that noise below 2 % hides little, and above 10 % hides most of what kernels differ by."""
PACE_REPEATS = 9
_NUMBERS = 200_000
"""A few milliseconds of one core, in no memory to speak of."""

Verdict = Literal["quiet", "moderate", "noisy"]


@dataclass(frozen=True)
class Variation:
    """Seconds that one fixed work took.

    Attributes
    ----------
    repeats
        How often it was done.
    median_seconds, slow_seconds
        The median, and the 95th percentile.
    """

    repeats: int
    median_seconds: float
    slow_seconds: float

    @property
    def excess(self) -> float:
        """By what share of the median the 95th percentile lies above it."""
        return self.slow_seconds / self.median_seconds - 1.0

    @property
    def verdict(self) -> Verdict:
        """``quiet`` up to :data:`QUIET`, ``moderate`` up to :data:`MODERATE`, else ``noisy``."""
        if self.excess <= QUIET:
            return "quiet"
        return "moderate" if self.excess <= MODERATE else "noisy"


def fixed_work() -> None:
    """Add up numbers in the interpreter, on one core."""
    sum(range(_NUMBERS))


def pace(now: Callable[[], float] = time.perf_counter, work: Callable[[], None] = fixed_work) -> float:
    """Return the seconds that the work takes now: the median of a few, the first not counted."""
    work()
    taken: list[float] = []
    for _ in range(PACE_REPEATS):
        begin = now()
        work()
        taken.append(now() - begin)
    return median(taken)


def variation(
    seconds: float = SECONDS, now: Callable[[], float] = time.perf_counter, work: Callable[[], None] = fixed_work
) -> Variation:
    """Do the work for ``seconds``, at least twenty times, and return how long it took each time."""
    work()
    start = now()
    taken: list[float] = []
    while len(taken) < 20 or now() - start < seconds:
        begin = now()
        work()
        taken.append(now() - begin)
    ordered = sorted(taken)
    return Variation(len(ordered), median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1])
