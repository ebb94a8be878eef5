"""Results as tables for a terminal, with the findings below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnbench.report.caption import caption
from rnnbench.report.case_table import case_width, print_table
from rnnbench.report.columns import MARK, columns, notes
from rnnbench.report.header import header
from rnnbench.report.layout import fold, set_column
from rnnbench.report.paragraph import paragraph, section
from rnnbench.report.printable import printable
from rnnbench.report.roofline_columns import roofline_columns
from rnnbench.results.document import Results

if TYPE_CHECKING:
    from rich.console import Console


def render(results: Results, console: Console) -> None:
    """Print the tables, what marks mean, the findings, the warnings, and the cases that failed.

    Columns that do not fit the console's width fold into several tables, each with the cases in its first column;
    columns of a kind (learning, storage, time) stay together where they fit.
    """
    shown = [*columns(results), *roofline_columns(results)]
    names = [printable(case["name"]) for case in results.cases]
    width = case_width(names, console.width)
    paragraph(console, header(results))
    # A case that failed before anything was measured still has a row, so there is always at least one table.
    for part in fold([set_column(column) for column in shown], console.width - width) or [[]]:
        console.print()
        print_table(console, names, part, width)
    if not names:
        paragraph(console, "No cases.")
    for text in [*caption(shown, MARK), *notes(results)]:
        paragraph(console, text, style="dim")
    section(console, "Findings", results.findings)
    section(console, "Warnings", results.warnings)
    section(console, "Failed cases", [f"{c['name']}: {c['status']}: {c['reason'] or '-'}" for c in results.failed])
