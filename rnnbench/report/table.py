"""Results as tables for a terminal, with the findings below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from rnnbench.report.caption import caption
from rnnbench.report.columns import MARK, Column, columns, notes
from rnnbench.report.header import header
from rnnbench.report.printable import printable
from rnnbench.results.document import Results

if TYPE_CHECKING:
    from rich.console import Console

READABLE = 100
"""Sentences are wrapped at this width, however wide the terminal is."""
_GAP = 2
"""Blanks between columns."""
_BEST = "bold green"


def render(results: Results, console: Console) -> None:
    """Print the tables, what marks mean, the findings, the warnings, and the cases that failed.

    Columns that do not fit the console's width fold into several tables, each with the cases in its first column;
    columns of a kind (learning, storage, time) stay together where they fit.
    """
    shown = columns(results)
    names = [printable(case["name"]) for case in results.cases]
    _paragraph(console, header(results))
    # A case that failed before anything was measured still has a row, so there is always at least one table.
    for part in fold(shown, _width(["case", *names]), console.width) or [[]]:
        console.print()
        # `crop=False`: a single column wider than the terminal is shown, not cut.
        console.print(_table(names, part, console.width), crop=False)
    if not names:
        _paragraph(console, "No cases.")
    for text in [*caption(shown, MARK), *notes(results)]:
        _paragraph(console, text, style="dim")
    _section(console, "Findings", results.findings)
    _section(console, "Warnings", results.warnings)
    _section(console, "Failed cases", [f"{c['name']}: {c['status']}: {c['reason'] or '-'}" for c in results.failed])


def fold(shown: Sequence[Column], case_width: int, width: int) -> list[list[Column]]:
    """Return the columns of each table, so that each fits ``width`` beside cases of ``case_width``.

    Groups stay together where a table can hold one; a single column stands alone where not even that fits.
    """
    room = width - min(case_width, _case_limit(width))
    groups: dict[str, list[Column]] = {}
    for column in shown:
        groups.setdefault(column.group, []).append(column)
    tables: list[list[Column]] = []
    used = 0
    for group in groups.values():
        whole = sum(map(_needed, group))
        for piece in [group] if whole <= room else [[column] for column in group]:
            needed = sum(map(_needed, piece))
            # Columns of a group that has to be broken up share tables among themselves, but not with other groups.
            alone = whole > room and piece[0] is group[0]
            if not tables or alone or used + needed > room:
                tables.append([])
                used = 0
            tables[-1] += piece
            used += needed
    return tables


def _case_limit(width: int) -> int:
    """Return how much of the width the names of cases may take; longer ones go over several lines."""
    return max(16, width // 2)


def _needed(column: Column) -> int:
    return _GAP + _width([*_title(column), *(line for line, _ in _lines(column))])


def _width(texts: Sequence[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _title(column: Column) -> list[str]:
    """Return the header's lines: the title, broken between words to the width of the figures, then the unit."""
    figures = _width([line for line, _ in _lines(column)])
    longest = max((cell_len(word) for word in column.title.split()), default=1)
    lines = textwrap.wrap(column.title, max(figures, longest), break_long_words=False)
    return [*lines, f"({column.unit})"] if column.unit else lines


def _lines(column: Column) -> list[tuple[str, bool]]:
    """Return each cell as text and whether it is marked; values, marks and intervals stand below each other."""
    values = _width([cell.value for cell in column.cells if cell.figure])
    intervals = _width([cell.interval for cell in column.cells])
    marked = any(cell.best for cell in column.cells)
    wide = _width([cell.value for cell in column.cells if not cell.figure])
    wide = max(wide, values + marked + (intervals + 1 if intervals else 0))
    lines = []
    for cell in column.cells:
        text = cell.value
        if cell.figure:
            text = _right(text, values)
            text += (MARK if cell.best else " ") if marked else ""
            text += f" {cell.interval:<{intervals}}" if intervals else ""
        lines.append((_right(text, wide), cell.best))
    return lines


def _table(names: Sequence[str], part: Sequence[Column], width: int) -> Table:
    """Return one table.

    It has a single row whose cells have a line per case: rich takes its time for every cell, and there may be
    hundreds of cases.
    """
    case_width = min(_width(["case", *names]), _case_limit(width))
    wrapped = [list(_pieces(name, case_width)) for name in names]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    table.add_column("case", no_wrap=True)
    bodies = [Text("\n").join(Text("\n".join(pieces)) for pieces in wrapped)]
    for column in part:
        title, lines = _title(column), _lines(column)
        wide = _width([*title, *(line for line, _ in lines)])
        # Set to the right here: rich would first strip the blanks that stand where others have their mark.
        table.add_column(Text("\n".join(_right(line, wide) for line in title)), no_wrap=True)
        bodies.append(
            Text("\n").join(
                Text(_right(line, wide) + "\n" * (len(pieces) - 1), style=_BEST if best else "")
                for (line, best), pieces in zip(lines, wrapped, strict=True)
            )
        )
    if names:
        table.add_row(*bodies)
    return table


def _pieces(name: str, width: int) -> Iterator[str]:
    """Yield a name in lines of at most ``width``, broken after a slash where there is one."""
    while cell_len(name) > width:
        cut = name.rfind("/", 1, width - 1) + 1 or width - 1
        yield name[:cut]
        name = name[cut:]
    yield name


def _section(console: Console, title: str, texts: Sequence[str]) -> None:
    if not texts:
        return
    console.print()
    console.print(Text(title, style="bold"), soft_wrap=True)
    for text in texts:
        _paragraph(console, printable(text), bullet="- ")


def _paragraph(console: Console, text: str, bullet: str = "", style: str = "") -> None:
    """Print a text wrapped to a readable width, with a hanging bullet."""
    lines = textwrap.wrap(
        text,
        min(console.width, READABLE),
        initial_indent=bullet,
        subsequent_indent=" " * len(bullet),
        break_on_hyphens=False,
    )
    for line in lines:
        console.print(Text(line, style=style), soft_wrap=True)
