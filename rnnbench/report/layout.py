"""How columns are set: each cell as text of one width, and which columns share a table."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from rnnbench.report.columns import MARK, Column
from rnnbench.report.drawing import bar, heights

GAP = 2
"""Blanks between columns."""
_BEST = "bold green"


@dataclass(frozen=True)
class SetColumn:
    """A column as it stands in a table.

    Attributes
    ----------
    group
        The columns that it stays with.
    title, lines
        The header's lines, and one line per case, all ``width`` wide.
    styles
        The style of each line, empty for none.
    key, drawn
        The column's, and whether it holds bars or curves.
    """

    group: str
    title: tuple[str, ...]
    lines: tuple[str, ...]
    styles: tuple[str, ...]
    width: int
    key: str | None = None
    drawn: bool = False


def set_column(column: Column, bars: int = 0, ascii_only: bool = False) -> SetColumn:
    """Return the column with values, marks and intervals below each other, set to the right.

    The title is broken between words to the width of the figures; the unit has a line of its own. ``bars`` is the width
    of the bar beside each share, none where it is 0.
    """
    lines = _lines(column, bars, ascii_only)
    longest = width_of(column.title.split())
    title = textwrap.wrap(column.title, max(1, longest, width_of(lines)), break_long_words=False)
    title += [f"({column.unit})"] if column.unit else []
    width = width_of([*title, *lines])
    return SetColumn(
        column.group,
        tuple(_right(line, width) for line in title),
        tuple(_right(line, width) for line in lines),
        tuple(_BEST if cell.best else "" for cell in column.cells),
        width,
        column.key,
        any(cell.curve or (bars and cell.share is not None) for cell in column.cells),
    )


def fold(columns: Sequence[SetColumn], room: int) -> list[list[SetColumn]]:
    """Return the columns of each table, so that they fit in ``room`` (the width without the cases).

    Groups stay together where a table can hold one; a single column stands alone where not even that fits.
    """
    groups: dict[str, list[SetColumn]] = {}
    for column in columns:
        groups.setdefault(column.group, []).append(column)
    tables: list[list[SetColumn]] = []
    used = 0
    for group in groups.values():
        broken = _needed(group) > room
        for piece in [[column] for column in group] if broken else [group]:
            # A group that has to be broken up starts a table of its own.
            starts = broken and piece[0] is group[0]
            if not tables or starts or used + _needed(piece) > room:
                tables.append([])
                used = 0
            tables[-1] += piece
            used += _needed(piece)
    return tables


def width_of(texts: Sequence[str]) -> int:
    """Return how many columns of a terminal the widest text takes."""
    return max(map(cell_len, texts), default=0)


def _needed(columns: Sequence[SetColumn]) -> int:
    return sum(GAP + column.width for column in columns)


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _lines(column: Column, bars: int, ascii_only: bool) -> list[str]:
    """Return each cell as text; words that stand in the place of a figure take its whole width."""
    values = width_of([cell.value for cell in column.cells if cell.figure])
    intervals = width_of([cell.interval for cell in column.cells])
    marked = any(cell.best for cell in column.cells)
    drawn = bars > 0 and any(cell.share is not None for cell in column.cells)
    lines = []
    for cell in column.cells:
        text = heights(cell.curve, 0.0, 1.0, ascii_only) if cell.curve else cell.value
        if cell.figure:
            text = _right(text, values)
            text += (MARK if cell.best else " ") if marked else ""
            text += f" {bar(cell.share, bars, ascii_only) if cell.share is not None else ' ' * bars}" if drawn else ""
            text += f" {cell.interval:<{intervals}}" if intervals else ""
        lines.append(text)
    return lines
