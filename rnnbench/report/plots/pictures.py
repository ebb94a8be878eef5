"""Plots as single pictures, drawn by matplotlib, which is imported here only."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.report.plots.catalogue import plots
from rnnbench.report.plots.frame import coinciding, drawable, offsets, x_limits, y_limits
from rnnbench.report.plots.labels import Label, Labels, labels, scattered
from rnnbench.report.plots.palette import LIGHT, colour_of, dash_of, marker_of
from rnnbench.report.plots.places import Box, along
from rnnbench.report.plots.plot import AnyPlot, Axis, BarPlot, Guide, Plot, Series
from rnnbench.report.plots.ticks import limits, tick_text, ticks
from rnnbench.results.atomic import write_bytes
from rnnbench.results.document import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "down": "v",
    "cross": "X",
    "ring": "h",
    "plus": "P",
}
_SIZE_INCHES = (7.0, 4.6)
_DOTS_PER_INCH = 160
_LONGEST_NAME = 100
_NAME_SIZE = 7.0
_POINTS_PER_INCH = 72


def write_pictures(documents: Sequence[Results], folder: Path, kind: str) -> list[Path]:
    """Write every plot of the documents to ``folder`` as ``kind`` (``png`` or ``svg``); return the files.

    They are called ``SUITE-PLOT-SETTING.KIND``, of letters, digits and dashes, whatever documents say.

    Raises
    ------
    RnnbenchError
        matplotlib is not installed, no document has anything to draw, or a file cannot be written.
    """
    _demand_matplotlib()
    written: dict[Path, bytes] = {}
    for results in documents:
        for plot in plots(results):
            shown = _shown(plot)
            if shown is not None:
                written[_free(folder, results.suite["name"], shown, kind, written)] = _picture(shown, kind)
    if not written:
        raise RnnbenchError("Nothing to draw: no document has figures for any plot", ExitCode.CASE_FAILED)
    for path, data in written.items():
        write_bytes(path, data)
    return list(written)


def _shown(plot: AnyPlot) -> AnyPlot | None:
    """Return what can be drawn of a plot; None if nothing can."""
    if isinstance(plot, BarPlot):
        return plot
    kept = drawable(plot)
    return kept and coinciding(kept)


def _demand_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401 - asked for before anything is drawn
    except ImportError as error:
        raise RnnbenchError(
            "Pictures need matplotlib, which is not installed: pip install 'rnnbench[plot]' (or matplotlib), or take "
            "--format html, whose plots need nothing"
        ) from error


def _free(folder: Path, suite: str, plot: AnyPlot, kind: str, taken: dict[Path, bytes]) -> Path:
    """Return a file's path that no other picture of this call has."""
    stem = safe_name(f"{suite}-{plot.kind}-{plot.setting}")
    path, number = folder / f"{stem}.{kind}", 1
    while path in taken:
        number += 1
        path = folder / f"{stem}-{number}.{kind}"
    return path


def safe_name(text: str) -> str:
    """Return a text as a part of a file name: letters, digits, dashes.

    Examples
    --------
    >>> safe_name("../etc/passwd T, layer")
    'etc-passwd-T-layer'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:_LONGEST_NAME] or "plot"


def _picture(plot: AnyPlot, kind: str) -> bytes:
    """Return the picture's file."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # Text stays text in SVG, what is written is the same on every run, and "$" in a name starts no formula.
    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "rnnbench", "text.parse_math": False}
    with rc_context(settings):
        height = _SIZE_INCHES[1]
        if isinstance(plot, BarPlot):
            height = 1.6 + 0.75 * len(plot.groups)
        figure = Figure(figsize=(_SIZE_INCHES[0], height), layout="constrained")
        axes = figure.add_subplot()
        _bars(plot, axes) if isinstance(plot, BarPlot) else _lines(plot, axes)
        for spine in ("top", "right"):
            axes.spines[spine].set_visible(False)
        _titles(plot, figure)
        if isinstance(plot, Plot) and scattered(plot):
            _names(plot, axes)
        file = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else None
        figure.savefig(file, format=kind, dpi=_DOTS_PER_INCH, metadata=metadata)
    return file.getvalue()


def _titles(plot: AnyPlot, figure: Figure) -> None:
    """Add what stands around the axes: title, setting, legend."""
    import textwrap

    title = "\n".join(textwrap.wrap(plot.title, 78))
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    handles, said = figure.axes[0].get_legend_handles_labels()
    if len(said) > 1:
        columns = 1 if max(map(len, said)) > 30 else 3
        lined = isinstance(plot, Plot) and any(series.style != "points" for series in plot.series)
        figure.legend(
            handles,
            said,
            fontsize=8,
            frameon=False,
            loc="outside lower left",
            ncols=columns,
            handlelength=4 if lined else 2,
        )
    if plot.setting:
        figure.axes[0].set_title(plot.setting, fontsize=9, loc="left", color="0.35")


def _lines(plot: Plot, axes: Axes) -> None:
    _scale(axes.xaxis, plot.x, x_limits(plot))
    _scale(axes.yaxis, plot.y, y_limits(plot))
    axes.grid(color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    beside_it = offsets(plot)
    for series in plot.series:
        _series(series, axes, [beside_it.get((series.label, index), 0.0) for index in range(len(series.points))])
    for guide in plot.guides:
        x, y = zip(*guide.points, strict=True)
        axes.plot(x, y, color="0.45", linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        _guide_label(guide, plot, axes)


def _guide_label(guide: Guide, plot: Plot, axes: Axes) -> None:
    """Write what a guide is along its last piece, turned as that goes."""
    (x0, y0), (x1, y1) = guide.points[-2:]
    x, y = _between(x0, x1, plot.x), _between(y0, y1, plot.y)
    rises = [
        math.log(b / a) * at if axis.log else b - a for a, b, at, axis in ((x0, x1, x, plot.x), (y0, y1, y, plot.y))
    ]
    angle = math.degrees(math.atan2(rises[1], rises[0]))
    axes.text(
        x,
        y,
        guide.label,
        ha="center",
        va="bottom",
        rotation=angle,
        rotation_mode="anchor",
        transform_rotates_text=True,
        fontsize=8,
        color="0.35",
    )


def _between(one: float, other: float, axis: Axis) -> float:
    return math.sqrt(one * other) if axis.log else (one + other) / 2


def _names(plot: Plot, axes: Axes) -> None:
    """Write the names of points that their series does not say; numbers and a list of names where these are crowded."""
    if all(point.name in ("", series.label) for series in plot.series for point in series.points):
        return
    found = _placed(plot, axes)
    if found.numbered:
        # The list takes room from the axes, and numbers have their places within what is left.
        _list(found.of, axes)
        found = _placed(plot, axes)
    for label in found.of:
        if label.box is not None:
            (x, y), box = label.mark.at, label.box
            line = {"arrowstyle": "-", "color": "0.45", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
            axes.annotate(
                label.text,
                tuple(axes.transData.inverted().transform(_to_display(label.mark.at, axes))),
                ((box[0] + box[2]) / 2 - x, y - (box[1] + box[3]) / 2),
                textcoords="offset points",
                ha="center",
                va="center_baseline",
                fontsize=_NAME_SIZE,
                color=LIGHT[colour_of(label.mark.slot)],
                arrowprops=line if label.leader else None,
            )


def _placed(plot: Plot, axes: Axes) -> Labels:
    """Return where labels stand, in points from the upper left corner of the figure, once that is laid out."""
    cast("Figure", axes.figure).draw_without_rendering()
    beside_it = offsets(plot)
    aside = _SIZE_INCHES[0] * _POINTS_PER_INCH / 360
    marks, taken = [], []
    for series in plot.series:
        own = []
        for index, point in enumerate(series.points):
            x, y = _on_paper(point.x, point.y, axes)
            x += aside * beside_it.get((series.label, index), 0.0)
            own.append((x, y))
            taken.append((x - 3.5, y - 3.5, x + 3.5, y + 3.5))
            if point.y_range:
                low, high = (_on_paper(point.x, end, axes)[1] for end in point.y_range)
                taken.append((x - 1, high, x + 1, low))
            if point.x_range:
                left, right = (_on_paper(end, point.y, axes)[0] for end in point.x_range)
                taken.append((left, y - 1, right, y + 1))
        marks.append(own)
    crossed = [box for guide in plot.guides for box in along([_on_paper(x, y, axes) for x, y in guide.points])]
    left, bottom, right, top = axes.bbox.extents
    room: Box = (*_to_points((left, top), axes), *_to_points((right, bottom), axes))
    return labels(plot, marks, _NAME_SIZE, taken, crossed, room)


def _list(found: Sequence[Label], axes: Axes) -> None:
    """Write beside the axes what each number means."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=LIGHT[colour_of(label.mark.slot)],
            marker=_MARKERS[marker_of(label.mark.slot)],
            markersize=5,
            linestyle="none",
            label=f"{label.text}  {label.mark.name}",
        )
        for label in found
    ]
    axes.figure.legend(handles=handles, fontsize=8, frameon=False, loc="outside right center", handletextpad=0.2)


def _on_paper(x: float, y: float, axes: Axes) -> tuple[float, float]:
    return _to_points(tuple(axes.transData.transform((x, y))), axes)


def _to_points(display: Sequence[float], axes: Axes) -> tuple[float, float]:
    """Return a place of matplotlib, in dots from the lower left corner, in points from the upper left one."""
    scale = _POINTS_PER_INCH / axes.figure.dpi
    return float(display[0]) * scale, float(axes.figure.bbox.height - display[1]) * scale


def _to_display(place: tuple[float, float], axes: Axes) -> tuple[float, float]:
    scale = axes.figure.dpi / _POINTS_PER_INCH
    return place[0] * scale, axes.figure.bbox.height - place[1] * scale


def _scale(drawn: Any, axis: Axis, ends: tuple[float, float]) -> None:
    """Give an axis of matplotlib the ends and ticks that the page has."""
    own = [value for value in axis.ticks if ends[0] <= value <= ends[1]]
    at = own or ticks(*ends, axis.log)
    name = drawn.axis_name
    if axis.log:
        drawn.axes.set(**{f"{name}scale": "log"})
    drawn.axes.set(**{f"{name}lim": ends})
    drawn.set_label_text(axis.title, fontsize=9)
    drawn.set_ticks(at, [tick_text(value) for value in at], fontsize=8)
    drawn.minorticks_off()


def _series(series: Series, axes: Axes, beside_it: Sequence[float]) -> None:
    """Draw a series; ``beside_it`` is how far each point stands beside its x, in a 360th of the width."""
    from matplotlib.transforms import ScaledTranslation

    colour = LIGHT[colour_of(series.slot)]
    x, y = [point.x for point in series.points], [point.y for point in series.points]
    marker = _MARKERS[marker_of(series.slot)] if series.style in ("line", "points") else ""
    # The page's lines are two wide, and matplotlib counts dashes in widths of its line.
    dashes = tuple(float(length) / 2 for length in dash_of(series.slot).split())
    dash = (0, dashes) if dashes else "-"
    line = "none" if series.style == "points" else dash
    drawn: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 5, "linestyle": line}
    if not any(beside_it):
        axes.plot(x, y, label=series.label, **drawn)
    if series.style == "ribbon":
        low, high = zip(*(point.y_range or (point.y, point.y) for point in series.points), strict=True)
        axes.fill_between(x, low, high, color=colour, alpha=0.13, linewidth=0)
    if series.style in ("ribbon", "curve"):
        return
    scale = axes.figure.dpi_scale_trans
    for index, (point, off) in enumerate(zip(series.points, beside_it, strict=True)):
        moved: dict[str, Any] = {}
        if off:
            inches = off * _SIZE_INCHES[0] / 360
            moved["transform"] = axes.transData + ScaledTranslation(inches, 0, scale)
        if any(beside_it):
            label = series.label if index == 0 else None
            axes.plot([point.x], [point.y], label=label, **drawn, **moved)
        if point.y_range:
            axes.plot([point.x] * 2, point.y_range, color=colour, linewidth=1, alpha=0.75, **moved)
        if point.x_range:
            axes.plot(point.x_range, [point.y] * 2, color=colour, linewidth=1, alpha=0.75, **moved)


def _bars(plot: BarPlot, axes: Axes) -> None:
    seen: dict[str, None] = {}
    middles, names, at = [], [], 0.0
    for name, bars in plot.groups:
        for bar in bars:
            label = bar.label if bar.label not in seen else None
            seen[bar.label] = None
            axes.barh(
                at,
                bar.value,
                height=0.9,
                facecolor="none" if bar.outlined else LIGHT[colour_of(bar.slot)],
                edgecolor=LIGHT[colour_of(bar.slot)] if bar.outlined else None,
                label=label,
                hatch="//" if bar.open else None,
            )
            axes.annotate(bar.text, (bar.value, at), (4, 0), textcoords="offset points", va="center", fontsize=7)
            at += 1
        middles.append(at - (len(bars) + 1) / 2)
        names.append(name)
        at += 0.8
    longest = max(bar.value for _, bars in plot.groups for bar in bars)
    _scale(axes.xaxis, plot.x, (1.0, 4 * limits([1.0, longest], log=True)[1]))
    axes.invert_yaxis()
    axes.set_yticks(middles, names, fontsize=8)
