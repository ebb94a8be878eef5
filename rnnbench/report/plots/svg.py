"""Plots as SVG for the page: small enough for a phone, coloured by the page's style sheet, with values on hover.

Nothing in it needs a script or a style attribute. The page gives classes ``s0`` .. ``s7`` their colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from itertools import chain

from rnnbench.report.plots.frame import Scale, coinciding, drawable, offsets, x_limits, y_limits
from rnnbench.report.plots.labels import Labels, labels, scattered
from rnnbench.report.plots.palette import colour_of
from rnnbench.report.plots.places import Box, along, on_line, shortened, spread, text_width
from rnnbench.report.plots.plot import AnyPlot, Axis, BarPlot, Plot, Point, Series
from rnnbench.report.plots.svg_elements import ROW, SIZE, WIDTH, line, mark, path, text
from rnnbench.report.plots.svg_legend import Entry, legend, numbered
from rnnbench.report.plots.ticks import limits, tick_text
from rnnbench.report.units import number

_HEIGHT = 216.0
"""Of the area within the axes."""
_TOP, _BOTTOM = 22.0, 38.0
_LONGEST_LABEL = 18
_MOST_MARKED = 16
"""Points of a line up to which each has a marker; of longer ones some have."""


def svg(plot: AnyPlot, identity: str) -> str:
    """Return the plot as an ``svg`` element, or an empty text where nothing of it can be drawn.

    ``identity`` makes the ids of its title and description; it must be an XML name, and unique in the page.
    """
    if isinstance(plot, BarPlot):
        height, parts = _bars(plot)
    else:
        shown = drawable(plot)
        if shown is None:
            return ""
        height, parts = _lines(coinciding(shown))
    title, description = escape(plot.title), escape(plot.description)
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-labelledby="{identity}-t {identity}-d">'
        f'<title id="{identity}-t">{title}</title><desc id="{identity}-d">{description}</desc>{"".join(parts)}</svg>'
    )


def _lines(plot: Plot) -> tuple[float, list[str]]:
    """Return the height and the elements of a plot of lines and points."""
    y_ends = y_limits(plot)
    scale = Scale(*y_ends, _TOP + _HEIGHT, _TOP, plot.y.log)
    left = 8 + max(text_width(tick_text(value), SIZE) for value in scale.ticks(plot.y))
    points = [point for series in plot.series for point in series.points]
    direct = _labelled_at_ends(plot)
    right = 14 + max(text_width(series.label, SIZE) for series in plot.series) if direct else 10.0
    area: Box = (left, _TOP, WIDTH - right, _TOP + _HEIGHT)
    across = Scale(*x_limits(plot), area[0], area[2], plot.x.log)
    parts = list(_axes(plot.x, plot.y, across, scale, area))
    guides = [[(across(x), scale(y)) for x, y in guide.points] for guide in plot.guides]
    places = _places(plot, across, scale)
    taken = [
        box for point, at in zip(points, chain(*places), strict=True) for box in _covered(point, at, across, scale)
    ]
    crossed = [box for guide in guides for box in along(guide)]
    room = (*area[:2], WIDTH, area[3])
    labelled = labels(plot, places, SIZE, taken, crossed, room) if scattered(plot) else Labels([], numbered=False)
    parts += _guides(plot, guides, area, taken + crossed)
    for series, own in zip(plot.series, places, strict=True):
        parts += _series(series, own, plot, across, scale)
    parts += _names(labelled)
    height = area[3] + _BOTTOM
    if direct:
        parts += _ends(plot, across, scale, area)
        return height, parts
    entries = _entries(plot, labelled)
    if entries:
        height, below = legend(entries, height)
        parts += below
    if labelled.numbered:
        height, below = numbered(labelled.of, height)
        parts += below
    return height, parts


def _labelled_at_ends(plot: Plot) -> bool:
    """Return whether lines have their labels at their ends, where these are short enough for a column."""
    lined = any(series.style != "points" for series in plot.series)
    return len(plot.series) > 1 and lined and max(len(series.label) for series in plot.series) <= _LONGEST_LABEL


def _entries(plot: Plot, labelled: Labels) -> list[Entry]:
    """Return the series that no label says."""
    said = {label.mark.name for label in labelled.of if label.box is not None and not labelled.numbered}
    return [
        Entry(one.label, one.slot, "mark" if one.style == "points" else "line")
        for one in plot.series
        if len(plot.series) > 1 and {point.name or one.label for point in one.points} != {one.label} & said
    ]


def _places(plot: Plot, across: Scale, up: Scale) -> list[list[tuple[float, float]]]:
    """Return where the points of each series lie; scattered ones with the same x stand side by side."""
    beside_it = offsets(plot)
    return [
        [
            (across(point.x) + beside_it.get((one.label, index), 0.0), up(point.y))
            for index, point in enumerate(one.points)
        ]
        for one in plot.series
    ]


def _covered(point: Point, at: tuple[float, float], across: Scale, up: Scale) -> list[Box]:
    """Return what a point and its intervals cover."""
    x, y = at
    boxes = [(x - 4, y - 4, x + 4, y + 4)]
    if point.x_range:
        boxes.append((across(point.x_range[0]), y - 1, across(point.x_range[1]), y + 1))
    if point.y_range:
        boxes.append((x - 1, up(point.y_range[1]), x + 1, up(point.y_range[0])))
    return boxes


def _axes(x: Axis, y: Axis, across: Scale, up: Scale, area: Box) -> Iterator[str]:
    """Yield grid, ticks and titles; the title of the y axis stands above it, where it can be read."""
    left, top, right, bottom = area
    yield text(y.title, 2, 12, "axis")
    for value in up.ticks(y):
        at = up(value)
        yield f'<path class="grid" d="M{left:.1f},{at:.1f}H{right:.1f}"/>'
        yield text(tick_text(value), left - 5, at + 4, "tick end")
    last = -100.0
    for value in across.ticks(x):
        at = across(value)
        half = text_width(tick_text(value), SIZE) / 2
        yield f'<path class="grid" d="M{at:.1f},{top:.1f}V{bottom:.1f}"/>'
        if at - half > last + 4 and at + half <= WIDTH:
            last = at + half
            yield text(tick_text(value), at, bottom + 15, "tick middle")
    yield f'<path class="frame" d="M{left:.1f},{top:.1f}V{bottom:.1f}H{right:.1f}"/>'
    yield text(x.title, max((left + right) / 2, text_width(x.title, SIZE) / 2 + 2), bottom + 32, "axis middle")


def _guides(plot: Plot, lines: Sequence[Sequence[tuple[float, float]]], area: Box, taken: list[Box]) -> Iterator[str]:
    """Yield the guides with their labels, as far as there is room."""
    for guide, places in zip(plot.guides, lines, strict=True):
        yield f'<path class="guide" d="{path(places)}"><title>{escape(guide.label)}</title></path>'
        width = text_width(guide.label, SIZE)
        placed = on_line(places, width, SIZE, taken, area)
        if placed is not None:
            taken += placed.boxes
            yield text(guide.label, placed.x, placed.y, "aside", placed.angle)


def _series(
    series: Series, places: Sequence[tuple[float, float]], plot: Plot, across: Scale, up: Scale
) -> Iterator[str]:
    yield f'<g class="s{colour_of(series.slot)}">'
    if series.style == "ribbon":
        upper = [(across(p.x), up((p.y_range or (p.y, p.y))[1])) for p in series.points]
        lower = [(across(p.x), up((p.y_range or (p.y, p.y))[0])) for p in reversed(series.points)]
        yield f'<path class="area" d="{path([*upper, *lower])}z"/>'
    if series.style != "points" and len(places) > 1:
        yield f"{line(series.slot, path(places))}<title>{escape(series.label)}</title></path>"
    if series.style in ("line", "points"):
        for point, at in zip(series.points, places, strict=True):
            if point.y_range or point.x_range:
                yield _whiskers(point, at, across, up)
    # Long lines are told apart by a few markers; those of different slots do not fall together.
    stride = math.ceil(len(places) / _MOST_MARKED) * (3 if len(places) > _MOST_MARKED else 1)
    for index, (point, (x, y)) in enumerate(zip(series.points, places, strict=True)):
        if index % stride == series.slot % stride:
            said = escape(point_text(point, series, plot))
            yield f"{mark(series.slot, x, y)}<title>{said}</title></path>"
    yield "</g>"


def _whiskers(point: Point, at: tuple[float, float], across: Scale, up: Scale) -> str:
    x, y = at
    drawn = ""
    if point.y_range:
        drawn += f"M{x:.1f},{up(point.y_range[0]):.1f}V{up(point.y_range[1]):.1f}"
    if point.x_range:
        drawn += f"M{across(point.x_range[0]):.1f},{y:.1f}H{across(point.x_range[1]):.1f}"
    return f'<path class="whisker" d="{drawn}"/>'


def point_text(point: Point, series: Series, plot: Plot) -> str:
    """Return what stands at a point on hover: its name, both values and their intervals."""
    x, y = (axis.title.removesuffix(", log") for axis in (plot.x, plot.y))
    return f"{point.name or series.label}: {x} {_value(point.x, point.x_range)}; {y} {_value(point.y, point.y_range)}"


def _value(value: float, around: tuple[float, float] | None) -> str:
    return number(value) if around is None else f"{number(value)} [{number(around[0])}, {number(around[1])}]"


def _names(labelled: Labels) -> Iterator[str]:
    """Yield the labels of points; one that stands far off has a leader."""
    for label in labelled.of:
        if label.box is not None:
            if label.leader is not None:
                yield f'<path class="leader" d="{path(label.leader)}"/>'
            yield text(label.text, label.box[0], label.box[3] - 2, f"name s{colour_of(label.mark.slot)}")


def _ends(plot: Plot, across: Scale, up: Scale, area: Box) -> Iterator[str]:
    """Yield the labels of lines at their ends, pushed apart."""
    ends = [(across(series.points[-1].x), up(series.points[-1].y)) for series in plot.series]
    places = spread([y for _, y in ends], 13, area[1] + 4, area[3] - 2)
    for series, (x, y), at in zip(plot.series, ends, places, strict=True):
        if abs(at - y) > 4 or x < area[2] - 20:
            yield f'<path class="leader" d="M{x + 5:.1f},{y:.1f}L{area[2] + 4:.1f},{at:.1f}"/>'
        yield text(series.label, area[2] + 7, at + 4, f"name s{colour_of(series.slot)}")


def _bars(plot: BarPlot) -> tuple[float, list[str]]:
    """Return the height and the elements of a plot of bars."""
    bars_of = {bar.label: bar for _, bars in plot.groups for bar in bars}
    top, parts = legend(
        [Entry(label, bar.slot, "outline" if bar.outlined else "bar") for label, bar in bars_of.items()], 4
    )
    high = limits([1.0, *(bar.value for _, bars in plot.groups for bar in bars)], log=True)[1]
    right = WIDTH - 6 - max(text_width(bar.text, SIZE) for _, bars in plot.groups for bar in bars)
    across = Scale(1.0, high, 6.0, right, log=True)
    y = top + 6
    body = []
    for name, bars in plot.groups:
        body.append(text(shortened(name, 52), 6, y + 10, "label strong"))
        y += ROW
        for bar in bars:
            end = max(across(bar.value), 9.0)
            # An open bar ends in a point: no limit was seen.
            tip = f"H{end - 4:.1f}l5,5.5l-5,5.5" if bar.open else f"H{end:.1f}v11"
            said = escape(f"{name}: {bar.label} {bar.text}")
            kind = f"bar{' outlined' if bar.outlined else ''} s{colour_of(bar.slot)}"
            body.append(f'<path class="{kind}" d="M6,{y:.1f}{tip}H6z"><title>{said}</title></path>')
            body.append(text(bar.text, end + 5, y + 10, "tick"))
            y += 13
        y += 7
    for value in across.ticks(plot.x):
        at = across(value)
        parts.append(f'<path class="grid" d="M{at:.1f},{top + 4:.1f}V{y:.1f}"/>')
        body.append(text(tick_text(value), at, y + 13, "tick middle"))
    body.append(text(plot.x.title, 6, y + 30, "axis"))
    return y + 38, [*parts, *body]
