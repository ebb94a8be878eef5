"""Plots as single pictures, drawn by matplotlib, which is imported here only."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.report.plots.catalogue import plots
from rnnbench.report.plots.frame import drawable
from rnnbench.report.plots.palette import DASHES, LIGHT, MARKERS
from rnnbench.report.plots.plot import AnyPlot, BarPlot, Plot, Series
from rnnbench.report.plots.ticks import tick_text
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
            shown = plot if isinstance(plot, BarPlot) else drawable(plot)
            if shown is not None:
                written[_free(folder, results.suite["name"], shown, kind, written)] = _picture(shown, kind)
    if not written:
        raise RnnbenchError("Nothing to draw: no document has figures for any plot", ExitCode.CASE_FAILED)
    for path, data in written.items():
        write_bytes(path, data)
    return list(written)


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
        _titles(plot, figure)
        file = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else None
        figure.savefig(file, format=kind, dpi=_DOTS_PER_INCH, metadata=metadata)
    return file.getvalue()


def _titles(plot: AnyPlot, figure: Figure) -> None:
    import textwrap

    title = "\n".join(textwrap.wrap(plot.title, 78))
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    if plot.setting:
        figure.axes[0].set_title(plot.setting, fontsize=9, loc="left", color="0.35")


def _lines(plot: Plot, axes: Axes) -> None:
    for axis, set_scale in ((plot.x, axes.set_xscale), (plot.y, axes.set_yscale)):
        if axis.log:
            set_scale("log")
    axes.set_xlabel(plot.x.title)
    axes.set_ylabel(plot.y.title)
    axes.grid(color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in ("top", "right"):
        axes.spines[spine].set_visible(False)
    for series in plot.series:
        _series(series, axes)
    for guide in plot.guides:
        x, y = zip(*guide.points, strict=True)
        axes.plot(x, y, color="0.45", linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        axes.annotate(
            guide.label, (x[-1], y[-1]), (0, 4), textcoords="offset points", ha="right", fontsize=8, color="0.35"
        )
    if plot.x.ticks:
        axes.set_xticks(plot.x.ticks, [tick_text(value) for value in plot.x.ticks], fontsize=8)
        axes.minorticks_off()
    if len(plot.series) > 1 or not plot.series[0].points[0].name:
        axes.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


def _series(series: Series, axes: Axes) -> None:
    colour = LIGHT[series.slot]
    x, y = [point.x for point in series.points], [point.y for point in series.points]
    marker = _MARKERS[MARKERS[series.slot]] if series.style != "ribbon" else ""
    dash = (0, tuple(map(float, DASHES[series.slot].split()))) if DASHES[series.slot] else "-"
    line = "none" if series.style == "points" else dash
    axes.plot(x, y, color=colour, marker=marker, markersize=5, linestyle=line, label=series.label)
    if series.style == "ribbon":
        low, high = zip(*(point.y_range or (point.y, point.y) for point in series.points), strict=True)
        axes.fill_between(x, low, high, color=colour, alpha=0.13, linewidth=0)
        return
    for point in series.points:
        if point.y_range:
            axes.plot([point.x] * 2, point.y_range, color=colour, linewidth=1, alpha=0.75)
        if point.x_range:
            axes.plot(point.x_range, [point.y] * 2, color=colour, linewidth=1, alpha=0.75)


def _bars(plot: BarPlot, axes: Axes) -> None:
    seen: dict[str, None] = {}
    middles, names, at = [], [], 0.0
    for name, bars in plot.groups:
        for bar in bars:
            label = bar.label if bar.label not in seen else None
            seen[bar.label] = None
            axes.barh(at, bar.value, height=0.9, color=LIGHT[bar.slot], label=label, hatch="//" if bar.open else None)
            axes.annotate(bar.text, (bar.value, at), (4, 0), textcoords="offset points", va="center", fontsize=7)
            at += 1
        middles.append(at - (len(bars) + 1) / 2)
        names.append(name)
        at += 0.8
    axes.set_xscale("log")
    axes.set_xlim(left=1)
    axes.margins(x=0.25)
    axes.invert_yaxis()
    axes.set_yticks(middles, names, fontsize=8)
    axes.set_xlabel(plot.x.title)
    for spine in ("top", "right"):
        axes.spines[spine].set_visible(False)
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=3)
