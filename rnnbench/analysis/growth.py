"""How a time grows with a size: the slope of its logarithm over the logarithm of the size, with an interval."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import linear_regression, median
from typing import NamedTuple

from rnnbench.analysis.aggregate import times_of
from rnnbench.analysis.contrast import Case, diagonals, flatten
from rnnbench.analysis.statistics import log_t_interval
from rnnbench.analysis.wording import Finding, hundredths, listing, sentence, with_interval
from rnnbench.suite.case import canonical

SIZES = {"time_steps": "T", "batch": "B", "hidden": "H"}
"""The sizes that a time may grow with, and their symbols."""
TAPS = "taps"
"""The number of diagonals of a band, beside :data:`SIZES`."""
FEWEST_SIZES = 4
_TIMES = ("training_time", "forward_time")


class Growth(NamedTuple):
    """A slope: 1 is linear, 2 quadratic."""

    size: str
    metric: str
    slope: float
    interval: tuple[float, float] | None
    sizes: tuple[int, ...]


def growth_finding(cases: Sequence[Case]) -> Finding | None:
    """Return how times grow with T, B and H, where cases differ in one of these alone; None if none do."""
    found = [growth for size in SIZES for growth in growths(cases, size)]
    if not found:
        return None
    metric = found[0].metric
    said = [growth for growth in found if growth.metric == metric]
    powers = [
        f"{SIZES[growth.size]}^{with_interval(growth.slope, growth.interval, hundredths)} "
        f"({growth.sizes[0]:,} to {growth.sizes[-1]:,})"
        for growth in said
    ]
    what = "training pass" if metric.startswith("training") else "forward pass"
    text = f"the time of a {what} grows as {listing(powers)}"
    return {
        "text": sentence(text),
        "growth": [
            {
                "size": growth.size,
                "metric": growth.metric,
                "slope": growth.slope,
                "ci95": None if growth.interval is None else list(growth.interval),
                "sizes": list(growth.sizes),
            }
            for growth in found
        ],
    }


def growths(cases: Sequence[Case], size: str) -> Iterator[Growth]:
    """Yield the slope of every timing over ``size``, for cases that are alike otherwise and have enough sizes."""
    for members in families(cases, size):
        sizes = tuple(members)
        if len(sizes) < FEWEST_SIZES:
            continue
        keys = [key for key in members[sizes[0]]["metrics"] if key.partition(".")[0] in _TIMES]
        for key in sorted(keys, key=lambda key: _TIMES.index(key.partition(".")[0])):
            slope = slope_of(members, key)
            if slope:
                yield Growth(size, key, *slope, sizes)


def families(cases: Sequence[Case], size: str) -> list[dict[int, Case]]:
    """Return the cases that are alike but for ``size`` (of :data:`SIZES`, or :data:`TAPS`), by size, rising."""
    groups: dict[str, dict[int, Case]] = {}
    for case in cases:
        flat = flatten(case["parameters"])
        if flat.get("input") == flat.get("hidden"):
            flat.pop("input", None)
        # The size that ran, which need not be the one that the suite gives.
        value = diagonals(case) if size == TAPS else case["parameters"].get(size)
        if value is not None:
            flat.pop("connectivity" if size == TAPS else size)
            groups.setdefault(canonical(flat), {})[value] = case
    return [dict(sorted(members.items())) for members in groups.values()]


def slope_of(family: Mapping[int, Case], key: str) -> tuple[float, tuple[float, float] | None] | None:
    """Return the slope of a time over the sizes of a family, with its interval; None if a case lacks a launch."""
    slopes = _slopes(list(family.values()), list(family), key)
    return (median(slopes), _interval(slopes)) if slopes else None


def _slopes(cases: Sequence[Case], sizes: Sequence[int], key: str) -> list[float]:
    """Return the slope of every launch, by least squares; none if a case lacks a launch."""
    medians = [times_of(case, key) for case in cases]
    if len({len(row) for row in medians}) != 1:
        return []
    logs = [math.log(value) for value in sizes]
    return [
        linear_regression(logs, [math.log(seconds) for seconds in launch]).slope
        for launch in zip(*medians, strict=True)
    ]


def _interval(slopes: Sequence[float]) -> tuple[float, float] | None:
    """Return Student's interval; the one of a median of lognormals, of which the slopes are the logarithms."""
    interval = log_t_interval([math.exp(slope) for slope in slopes])
    return None if interval is None else (math.log(interval[0]), math.log(interval[1]))
