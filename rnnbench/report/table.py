"""Results as tables for a terminal, with the findings below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnbench.analysis.listing import Listing
from rnnbench.analysis.named import metric_keys, metric_names
from rnnbench.errors import RnnbenchError
from rnnbench.report.caption import caption
from rnnbench.report.case_table import case_width, print_table
from rnnbench.report.columns import MARK, Column, column_of, columns, notes
from rnnbench.report.curve_column import KEY as CURVE
from rnnbench.report.curve_column import curve_column
from rnnbench.report.drawn import with_drawings
from rnnbench.report.header import answer, header, setting
from rnnbench.report.matched import match_notes
from rnnbench.report.paragraph import paragraph, section
from rnnbench.report.printable import printable
from rnnbench.report.roofline_columns import GROUP as ROOFLINE
from rnnbench.report.roofline_columns import roofline_columns
from rnnbench.results.document import Results
from rnnbench.words import did_you_mean, quoted

if TYPE_CHECKING:
    from rich.console import Console


def render(results: Results, console: Console) -> None:
    """Print a whole document: :func:`render_listing` of all cases, in the order of the suite."""
    render_listing(Listing(results), console)


def render_listing(listed: Listing, console: Console, chosen: Sequence[str] = ()) -> None:
    """Print the setting, the tables, what marks mean, answer, findings, warnings, and the cases that failed.

    Columns that do not fit the console's width fold into several tables, each with the cases in its first column;
    columns of a kind (learning, storage, time) stay together where they fit. Bars and curves are drawn where there is
    room for them.

    Parameters
    ----------
    chosen
        Names of metrics, ``roofline`` or ``learning curve``: these columns alone, in this order.

    Raises
    ------
    RnnbenchError
        There is no such column.
    """
    results = listed.results
    parts = [size for _, size in listed.groups]
    shown = _chosen(results, parts, chosen) if chosen else usual(results, parts)
    names = [printable(case["name"]) for case in results.cases]
    width = case_width(names, console.width)
    paragraph(console, header(results))
    paragraph(console, printable(setting(results)))
    # A case that failed before anything was measured still has a row, so there is always at least one table.
    ascii_only = console.options.ascii_only
    tables = with_drawings(shown, console.width - width, ascii_only, in_order=bool(chosen)) or [[]]
    for part in tables:
        console.print()
        print_table(console, names, part, width, above=_heads(listed))
    if not names:
        paragraph(console, "No cases.")
    drawn = {column.key for part in tables for column in part if column.drawn}
    for text in [
        *caption(shown, MARK, within=bool(listed.groups), drawn=drawn, ascii_only=ascii_only),
        *match_notes(results),
        *notes(results),
    ]:
        paragraph(console, text, style="dim")
    section(console, "Answer", answer(results))
    section(console, "Findings", results.findings)
    section(console, "Warnings", results.warnings)
    section(console, "Failed cases", [f"{c['name']}: {c['status']}: {c['reason'] or '-'}" for c in results.failed])


def usual(results: Results, parts: Sequence[int] = ()) -> list[Column]:
    """Return the columns of a table that nobody chose; ``parts`` as in :func:`rnnbench.report.columns.columns`."""
    made = columns(results, parts)
    curve = curve_column(results)
    if curve is not None:
        learning = [index for index, column in enumerate(made) if column.group == "learning"]
        made.insert(learning[-1] + 1 if learning else 0, curve)
    return [*made, *roofline_columns(results)]


def _chosen(results: Results, parts: Sequence[int], names: Sequence[str]) -> list[Column]:
    """Return the columns that names stand for, in their order."""
    drawn = {column.key: column for column in usual(results, parts)}
    rooflines = roofline_columns(results)
    named = {ROOFLINE: rooflines} if rooflines else {}
    if CURVE in drawn:
        named[CURVE] = [drawn[CURVE]]
    made: list[Column] = []
    for name in names:
        own = named.get(name) or [column_of(results, key, parts) for key in metric_keys(results, name)]
        if not own:
            known = [*metric_names(results), *named]
            raise RnnbenchError(f"--columns: no case has {quoted(name)}{did_you_mean(name, known)}")
        made += own
    return made


def _heads(listed: Listing) -> dict[int, str]:
    """Return the title of each group by the index of its first case."""
    heads, start = {}, 0
    for title, size in listed.groups:
        heads[start] = printable(title)
        start += size
    return heads
