"""Where a plot's data lie on paper: the area of the axes, and what maps values to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rnnbench.analysis.wording import listing
from rnnbench.report.plots.plot import Axis, Plot, Point, Series
from rnnbench.report.plots.ticks import limits, ticks

_BESIDE, _MOST_BESIDE = 8.0, 4
"""Between points with the same x, and how many of them stand side by side; more would wander off."""

_SAME = 0.004
"""The part of an axis that is about half as wide as a line."""


@dataclass(frozen=True)
class Scale:
    """One direction: values from ``low`` to ``high`` lie from ``start`` to ``end`` on paper."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def __call__(self, value: float) -> float:
        """Return where a value lies; what is beyond the ends lies a little beyond them."""
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, -0.02), 1.02) * (self.end - self.start)

    def ticks(self, axis: Axis) -> list[float]:
        """Return the axis' own ticks as far as there is room for them, or round values."""
        own = [value for value in axis.ticks if self.low <= value <= self.high]
        if not own:
            return ticks(self.low, self.high, self.log)
        room = abs(self.end - self.start) / 34
        return own[:: max(1, math.ceil(len(own) / room))]


def drawable(plot: Plot) -> Plot | None:
    """Return the plot without what has no place on its axes (documents may say anything); None if nothing is left."""
    series = []
    for one in plot.series:
        points = tuple(_kept(point, plot) for point in one.points if _fits(point.x, plot.x) and _fits(point.y, plot.y))
        if points:
            series.append(Series(one.label, points, one.slot, one.style))
    guides = tuple(
        guide for guide in plot.guides if all(_fits(x, plot.x) and _fits(y, plot.y) for x, y in guide.points)
    )
    if not series:
        return None
    return Plot(plot.kind, plot.setting, plot.title, plot.description, plot.x, plot.y, tuple(series), guides)


def coinciding(plot: Plot) -> Plot:
    """Return the plot with one line for those that lie over each other on paper, called by all their names.

    Any but the last of them would not be seen. Scattered points stay as they are: they stand side by side.
    """
    scale = Scale(*y_limits(plot), 0.0, 1.0, plot.y.log)
    together: list[list[Series]] = []
    for one in plot.series:
        over = next((others for others in together if _coincide(one, others[0], scale)), None)
        if over is None:
            together.append([one])
        else:
            over.append(one)
    series = tuple(replace(of[0], label=listing([one.label for one in of])) for of in together)
    return replace(plot, series=series)


def _coincide(one: Series, other: Series, scale: Scale) -> bool:
    """Return whether two lines lie within a line's width of each other everywhere."""
    if "points" in (one.style, other.style) or [p.x for p in one.points] != [p.x for p in other.points]:
        return False
    pairs = zip(one.points, other.points, strict=True)
    return all(abs(scale(p.y) - scale(q.y)) < _SAME for p, q in pairs)


def _fits(value: float, axis: Axis) -> bool:
    return math.isfinite(value) and (value > 0 or not axis.log)


def _kept(point: Point, plot: Plot) -> Point:
    y_range = point.y_range if point.y_range and all(_fits(end, plot.y) for end in point.y_range) else None
    x_range = point.x_range if point.x_range and all(_fits(end, plot.x) for end in point.x_range) else None
    return Point(point.x, point.y, y_range, x_range, point.name)


def x_limits(plot: Plot) -> tuple[float, float]:
    """Return the ends of the x axis."""
    points = [point for series in plot.series for point in series.points]
    values = [value for point in points for value in (point.x, *(point.x_range or ()))]
    values += [x for guide in plot.guides for x, _ in guide.points]
    return limits(values, plot.x.log)


def y_limits(plot: Plot) -> tuple[float, float]:
    """Return the ends of the y axis."""
    values = [
        value
        for series in plot.series
        for point in series.points
        for value in (point.y, *((series.style != "curve" and point.y_range) or ()))
    ]
    values += [y for guide in plot.guides for _, y in guide.points]
    return limits(values, plot.y.log)


def offsets(plot: Plot) -> dict[tuple[str, int], float]:
    """Return how far points of scattered series lie beside their x, by label and index, in a 360th of the width.

    Those with the same x would hide each other's intervals: they stand side by side.
    """
    alike: dict[float, list[tuple[str, int]]] = {}
    for series in plot.series:
        if series.style == "points":
            for index, point in enumerate(series.points):
                alike.setdefault(point.x, []).append((series.label, index))
    return {
        one: _BESIDE * (place - (len(members) - 1) / 2)
        for members in alike.values()
        if 1 < len(members) <= _MOST_BESIDE
        for place, one in enumerate(members)
    }
