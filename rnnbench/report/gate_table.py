"""A gate as tables for a terminal: a table per metric, the gravest lines first, then what it all says."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from rnnbench.analysis.gate_line import Line, Outcome
from rnnbench.report.case_table import case_width, print_table
from rnnbench.report.change_columns import left_column, metric_title, right_column
from rnnbench.report.gate_account import Account
from rnnbench.report.gate_words import STYLES, change_text, missing, n_text, outcome_text, percent, summary
from rnnbench.report.layout import SetColumn, fold, width_of
from rnnbench.report.paragraph import paragraph, section
from rnnbench.report.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

_NO_ROW = (Outcome.SAME, Outcome.MISSING)
"""Of figures without noise; what is missing is said once per case."""
_GRAVITY = {outcome: index for index, outcome in enumerate(Outcome)}


def render(account: Account, replay: Sequence[str], console: Console) -> None:
    """Print what a gate found; ``replay`` is the command line that finds it again."""
    for text in account.header:
        console.print(Text(text), soft_wrap=True)
    section(console, "Differences", account.differences)
    by_metric: dict[str, list[Line]] = {}
    for line in account.lines:
        by_metric.setdefault(line.metric, []).append(line)
    unchanged = []
    for metric, lines in by_metric.items():
        shown = [line for line in lines if line.timed or line.outcome not in _NO_ROW]
        if shown:
            _metric(metric, sorted(shown, key=lambda line: _GRAVITY[line.outcome]), console)
        elif lines[0].outcome is Outcome.SAME:
            unchanged.append(metric_title(metric))
    section(console, "Missing", missing(account.lines))
    console.print()
    if unchanged:
        paragraph(console, f"Within their limits: {', '.join(map(printable, unchanged))}.", style="dim")
    for text in account.notes:
        paragraph(console, text, style="dim")
    # On one line, however long: it is to be copied.
    console.print(Text(f"Replay: {printable(shlex.join(replay))}", style="dim"), soft_wrap=True)
    _verdict(account.lines, console)


def _metric(metric: str, lines: Sequence[Line], console: Console) -> None:
    timed = any(line.timed for line in lines)
    changes = [change_text(line).partition(" ") for line in lines]
    width = width_of([value for value, _, _ in changes])
    made = [
        left_column("change (%)", [f"{value:>{width}} {interval}".rstrip() for value, _, interval in changes]),
        right_column("limit (%)", [percent(line.threshold or line.limit) for line in lines]),
    ]
    if timed:
        made += [
            right_column("p", ["" if line.p is None else f"{line.p:.2g}" for line in lines]),
            right_column("n", [n_text(line) for line in lines]),
        ]
    made.append(_outcomes(lines))
    names = [printable(line.name) for line in lines]
    console.print()
    console.print(Text(printable(metric_title(metric)), style="bold"), soft_wrap=True)
    first = case_width(names, console.width)
    for part in fold(made, console.width - first):
        print_table(console, names, part, first)


def _outcomes(lines: Sequence[Line]) -> SetColumn:
    return left_column("verdict", [outcome_text(line) for line in lines], [STYLES[line.outcome] for line in lines])


def _verdict(lines: Sequence[Line], console: Console) -> None:
    """Print the last line: the gate as a whole."""
    outcomes = {line.outcome for line in lines}
    word, colour = "passed", "bold green"
    if any(line.failing for line in lines) or Outcome.MISSING in outcomes:
        word, colour = "FAILED", "bold red"
    elif Outcome.REGRESSED in outcomes:
        word, colour = "undecided", "bold yellow"
    text = Text("Gate ").append(word, style=colour).append(f": {summary(lines)}.")
    console.print(text, soft_wrap=True)
