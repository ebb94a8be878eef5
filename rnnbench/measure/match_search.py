"""Searching the hidden size at which something takes as long as something else.

Times grow with the size, but not evenly, and what is measured varies: the search brackets the size, interpolates in
logarithms between the ends of the bracket, and takes the size whose ratio of times came nearest to 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

TOLERANCE = 0.02
"""A ratio so near to 1 ends the search: two measurements of the same differ by about as much."""
MOST_PROBES = 16
_SMALLEST_STEP, _LARGEST_STEP = 1.25, 2.0
_INSIDE = 0.1
"""The part of a bracket at either end into which interpolation does not go: it shrinks whatever is measured."""


@dataclass(frozen=True)
class Probe:
    """A hidden size, and its time over the reference's."""

    hidden: int
    ratio: float

    @property
    def distance(self) -> float:
        """How far the ratio is from 1, up or down alike."""
        return abs(math.log(self.ratio))


def search(
    start: int, ratio: Callable[[int], float], existing: Callable[[int, int], int | None], largest: int
) -> list[Probe]:
    """Return what was tried, in order; the match is the probe of the least ``distance``.

    Parameters
    ----------
    start
        The first size to try; it exists.
    ratio
        Measures a size.
    existing
        Of (a size, 1 or -1): the first size from there on, upward or downward, that exists; None where there is none.
    largest
        No larger size is tried.
    """
    probes: list[Probe] = []
    low: Probe | None = None
    high: Probe | None = None
    hidden: int | None = start
    while hidden is not None and hidden <= largest and len(probes) < MOST_PROBES:
        probe = Probe(hidden, ratio(hidden))
        probes.append(probe)
        if abs(probe.ratio - 1) <= TOLERANCE:
            break
        low, high = (probe, high) if probe.ratio < 1 else (low, probe)
        hidden = _between(low, high, existing) if low and high else _further(probe, existing)
    return probes


def _further(probe: Probe, existing: Callable[[int, int], int | None]) -> int | None:
    """Return a size beyond the only end of the bracket: as far as the ratio says if times grew with the size."""
    upward = probe.ratio < 1
    step = min(_LARGEST_STEP, max(_SMALLEST_STEP, 1 / probe.ratio if upward else probe.ratio))
    if upward:
        return existing(max(probe.hidden + 1, round(probe.hidden * step)), 1)
    return existing(min(probe.hidden - 1, round(probe.hidden / step)), -1) if probe.hidden > 1 else None


def _between(low: Probe, high: Probe, existing: Callable[[int, int], int | None]) -> int | None:
    """Return a size within the bracket, None where none is left."""
    first, last = sorted((low, high), key=lambda probe: probe.hidden)
    share = math.log(first.ratio) / (math.log(first.ratio) - math.log(last.ratio))
    share = min(1 - _INSIDE, max(_INSIDE, share))
    hidden = round(math.exp((1 - share) * math.log(first.hidden) + share * math.log(last.hidden)))
    hidden = min(last.hidden - 1, max(first.hidden + 1, hidden))
    if hidden <= first.hidden:
        return None
    near = (existing(hidden, 1), existing(hidden, -1))
    return next((size for size in near if size is not None and first.hidden < size < last.hidden), None)
