"""Plots as SVG for the page: small enough for a phone, coloured by the page's style sheet, with values on hover.

Nothing in it needs a script or a style attribute. The page gives classes ``s0`` .. ``s7`` their colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from itertools import chain
from typing import Literal, NamedTuple

from rnnbench.report.plots.frame import Scale, drawable, offsets, x_limits, y_limits
from rnnbench.report.plots.palette import colour_of, dash_of, marker_of
from rnnbench.report.plots.places import FAR, Box, along, beside, on_line, shortened, spread, text_width, wrapped
from rnnbench.report.plots.plot import AnyPlot, Axis, BarPlot, Plot, Point, Series
from rnnbench.report.plots.ticks import limits, tick_text
from rnnbench.report.units import number

WIDTH = 360.0
_SIZE = 12.0
"""Of all text: still 10 pixels high on a phone of 360."""
_HEIGHT = 216.0
"""Of the area within the axes."""
_TOP, _BOTTOM = 22.0, 38.0
_LINE = 15.0
_LONGEST_LABEL = 18
_MOST_NAMED = 12
_CROWD = 40.0
"""Points nearer than this are in each other's way."""
_LEADS = 10.0
"""A name farther from its point than this has a leader."""
_MOST_MARKED = 16
"""Points of a line up to which each has a marker; of longer ones some have."""

_SHAPES = {
    "circle": "M-3.6,0a3.6,3.6 0 1,0 7.2,0a3.6,3.6 0 1,0 -7.2,0z",
    "square": "M-3.2,-3.2h6.4v6.4h-6.4z",
    "triangle": "M0,-4.2L4,3.2H-4z",
    "diamond": "M0,-4.6L4.2,0L0,4.6L-4.2,0z",
    "down": "M0,4.2L4,-3.2H-4z",
    "cross": "M-3.6,-2.2L-2.2,-3.6L0,-1.4L2.2,-3.6L3.6,-2.2L1.4,0L3.6,2.2L2.2,3.6L0,1.4L-2.2,3.6L-3.6,2.2L-1.4,0z",
    "ring": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0zM-1.8,0a1.8,1.8 0 1,1 3.6,0a1.8,1.8 0 1,1 -3.6,0z",
    "plus": "M-1,-4h2v3h3v2h-3v3h-2v-3h-3v-2h3z",
}


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
        height, parts = _lines(shown)
    title, description = escape(plot.title), escape(plot.description)
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-labelledby="{identity}-t {identity}-d">'
        f'<title id="{identity}-t">{title}</title><desc id="{identity}-d">{description}</desc>{"".join(parts)}</svg>'
    )


def _lines(plot: Plot) -> tuple[float, list[str]]:
    """Return the height and the elements of a plot of lines and points."""
    y_ends = y_limits(plot)
    scale = Scale(*y_ends, _TOP + _HEIGHT, _TOP, plot.y.log)
    left = 8 + max(text_width(tick_text(value), _SIZE) for value in scale.ticks(plot.y))
    scattered = all(series.style == "points" for series in plot.series)
    points = [point for series in plot.series for point in series.points]
    named = scattered and len(points) <= _MOST_NAMED
    several = len(plot.series) > 1
    longest = max(len(series.label) for series in plot.series)
    direct = several and not scattered and longest <= _LONGEST_LABEL
    right = 14 + max(text_width(series.label, _SIZE) for series in plot.series) if direct else 10.0
    area: Box = (left, _TOP, WIDTH - right, _TOP + _HEIGHT)
    across = Scale(*x_limits(plot), area[0], area[2], plot.x.log)
    parts = list(_axes(plot.x, plot.y, across, scale, area))
    lines = [[(across(x), scale(y)) for x, y in guide.points] for guide in plot.guides]
    places = _places(plot, across, scale)
    taken = [
        box for point, at in zip(points, chain(*places), strict=True) for box in _covered(point, at, across, scale)
    ]
    crossed = [box for line in lines for box in along(line)]
    names, unnamed = _names(plot, places, area, taken, crossed) if named else ([], set())
    parts += _guides(plot, lines, area, taken + crossed)
    for series, own in zip(plot.series, places, strict=True):
        parts += _series(series, own, plot, across, scale)
    parts += names
    height = area[3] + _BOTTOM
    if direct:
        parts += _ends(plot, across, scale, area)
    elif several:
        said = {one.label for one in plot.series if named and {point.name for point in one.points} == {one.label}}
        entries = [one for one in plot.series if one.label not in said - unnamed]
        if entries:
            height, legend = _legend(
                [_Entry(one.label, one.slot, "mark" if one.style == "points" else "line") for one in entries], height
            )
            parts += legend
    return height, parts


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
    yield _text(y.title, 2, 12, "axis")
    for value in up.ticks(y):
        at = up(value)
        yield f'<path class="grid" d="M{left:.1f},{at:.1f}H{right:.1f}"/>'
        yield _text(tick_text(value), left - 5, at + 4, "tick end")
    last = -100.0
    for value in across.ticks(x):
        at = across(value)
        half = text_width(tick_text(value), _SIZE) / 2
        yield f'<path class="grid" d="M{at:.1f},{top:.1f}V{bottom:.1f}"/>'
        if at - half > last + 4 and at + half <= WIDTH:
            last = at + half
            yield _text(tick_text(value), at, bottom + 15, "tick middle")
    yield f'<path class="frame" d="M{left:.1f},{top:.1f}V{bottom:.1f}H{right:.1f}"/>'
    yield _text(x.title, max((left + right) / 2, text_width(x.title, _SIZE) / 2 + 2), bottom + 32, "axis middle")


def _guides(plot: Plot, lines: Sequence[Sequence[tuple[float, float]]], area: Box, taken: list[Box]) -> Iterator[str]:
    """Yield the guides with their labels, as far as there is room."""
    for guide, places in zip(plot.guides, lines, strict=True):
        yield f'<path class="guide" d="{_path(places)}"><title>{escape(guide.label)}</title></path>'
        width = text_width(guide.label, _SIZE)
        placed = on_line(places, width, _SIZE, taken, area)
        if placed is not None:
            taken += placed.boxes
            yield _text(guide.label, placed.x, placed.y, "aside", placed.angle)


def _series(
    series: Series, places: Sequence[tuple[float, float]], plot: Plot, across: Scale, up: Scale
) -> Iterator[str]:
    yield f'<g class="s{colour_of(series.slot)}">'
    if series.style == "ribbon":
        upper = [(across(p.x), up((p.y_range or (p.y, p.y))[1])) for p in series.points]
        lower = [(across(p.x), up((p.y_range or (p.y, p.y))[0])) for p in reversed(series.points)]
        yield f'<path class="area" d="{_path([*upper, *lower])}z"/>'
    if series.style != "points" and len(places) > 1:
        yield f"{_line(series.slot, _path(places))}<title>{escape(series.label)}</title></path>"
    if series.style != "ribbon":
        for point, at in zip(series.points, places, strict=True):
            if point.y_range or point.x_range:
                yield _whiskers(point, at, across, up)
    # Long lines are told apart by a few markers; those of different slots do not fall together.
    stride = math.ceil(len(places) / _MOST_MARKED) * (3 if len(places) > _MOST_MARKED else 1)
    for index, (point, (x, y)) in enumerate(zip(series.points, places, strict=True)):
        if index % stride == series.slot % stride:
            said = escape(point_text(point, series, plot))
            yield f"{_mark(series.slot, x, y)}<title>{said}</title></path>"
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


def _names(
    plot: Plot, places: Sequence[Sequence[tuple[float, float]]], area: Box, taken: list[Box], crossed: list[Box]
) -> tuple[list[str], set[str]]:
    """Return the names of points, across guides only where there is no other room, and the labels that found none.

    What they take is added to ``taken``; a name that stands far off has a leader. The most crowded come first.
    """
    room = (*area[:2], WIDTH, area[3])
    points = [
        (at, point.name or series.label, series)
        for series, own in zip(plot.series, places, strict=True)
        for point, at in zip(series.points, own, strict=True)
    ]
    points.sort(key=lambda one: -sum(math.dist(one[0], other) < _CROWD for other, _, _ in points))
    drawn, unnamed = [], set()
    for anchor, name, series in points:
        text = shortened(name, _LONGEST_LABEL + 4)
        width = text_width(text, _SIZE)
        box = beside(anchor, width, _SIZE, taken + crossed, room) or beside(anchor, width, _SIZE, taken, room)
        box = box or beside(anchor, width, _SIZE, taken, room, FAR)
        if box is None:
            unnamed.add(series.label)
            continue
        taken.append(box)
        drawn.append(_text(text, box[0], box[3] - 2, f"name s{colour_of(series.slot)}"))
        near = (min(max(anchor[0], box[0]), box[2]), min(max(anchor[1], box[1]), box[3]))
        if math.dist(near, anchor) > _LEADS:
            drawn.append(f'<path class="leader" d="{_path([anchor, near])}"/>')
    return drawn, unnamed


def _ends(plot: Plot, across: Scale, up: Scale, area: Box) -> Iterator[str]:
    """Yield the labels of lines at their ends, pushed apart."""
    ends = [(across(series.points[-1].x), up(series.points[-1].y)) for series in plot.series]
    places = spread([y for _, y in ends], 13, area[1] + 4, area[3] - 2)
    for series, (x, y), at in zip(plot.series, ends, places, strict=True):
        if abs(at - y) > 4 or x < area[2] - 20:
            yield f'<path class="leader" d="M{x + 5:.1f},{y:.1f}L{area[2] + 4:.1f},{at:.1f}"/>'
        yield _text(series.label, area[2] + 7, at + 4, f"name s{colour_of(series.slot)}")


class _Entry(NamedTuple):
    """A label of a legend, and what stands for it."""

    label: str
    slot: int
    sample: Literal["line", "mark", "bar", "outline"]


_SAMPLE_WIDTHS = {"line": 22, "mark": 8, "bar": 14, "outline": 14}


def _legend(entries: Sequence[_Entry], top: float) -> tuple[float, list[str]]:
    """Return the height below a legend that starts at ``top``, and its elements, in lines as wide as the plot."""
    x, y = 6.0, top + 10
    parts = []
    for entry in entries:
        sample = _SAMPLE_WIDTHS[entry.sample]
        lines = wrapped(entry.label, _SIZE, WIDTH - sample - 14)
        width = sample + 6 + max(text_width(line, _SIZE) for line in lines) + 12
        if x > 6 and x + width - 12 > WIDTH:
            x, y = 6.0, y + _LINE
        parts.append(f'<g class="s{colour_of(entry.slot)}">{_sample(entry, x, y - 4)}</g>')
        parts += [_text(line, x + sample + 6, y + row * _LINE, "label") for row, line in enumerate(lines)]
        x, y = x + width, y + (len(lines) - 1) * _LINE
    return y + 8, parts


def _sample(entry: _Entry, x: float, y: float) -> str:
    """Return what stands for an entry, from ``x`` on and around ``y``."""
    width = _SAMPLE_WIDTHS[entry.sample]
    if entry.sample in ("bar", "outline"):
        kind = "swatch outlined" if entry.sample == "outline" else "swatch"
        return f'<path class="{kind}" d="M{x:.1f},{y - 4.5:.1f}h{width}v9h-{width}z"/>'
    line = f"{_line(entry.slot, f'M{x:.1f},{y:.1f}h{width}')}</path>" if entry.sample == "line" else ""
    return f"{line}{_mark(entry.slot, x + width / 2, y)}</path>"


def _bars(plot: BarPlot) -> tuple[float, list[str]]:
    """Return the height and the elements of a plot of bars."""
    bars_of = {bar.label: bar for _, bars in plot.groups for bar in bars}
    top, parts = _legend(
        [_Entry(label, bar.slot, "outline" if bar.outlined else "bar") for label, bar in bars_of.items()], 4
    )
    high = limits([1.0, *(bar.value for _, bars in plot.groups for bar in bars)], log=True)[1]
    right = WIDTH - 6 - max(text_width(bar.text, _SIZE) for _, bars in plot.groups for bar in bars)
    across = Scale(1.0, high, 6.0, right, log=True)
    y = top + 6
    body = []
    for name, bars in plot.groups:
        body.append(_text(shortened(name, 52), 6, y + 10, "label strong"))
        y += _LINE
        for bar in bars:
            end = max(across(bar.value), 9.0)
            # An open bar ends in a point: no limit was seen.
            tip = f"H{end - 4:.1f}l5,5.5l-5,5.5" if bar.open else f"H{end:.1f}v11"
            said = escape(f"{name}: {bar.label} {bar.text}")
            kind = f"bar{' outlined' if bar.outlined else ''} s{colour_of(bar.slot)}"
            body.append(f'<path class="{kind}" d="M6,{y:.1f}{tip}H6z"><title>{said}</title></path>')
            body.append(_text(bar.text, end + 5, y + 10, "tick"))
            y += 13
        y += 7
    for value in across.ticks(plot.x):
        at = across(value)
        parts.append(f'<path class="grid" d="M{at:.1f},{top + 4:.1f}V{y:.1f}"/>')
        body.append(_text(tick_text(value), at, y + 13, "tick middle"))
    body.append(_text(plot.x.title, 6, y + 30, "axis"))
    return y + 38, [*parts, *body]


def _mark(slot: int, x: float, y: float) -> str:
    """Return the beginning of a marker."""
    return f'<path class="mark" transform="translate({x:.1f},{y:.1f})" d="{_SHAPES[marker_of(slot)]}">'


def _line(slot: int, drawn: str) -> str:
    """Return the beginning of a line."""
    dash = f' stroke-dasharray="{dash_of(slot)}"' if dash_of(slot) else ""
    return f'<path class="line"{dash} d="{drawn}">'


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _text(text: str, x: float, y: float, kind: str, angle: float = 0.0) -> str:
    turned = f' transform="rotate({angle:.1f} {x:.1f} {y:.1f})"' if angle else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{turned}>{escape(text)}</text>'
