"""A plot in the page: what it says, the drawing, and its figures as a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from rnnbench.analysis.wording import plural
from rnnbench.report.html.elements import folded, table, text
from rnnbench.report.plots import roofline
from rnnbench.report.plots.frame import drawable
from rnnbench.report.plots.plot import AnyPlot, BarPlot, Series
from rnnbench.report.plots.svg import svg
from rnnbench.report.units import number

_MOST_OPEN = 4
"""Plots of a kind that are open; there may be one per setting."""
_MOST_POINTS = 12
"""Of one line in the table; long curves are thinned there, not in the drawing."""


def figures(plots: Iterable[AnyPlot], identity: str) -> str:
    """Return the plots as a grid, or nothing where nothing can be drawn.

    Those of a kind that has many are folded, and rooflines beside other plots: these explain, and answer nothing.
    """
    by_kind: dict[str, list[str]] = {}
    for index, plot in enumerate(plots):
        drawn = _figure(plot, f"{identity}-{index}")
        if drawn:
            by_kind.setdefault(plot.kind, []).append(drawn)
    parts = []
    for kind, drawn_ones in by_kind.items():
        most = 0 if kind == roofline.KIND and len(by_kind) > 1 else _MOST_OPEN
        parts += drawn_ones[:most]
        rest = drawn_ones[most:]
        if rest:
            said = f"{len(rest)} more plots like these" if most else f"Rooflines, {plural(len(rest), 'plot')}"
            grid = f'<div class="plots">{"".join(rest)}</div>'
            parts.append(f'<div class="more">{folded(said, grid)}</div>')
    return f'<div class="plots">{"".join(parts)}</div>' if parts else ""


def _figure(plot: AnyPlot, identity: str) -> str:
    drawn = svg(plot, identity)
    if not drawn:
        return ""
    where = f'<p class="setting">{text(plot.setting)}</p>' if plot.setting else ""
    heads, rows = _numbers(plot)
    numbers = folded(
        "What is drawn, and the figures", f"<p>{text(plot.description)}</p>{table(heads, rows, plot.title)}"
    )
    caption = f"<figcaption><h4>{text(plot.title)}</h4>{where}</figcaption>"
    return f'<figure class="plot" data-kind="{text(plot.kind)}">{caption}{drawn}{numbers}</figure>'


def _numbers(plot: AnyPlot) -> tuple[Sequence[str], list[list[str]]]:
    """Return the heads and the rows of the table of a plot's figures."""
    if isinstance(plot, BarPlot):
        rows = [[name, bar.label, bar.text] for name, bars in plot.groups for bar in bars]
        return ("case", "limit", "time steps"), rows
    shown = drawable(plot) or plot
    x, y = (axis.title.removesuffix(", log") for axis in (plot.x, plot.y))
    spread = "middle half" if any(series.style in ("ribbon", "curve") for series in shown.series) else "95 % interval"
    heads = ["what", x, f"{x}, interval", y, f"{y}, {spread}"]
    rows = [row for series in shown.series for row in _rows(series)]
    kept = [index for index in range(len(heads)) if index not in (2, 4) or any(row[index] for row in rows)]
    return [heads[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _rows(series: Series) -> Iterator[list[str]]:
    stride = math.ceil(len(series.points) / _MOST_POINTS)
    for index, point in enumerate(series.points):
        if index % stride == 0 or index == len(series.points) - 1:
            name = series.label if point.name in ("", series.label) else f"{series.label}/{point.name}"
            yield [name, number(point.x), _range(point.x_range), number(point.y), _range(point.y_range)]


def _range(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else f"[{number(ends[0])}, {number(ends[1])}]"
