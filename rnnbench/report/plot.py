"""A metric over an axis as a plot of characters: points with intervals, one mark and colour a series.

Over numbers, the axis runs to the right and figures upwards; over names (connectivities), each case has a line of its
own and figures run to the right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_letters
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from rnnbench.analysis.series import Plotted, Point, Series
from rnnbench.report.paragraph import paragraph
from rnnbench.report.printable import printable
from rnnbench.report.scale import Scale, along, of_figures
from rnnbench.report.units import Unit, number, unit_for

if TYPE_CHECKING:
    from rich.console import Console

WIDEST, NARROWEST = 140, 40
PIPE = 100
"""Columns where nothing says how many there are."""
HEIGHT = 18
_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
_MOST_NAMED = 8


@dataclass(frozen=True)
class _Signs:
    marks: str
    several: str
    interval: str
    span: str
    up: str
    right: str
    corner: str
    tick_up: str
    tick_right: str


_UNICODE = _Signs("●■▲◆○□△◇", "✱", "│", "─", "│", "─", "└", "┤", "┴")
_ASCII = _Signs("oxs+v#@%", "*", ":", "-", "|", "-", "+", "+", "+")


class _Canvas:
    """Characters with styles, addressed by line from the top and column."""

    def __init__(self, height: int, width: int) -> None:
        self._signs = [[" "] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]
        self._owners: list[list[int | None]] = [[None] * width for _ in range(height)]
        self.height, self.width = height, width

    def put(self, line: int, column: int, sign: str, style: str = "") -> None:
        """Write one character, if it is within."""
        if 0 <= line < self.height and 0 <= column < self.width:
            self._signs[line][column], self._styles[line][column] = sign, style

    def mark(self, line: int, column: int, owner: int, sign: str, several: str, style: str) -> None:
        """Write a point; where one of another series stands, the sign for several."""
        taken = self._owners[line][column]
        if taken is not None and taken != owner:
            self.put(line, column, several, "bold")
        else:
            self.put(line, column, sign, style)
            self._owners[line][column] = owner

    def lines(self) -> Iterator[Text]:
        """Yield each line."""
        for signs, styles in zip(self._signs, self._styles, strict=True):
            text = Text()
            for sign, style in zip(signs, styles, strict=True):
                text.append(sign, style)
            text.rstrip()
            yield text


def render_plot(plotted: Plotted, console: Console) -> None:
    """Print the plot, what its marks are, and the cases that have no figure."""
    signs = _ASCII if console.options.ascii_only else _UNICODE
    width = PIPE if console.width > 10 * WIDEST else min(max(console.width, NARROWEST), WIDEST)
    points = [point for series in plotted.series for point in series.points]
    unit = unit_for(plotted.unit, [point.value for point in points])
    ends = [end for point in points for end in (point.value, *(point.interval or ()))]
    if plotted.numeric:
        across = along([float(point.at) for point in points])
        scale = of_figures(ends, plotted.unit, across.logarithmic)
        title = f"{_titled(plotted.title, unit, scale)} over {plotted.axis}{_log(across)}"
        drawn = list(_over_numbers(plotted.series, across, scale, unit, width, signs))
    else:
        scale = of_figures(ends, plotted.unit, False)
        title = f"{_titled(plotted.title, unit, scale)} by {plotted.axis}"
        drawn = list(_over_names(plotted.series, scale, unit, width, signs))
    paragraph(console, printable(title), style="bold")
    console.print()
    for line in drawn:
        console.print(line, soft_wrap=True)
    for text in _legend(plotted, signs):
        console.print(text)
    _notes(plotted, console)


def _titled(title: str, unit: Unit, scale: Scale) -> str:
    said = ", ".join(part for part in (unit.name, "logarithmic" if scale.logarithmic else "") if part)
    return f"{title} ({said})" if said else title


def _log(scale: Scale) -> str:
    return " (logarithmic)" if scale.logarithmic else ""


def _over_numbers(
    series: Sequence[Series], across: Scale, scale: Scale, unit: Unit, width: int, signs: _Signs
) -> Iterator[Text]:
    ticks = {_line(scale, value): _said(value, unit) for value in scale.ticks(6)}
    left = max(map(len, ticks.values())) + 1
    room = width - left - 1
    canvas = _Canvas(HEIGHT, room)
    for index, one in enumerate(series):
        style = _style(index)
        for point in one.points:
            column = _column(across, point, index, len(series), room)
            for line in range(*_span(scale, point)):
                canvas.put(line, column, signs.interval, style)
    for index, one in enumerate(series):
        for point in one.points:
            column = _column(across, point, index, len(series), room)
            sign = _mark(index, len(series), signs)
            canvas.mark(_line(scale, point.value), column, index, sign, signs.several, _style(index))
    for index, text in enumerate(canvas.lines()):
        label = ticks.get(index, "")
        yield Text(f"{label:>{left - 1}} {signs.tick_up if label else signs.up}").append_text(text)
    values = sorted({float(point.at) for one in series for point in one.points})
    labels = [(_centre(across, value, len(series), room), _plain(value)) for value in values]
    yield from _axis_below(labels, left, room, signs)


def _axis_below(ticks: Sequence[tuple[int, str]], left: int, room: int, signs: _Signs) -> Iterator[Text]:
    """Yield the axis and those of the labels, given with their columns, that stand apart."""
    line, labels, free = [signs.right] * room, [" "] * room, 0
    for column, label in ticks:
        start = min(max(column - len(label) // 2, 0), room - len(label))
        if start >= free:
            line[column] = signs.tick_right
            labels[start : start + len(label)] = label
            free = start + len(label) + 1
    yield Text(f"{'':>{left}}{signs.corner}{''.join(line)}")
    yield Text(f"{'':>{left + 1}}{''.join(labels)}".rstrip())


def _over_names(series: Sequence[Series], scale: Scale, unit: Unit, width: int, signs: _Signs) -> Iterator[Text]:
    names = list(dict.fromkeys(str(point.at) for one in series for point in one.points))
    shown = {name: printable(name) for name in names}
    left = min(max(map(cell_len, shown.values())), width // 3)
    figures = {id(point): number(point.value / unit.factor) for one in series for point in one.points}
    right = max(map(len, figures.values()))
    room = width - left - right - 4
    for name in names:
        first = True
        for index, one in enumerate(series):
            for point in one.points:
                if point.at != name:
                    continue
                canvas = _Canvas(1, room)
                low, high = point.interval or (point.value, point.value)
                for column in range(_across(scale, low, room), _across(scale, high, room) + 1):
                    canvas.put(0, column, signs.span, _style(index))
                sign = _mark(index, len(series), signs)
                canvas.put(0, _across(scale, point.value, room), sign, _style(index))
                label = shown[name] if first else ""
                first = False
                head = _cut(label, left)
                text = Text(f"{head} {signs.up}").append_text(next(canvas.lines()))
                text.append(" " * (left + 2 + room - text.cell_len) + f" {figures[id(point)]:>{right}}")
                yield text
    ticks = [(_across(scale, value, room), _said(value, unit)) for value in scale.ticks(6)]
    yield from _axis_below(ticks, left + 1, room, signs)


def _legend(plotted: Plotted, signs: _Signs) -> Iterator[Text]:
    if len(plotted.series) > 1:
        for index, one in enumerate(plotted.series):
            sign = _mark(index, len(plotted.series), signs)
            yield Text("  ").append(sign, _style(index)).append(f" {printable(one.label) or 'the rest'}")


def _notes(plotted: Plotted, console: Console) -> None:
    if any(point.interval for series in plotted.series for point in series.points):
        paragraph(console, "Lines through points are 95 % intervals.", style="dim")
    if plotted.numeric and len(plotted.series) > 1:
        several = (_ASCII if console.options.ascii_only else _UNICODE).several
        paragraph(
            console, f"Series stand side by side at each value; {several} is a place that several share.", style="dim"
        )
    if len(plotted.series) > len(_UNICODE.marks):
        paragraph(console, f"These are {len(plotted.series)} series: -k selects fewer.", style="dim")
    if plotted.missing:
        named = [f"{printable(name)} ({printable(reason)})" for name, reason in plotted.missing[:_MOST_NAMED]]
        more = f" and {len(plotted.missing) - _MOST_NAMED} more" if len(plotted.missing) > _MOST_NAMED else ""
        paragraph(console, f"Not in the plot: {', '.join(named)}{more}.")


def _mark(index: int, count: int, signs: _Signs) -> str:
    """Return the mark of a series: letters where there are more than marks."""
    marks = signs.marks if count <= len(signs.marks) else ascii_letters
    return marks[index % len(marks)]


def _style(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]


def _line(scale: Scale, value: float) -> int:
    return HEIGHT - 1 - min(max(round(scale.place(value) * (HEIGHT - 1)), 0), HEIGHT - 1)


def _span(scale: Scale, point: Point) -> tuple[int, int]:
    low, high = point.interval or (point.value, point.value)
    return _line(scale, high), _line(scale, low) + 1


def _across(scale: Scale, value: float, room: int) -> int:
    return min(max(round(scale.place(value) * (room - 1)), 0), room - 1)


def _column(across: Scale, point: Point, index: int, count: int, room: int) -> int:
    """Return a point's column; series stand side by side, two columns apart, around the value's."""
    return _centre(across, float(point.at), count, room) + 2 * index - (count - 1)


def _centre(across: Scale, value: float, count: int, room: int) -> int:
    """Return the column of a value on the axis, with room for ``count`` series on both sides."""
    margin = min(count, room // 4)
    return margin + round(across.place(value) * (room - 1 - 2 * margin))


def _said(value: float, unit: Unit) -> str:
    scaled = value / unit.factor
    return number(scaled, 0) if float(scaled).is_integer() and abs(scaled) >= 10 else _short(scaled)


def _short(value: float) -> str:
    text = number(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:g}"


def _cut(text: str, width: int) -> str:
    while cell_len(text) > width:
        text = text[:-2] + "~"
    return text + " " * (width - cell_len(text))
