"""Results as Markdown: one table with every column, then the findings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnbench.report.caption import caption
from rnnbench.report.columns import Cell, columns, notes
from rnnbench.report.header import answer, header, setting
from rnnbench.report.matched import match_notes
from rnnbench.report.printable import printable
from rnnbench.report.roofline_columns import roofline_columns
from rnnbench.results.document import Results

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def to_markdown(results: Results) -> str:
    """Return the document as GitHub-flavoured Markdown; the best figures of a column are bold."""
    shown = [*columns(results), *roofline_columns(results)]
    lines = [escaped(header(results)), ""]
    said_setting = setting(results)
    lines += [escaped(said_setting), ""] if said_setting else []
    lines.append(row(["case", *(escaped(f"{c.title} ({c.unit})" if c.unit else c.title) for c in shown)]))
    lines.append(row(["---", *("---:" for _ in shown)]))
    for index, case in enumerate(results.cases):
        lines.append(row([escaped(case["name"]), *(_cell(column.cells[index]) for column in shown)]))
    said = [escaped(text) for text in caption(shown, "bold:")]
    said += [escaped(text) for text in (*match_notes(results), *notes(results))]
    if said:
        lines += ["", "  \n".join(said)]
    lines += _section("Answer", answer(results))
    lines += _section("Findings", results.findings)
    lines += _section("Warnings", results.warnings)
    lines += _section("Failed cases", [f"{c['name']}: {c['status']}: {c['reason'] or '-'}" for c in results.failed])
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", printable(text))


def _cell(cell: Cell) -> str:
    value = f"**{escaped(cell.value)}**" if cell.best else escaped(cell.value)
    return f"{value} {escaped(cell.interval)}".rstrip()


def row(cells: list[str]) -> str:
    """Return one row of a table, of cells that are Markdown already."""
    return f"| {' | '.join(cells)} |"


def _section(title: str, texts: list[str]) -> Iterator[str]:
    if texts:
        yield from ("", f"**{title}**", "")
        yield from (f"- {escaped(text)}" for text in texts)
