"""A table with a row per case, set by hand: there may be thousands, and rich takes its time for every cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from rnnbench.report.layout import GAP, SetColumn, width_of

if TYPE_CHECKING:
    from rich.console import Console


def case_width(names: Sequence[str], width: int, title: str = "case") -> int:
    """Return the width of the column of cases: at most half of it all; longer names go over several lines."""
    return min(width_of([title, *names]), max(16, width // 2))


def print_table(
    console: Console,
    names: Sequence[str],
    part: Sequence[SetColumn],
    width: int,
    title: str = "case",
    above: Mapping[int, str] | None = None,
) -> None:
    """Print :func:`table_text`; what is wider than the terminal is shown, not cut."""
    console.print(table_text(names, part, width, title, above, console.options.ascii_only), soft_wrap=True)


def table_text(
    names: Sequence[str],
    part: Sequence[SetColumn],
    width: int,
    title: str = "case",
    above: Mapping[int, str] | None = None,
    ascii_only: bool = False,
) -> Text:
    """Return one table.

    Parameters
    ----------
    names
        Of the rows; one that is longer than ``width`` takes several lines.
    part
        The columns beside them.
    width, title
        Of the column of names.
    above
        Lines of their own above some rows, by the index of the row.
    """
    text = Text()
    height = max((len(column.title) for column in part), default=1)
    heads = [[""] * (height - len(column.title)) + list(column.title) for column in part]
    for line in range(height):
        first = title if line == height - 1 else ""
        text.append(_row(first, width, part, [head[line] for head in heads]) + "\n", style="bold")
    rule = "-" if ascii_only else "─"
    text.append(rule * (width + sum(GAP + column.width for column in part)))
    for index, name in enumerate(names):
        if above and index in above:
            text.append(("\n\n" if index else "\n") + above[index], style="bold")
        pieces = list(_pieces(name, width))
        start = len(text) + 1
        text.append(f"\n{_row(pieces[0], width, part, [column.lines[index] for column in part])}")
        start += len(pieces[0]) + width - cell_len(pieces[0])
        for column in part:
            end = start + GAP + len(column.lines[index])
            if column.styles[index]:
                text.stylize(column.styles[index], start + GAP, end)
            start += GAP + len(column.lines[index]) + column.width - cell_len(column.lines[index])
        for piece in pieces[1:]:
            text.append(f"\n{piece}")
    return text


def _row(first: str, width: int, part: Sequence[SetColumn], cells: Sequence[str]) -> str:
    padded = [first + " " * (width - cell_len(first))]
    padded += [cell + " " * (column.width - cell_len(cell)) for column, cell in zip(part, cells, strict=True)]
    return (" " * GAP).join(padded).rstrip()


def _pieces(name: str, width: int) -> Iterator[str]:
    """Yield a name in lines of at most ``width`` characters, broken after a slash where there is one."""
    while width_of([name]) > width:
        cut = name.rfind("/", 1, width - 1) + 1 or width - 1
        yield name[:cut]
        name = name[cut:]
    yield name
