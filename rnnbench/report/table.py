"""Results as tables for a terminal, with the findings below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from rnnbench.report.caption import caption
from rnnbench.report.columns import MARK, columns, notes
from rnnbench.report.header import header
from rnnbench.report.layout import GAP, SetColumn, fold, set_column, width_of
from rnnbench.report.printable import printable
from rnnbench.results.document import Results

if TYPE_CHECKING:
    from rich.console import Console

READABLE = 100
"""Sentences are wrapped at this width, however wide the terminal is."""
_BEST = "bold green"


def render(results: Results, console: Console) -> None:
    """Print the tables, what marks mean, the findings, the warnings, and the cases that failed.

    Columns that do not fit the console's width fold into several tables, each with the cases in its first column;
    columns of a kind (learning, storage, time) stay together where they fit.
    """
    shown = columns(results)
    names = [printable(case["name"]) for case in results.cases]
    case_width = _case_width(names, console.width)
    _paragraph(console, header(results))
    # A case that failed before anything was measured still has a row, so there is always at least one table.
    for part in fold([set_column(column) for column in shown], console.width - case_width) or [[]]:
        console.print()
        # `crop=False`: a single column wider than the terminal is shown, not cut.
        console.print(_table(names, part, case_width), crop=False)
    if not names:
        _paragraph(console, "No cases.")
    for text in [*caption(shown, MARK), *notes(results)]:
        _paragraph(console, text, style="dim")
    _section(console, "Findings", results.findings)
    _section(console, "Warnings", results.warnings)
    _section(console, "Failed cases", [f"{c['name']}: {c['status']}: {c['reason'] or '-'}" for c in results.failed])


def _case_width(names: Sequence[str], width: int) -> int:
    """Return the width of the column of cases: at most half of it all; longer names go over several lines."""
    return min(width_of(["case", *names]), max(16, width // 2))


def _table(names: Sequence[str], part: Sequence[SetColumn], case_width: int) -> Table:
    """Return one table.

    It has a single row whose cells have a line per case: rich takes its time for every cell, and there may be
    hundreds of cases.
    """
    pieces = [list(_pieces(name, case_width)) for name in names]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    table.add_column("case", no_wrap=True)
    bodies = [Text("\n".join(line for name in pieces for line in name))]
    for column in part:
        table.add_column(Text("\n".join(column.title)), no_wrap=True)
        bodies.append(_body(column, [len(name) for name in pieces]))
    if names:
        table.add_row(*bodies)
    return table


def _body(column: SetColumn, heights: Sequence[int]) -> Text:
    """Return the figures of a column, each followed by empty lines where the name of its case takes several."""
    body = "\n".join(line + "\n" * (height - 1) for line, height in zip(column.lines, heights, strict=True))
    text = Text(body)
    start = 0
    for line, best, height in zip(column.lines, column.best, heights, strict=True):
        if best:
            text.stylize(_BEST, start, start + len(line))
        start += len(line) + height
    return text


def _pieces(name: str, width: int) -> Iterator[str]:
    """Yield a name in lines of at most ``width`` characters, broken after a slash where there is one."""
    while width_of([name]) > width:
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
