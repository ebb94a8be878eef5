"""Rounds of two arms as tables for a terminal: a table per metric, with head over base round by round in one figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from rnnbench.analysis.paired_ratio import Ratio, ratios
from rnnbench.report.case_table import case_width, print_table
from rnnbench.report.change_columns import left_column, metric_title, ratio_with_interval, right_column
from rnnbench.report.layout import fold, width_of
from rnnbench.report.paired_account import arm_differences, paired_header
from rnnbench.report.paragraph import paragraph, section
from rnnbench.report.printable import printable
from rnnbench.report.units import Unit, number, unit_for
from rnnbench.results.paired import Paired

if TYPE_CHECKING:
    from rich.console import Console


def render(document: Paired, name: str, console: Console) -> None:
    """Print what the rounds of a document found; ``name`` is what it is called."""
    for text in paired_header(document, name):
        console.print(Text(text), soft_wrap=True)
    section(console, "Differences", list(arm_differences(document)))
    for key in dict.fromkeys(key for case in document.cases for key in case["metrics"]):
        _metric(key, [ratio for ratio in ratios(document) if ratio.metric == key], console)
    section(console, "Failed", [_failure(case) for case in document.cases if case["status"] != "ok"])
    section(console, "Warnings", document.warnings)
    console.print()
    note = (
        "head / base: Hodges-Lehmann estimate over rounds with its exact 95 % interval, below 1 where head is faster."
    )
    paragraph(console, note, style="dim")


def _metric(key: str, found: list[Ratio], console: Console) -> None:
    unit = unit_for("s", [time for ratio in found for time in (ratio.base, ratio.head)])
    texts = [ratio_with_interval(ratio.ratio, ratio.interval).partition(" ") for ratio in found]
    width = width_of([value for value, _, _ in texts])
    columns = [
        right_column("base", [_time(ratio.base, unit) for ratio in found], [f"({unit.name})"]),
        right_column("head", [_time(ratio.head, unit) for ratio in found], [f"({unit.name})"]),
        left_column("head / base", [f"{value:>{width}} {interval}".rstrip() for value, _, interval in texts]),
        right_column("rounds", [str(ratio.rounds) for ratio in found]),
    ]
    names = [printable(ratio.case) for ratio in found]
    console.print()
    console.print(Text(printable(metric_title(key)), style="bold"), soft_wrap=True)
    first = case_width(names, console.width)
    for part in fold(columns, console.width - first):
        print_table(console, names, part, first)


def _time(seconds: float, unit: Unit) -> str:
    return number(seconds / unit.factor)


def _failure(case: Mapping[str, Any]) -> str:
    return f"{case['name']}: {case['status']}: {case['reason']}"
