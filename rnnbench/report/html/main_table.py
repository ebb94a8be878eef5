"""The main table: every case with every figure, as ``rnnbench show`` has them; sorted and filtered in the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnnbench.report.absent import why_absent
from rnnbench.report.caption import caption
from rnnbench.report.columns import Cell, Column, columns, notes
from rnnbench.report.html.elements import listed, name_text, scrolling, text
from rnnbench.report.matched import match_notes
from rnnbench.report.roofline_columns import GROUP, roofline_columns
from rnnbench.results.document import Results, metric

_MOST_NAMED = 4
_SHORT = 36
"""Names up to this length stay on one line, where the page is wide enough."""


def table_section(results: Results, identity: str) -> str:
    """Return filter, table and notes as HTML; ``identity`` is unique in the page and an XML name."""
    shown = [*columns(results), *roofline_columns(results)]
    groups = list(dict.fromkeys(column.group for column in shown))
    switches = "".join(
        f'<label><input type="checkbox" checked data-group="{text(group)}"> {text(group)}</label>' for group in groups
    )
    total = len(results.cases)
    controls = (
        f'<div class="controls" data-for="{identity}" hidden><label>Filter cases '
        f'<input type="search" placeholder="words of the name" autocomplete="off"></label>'
        f'<span role="status" class="count">{total} of {total} cases</span>'
        f"{f'<fieldset><legend>Columns</legend>{switches}</fieldset>' if len(groups) > 1 else ''}</div>"
    )
    heads = "".join(_head(column) for column in shown)
    rows = "".join(_row(index, case, shown) for index, case in enumerate(results.cases))
    short = " short" if max((len(case["name"]) for case in results.cases), default=0) <= _SHORT else ""
    made = scrolling(
        f'<table id="{identity}" class="main{short}"><caption>All cases of {text(results.suite["name"])}</caption>'
        f"<thead><tr>"
        f'<th scope="col" data-kind="text">case</th>{heads}</tr></thead><tbody>{rows}</tbody></table>',
        f"All cases of {results.suite['name']}",
    )
    said = [*caption(shown, "Bold with a star:"), *match_notes(results), *notes(results), *_missing(results, shown)]
    return f"{controls}{made}{listed(said, 'notes')}"


def _head(column: Column) -> str:
    unit = f' <span class="unit">({text(column.unit)})</span>' if column.unit else ""
    return f'<th scope="col" data-group="{text(column.group)}">{text(column.title)}{unit}</th>'


def _row(index: int, case: Mapping[str, Any], shown: Sequence[Column]) -> str:
    cells = "".join(_cell(column.cells[index], column, case) for column in shown)
    return f'<tr><th scope="row">{name_text(case["name"])}</th>{cells}</tr>'


def _cell(cell: Cell, column: Column, case: Mapping[str, Any]) -> str:
    group = f' data-group="{text(column.group)}"'
    if not cell.figure:
        why = "" if column.key is None else f' title="{text(why_absent(case, column.key))}"'
        return f'<td class="absent"{group}{why}>{text(_in_place(cell))}</td>'
    number = _number(case, column)
    value = "" if number is None else f' data-value="{number!r}"'
    said = f"<b>{text(cell.value)}*</b>" if cell.best else text(cell.value)
    interval = f' <span class="interval">{text(cell.interval)}</span>' if cell.interval else ""
    return f"<td{group}{value}>{said}{interval}</td>"


def _in_place(cell: Cell) -> str:
    return "–" if cell.value == "-" else cell.value


def _number(case: Mapping[str, Any], column: Column) -> float | None:
    """Return what a cell is sorted by."""
    record = metric(case, column.key) if column.key else None
    if record is None:
        return None
    value = record["details"].get("floor_fraction") if column.group == GROUP else record["value"]
    return float(value) if isinstance(value, (int, float)) else None


def _missing(results: Results, shown: Sequence[Column]) -> Iterator[str]:
    """Yield a sentence for each reason for which figures are missing, but for flags, of which the notes speak."""
    found: dict[tuple[str, str], list[str]] = {}
    for column in shown:
        for cell, case in zip(column.cells, results.cases, strict=True):
            record = metric(case, column.key) if column.key else None
            if column.key is not None and not cell.figure and not (record and record["flags"]):
                found.setdefault((column.title, why_absent(case, column.key)), []).append(case["name"])
    by_reason: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (title, why), names in found.items():
        by_reason.setdefault((why, tuple(names)), []).append(title)
    for (why, cases), titles in by_reason.items():
        who = ", ".join(cases[:_MOST_NAMED]) + (
            f" and {len(cases) - _MOST_NAMED} more" if len(cases) > _MOST_NAMED else ""
        )
        yield f"No figure for {', '.join(titles)}: {why} ({who})"
