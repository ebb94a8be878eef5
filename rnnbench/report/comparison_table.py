"""A comparison as tables for a terminal: what differs, a summary, then a table per metric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text

from rnnbench.analysis.change import Change, MetricComparison
from rnnbench.analysis.compare import Comparison
from rnnbench.analysis.verdict import Verdict
from rnnbench.report.case_table import case_width, print_table
from rnnbench.report.change_columns import (
    change_text,
    columns,
    figure_texts,
    left_column,
    metric_title,
    ratio_with_interval,
    right_column,
    unit_of,
)
from rnnbench.report.comparison_notes import notes
from rnnbench.report.layout import SetColumn, fold
from rnnbench.report.pairing_header import names_of, pairing_lines
from rnnbench.report.paragraph import paragraph, section
from rnnbench.report.printable import printable
from rnnbench.report.units import share_text
from rnnbench.report.verdict_words import style, word

if TYPE_CHECKING:
    from rich.console import Console

_COUNTED = (Verdict.BETTER, Verdict.WORSE, Verdict.SAME, Verdict.INCONCLUSIVE)


def render(comparisons: Sequence[Comparison], console: Console) -> None:
    """Print one comparison, or several with the same base; metrics that nothing changed are named, not tabulated."""
    for line in pairing_lines([c.pairing for c in comparisons]):
        console.print(Text(line), soft_wrap=True)
    several = len(comparisons) > 1
    for comparison, name in zip(comparisons, names_of([c.pairing for c in comparisons])[1:], strict=True):
        title = f"Differences of {name}" if several else "Differences"
        section(console, title, [str(difference) for difference in comparison.differences])
    for comparison, name in zip(comparisons, names_of([c.pairing for c in comparisons])[1:], strict=True):
        _summary(comparison, f"Summary of {name}" if several else "Summary", console)
        _by_axis(comparison, console)
    for metrics in zip(*(comparison.metrics for comparison in comparisons), strict=True):
        if not all(metric.unchanged or metric.one_sided for metric in metrics):
            _metric(metrics, comparisons, console)
    for comparison in comparisons:
        if not comparison.pairing.same_machine:
            _machines(comparison, console)
    console.print()
    for text in notes(comparisons):
        paragraph(console, text, style="dim")


def tally(metric: MetricComparison) -> list[tuple[str, int, str]]:
    """Return (word, number, style) of the verdicts of a metric, better first; those that no case has are left out.

    So are cases without a verdict.
    """
    counted = Counter(change.verdict for change in metric.changes)
    order = [*_COUNTED, *(verdict for verdict in Verdict if verdict not in _COUNTED)]
    return [
        (word(verdict, metric.form, metric.better), counted[verdict], style(verdict))
        for verdict in order
        if counted[verdict] and verdict is not Verdict.NONE
    ]


def _summary(comparison: Comparison, title: str, console: Console) -> None:
    """Print a row per metric that changed: its verdicts counted, and its geometric mean."""
    changed = [metric for metric in comparison.metrics if not (metric.unchanged or metric.one_sided)]
    if not changed:
        return
    tallies = [tally(metric) for metric in changed]
    names = [printable(metric_title(metric.key)) for metric in changed]
    means = [ratio_with_interval(metric.mean.ratio, metric.mean.interval) if metric.mean else "" for metric in changed]
    said = [", ".join(f"{number:,} {name}" for name, number, _ in counted) for counted in tallies]
    styles = [counted[0][2] if len(counted) == 1 else "" for counted in tallies]
    cases = [f"{len(metric.changes):,}" for metric in changed]
    made = [right_column("cases", cases), left_column("geometric mean", means)]
    if any(change.verdict is not Verdict.NONE for metric in changed for change in metric.changes):
        made.append(left_column("verdicts", said, styles))
    _print_table(names, made, Text(title, style="bold"), console, first="metric")


def _metric(metrics: Sequence[MetricComparison], comparisons: Sequence[Comparison], console: Console) -> None:
    """Print the table of one metric: with a plot for one comparison, else with a pair of columns for each.

    Of figures without noise, only the cases that changed have a row.
    """
    names = _case_names(metrics)
    if metrics[0].form == "exact":
        changed = {change.id for metric in metrics for change in metric.shown if change.verdict is not Verdict.SAME}
        names = {id_: name for id_, name in names.items() if id_ in changed}
    if not names:
        return
    title = Text(f"{printable(metric_title(metrics[0].key))}", style="bold")
    if len(metrics) == 1 and comparisons[0].pairing.same_machine:
        title.append(": ")
        for index, (name, number, colour) in enumerate(tally(metrics[0])):
            title.append(f"{', ' if index else ''}{number:,} ").append(name, style=colour)
    shown = [printable(name) for name in names.values()]
    room = console.width - case_width(shown, console.width)
    if len(metrics) == 1:
        changes = [change for change in metrics[0].shown if change.id in names]
        made = columns(metrics[0], changes, room, comparisons[0].margin, console.options.ascii_only)
    else:
        made = _beside(metrics, list(names), names_of([c.pairing for c in comparisons]))
    _print_table(shown, made, title, console)


def _case_names(metrics: Sequence[MetricComparison]) -> dict[str, str]:
    """Return the names of the listed cases by id, in the order of the first document that lists them."""
    names: dict[str, str] = {}
    for metric in metrics:
        for change in metric.shown:
            names.setdefault(change.id, change.name)
    return names


def _beside(metrics: Sequence[MetricComparison], ids: Sequence[str], names: Sequence[str]) -> list[SetColumn]:
    """Return base's figures, then ratio and verdict of each document; those of one document stay together."""
    by_id = [{change.id: change for change in metric.shown} for metric in metrics]
    known: list[Change] = [next(changes[id_] for changes in by_id if id_ in changes) for id_ in ids]
    unit = unit_of(metrics[0])
    head = [f"({unit.name})"] if unit.name else []
    made = [right_column(names[0], [figure_texts(metrics[0], change, unit)[0] for change in known], head)]
    for metric, changes, name in zip(metrics, by_id, names[1:], strict=True):
        found = [changes.get(id_) for id_ in ids]
        texts = [change_text(metric, change) if change else "" for change in found]
        words = [word(change.verdict, metric.form, metric.better) if change else "" for change in found]
        styles = [style(change.verdict) if change else "" for change in found]
        pair = (left_column(f"{name} / base", texts), left_column("", words, styles))
        made += [replace(column, group=name) for column in pair]
    return made


def _machines(comparison: Comparison, console: Console) -> None:
    """Print, for each time, how near it comes to each machine's roofline, and how the cases compare within each.

    Below them stands how alike the machines order the cases.
    """
    for key, shares in comparison.reached.items():
        made = [
            right_column("on base's", [share_text(one.base) for one in shares]),
            right_column("on new's", [share_text(one.new) for one in shares]),
            left_column("new / base", [ratio_with_interval(one.ratio, one.interval) for one in shares]),
        ]
        title = f"Share of each machine's roofline: {metric_title(key)}"
        _print_table([printable(one.name) for one in shares], made, Text(printable(title), style="bold"), console)
    for key, found in comparison.within.items():
        baselines = ", ".join(dict.fromkeys(case.baseline for case in found))
        title = f"Within each machine: {metric_title(key)}, over that of {baselines}"
        made = [
            left_column("on base's", [ratio_with_interval(w.base.ratio, w.base.interval) for w in found]),
            left_column("on new's", [ratio_with_interval(w.new.ratio, w.new.interval) for w in found]),
        ]
        _print_table([printable(w.name) for w in found], made, Text(printable(title), style="bold"), console)
    if comparison.ranks:
        console.print()
    for key, ranks in comparison.ranks.items():
        told = f"both order {ranks.alike:,} of the {ranks.told_apart:,} pairs of cases alike that each tells apart"
        if not ranks.told_apart:
            told = "no pair of cases is told apart on both machines"
        tau = f"Kendall's tau over all pairs is {ranks.tau:.2f}"
        paragraph(console, f"{metric_title(key)}: {told} (intervals that do not overlap); {tau}.")


def _by_axis(comparison: Comparison, console: Console) -> None:
    """Print a row per value of an axis, for each metric that has ratios."""
    for key, groups in comparison.by_axis.items():
        metric = next(metric for metric in comparison.metrics if metric.key == key)
        tallies = [tally(replace(metric, changes=group.changes)) for group in groups]
        made = [
            right_column("cases", [f"{len(group.changes):,}" for group in groups]),
            left_column("geometric mean", [ratio_with_interval(g.mean.ratio, g.mean.interval) for g in groups]),
        ]
        if comparison.pairing.same_machine:
            said = [", ".join(f"{number:,} {name}" for name, number, _ in counted) for counted in tallies]
            made.append(left_column("verdicts", said))
        title = Text(printable(f"{metric_title(key)}, by {comparison.axis}"), style="bold")
        _print_table([printable(group.label) for group in groups], made, title, console, first="value")


def _print_table(
    names: Sequence[str], made: Sequence[SetColumn], title: Text, console: Console, first: str = "case"
) -> None:
    width = case_width(names, console.width, first)
    console.print()
    console.print(title, soft_wrap=True)
    for part in fold(made, console.width - width) or [[]]:
        print_table(console, names, part, width, first)
