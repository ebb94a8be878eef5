"""The columns of a comparison's table: figures, ratio or difference with interval, plot, verdict."""

from __future__ import annotations

from collections.abc import Sequence

from rnnbench.analysis.change import Change, MetricComparison
from rnnbench.analysis.statistics import Interval
from rnnbench.analysis.verdict import Verdict
from rnnbench.report.forest import Forest
from rnnbench.report.layout import GAP, SetColumn, width_of
from rnnbench.report.units import Unit, count, decimals, number, share_places, unit_for
from rnnbench.report.verdict_words import style, word
from rnnbench.results.metrics import metric_kind, scope_of

_MISSING = "-"
_SHARES = {"accuracy", "solved_fraction"}


def metric_title(key: str) -> str:
    """Return what a metric is called, with its scope: ``forward + backward, layer``."""
    kind, scope = metric_kind(key), scope_of(key)
    return (kind.title if kind else key) + (f", {scope}" if kind and scope else "")


def unit_of(metric: MetricComparison) -> Unit:
    """Return the unit that suits a metric's figures in both documents."""
    values = [value for change in metric.changes for value in (change.base, change.new) if value is not None]
    return unit_for(metric.unit, values)


def ratio_text(ratio: float) -> str:
    """Return a ratio with the digits that tell it from 1: ``0.98x``, ``0.045x``, ``12.3x``."""
    places = 2 if 0.095 <= ratio < 9.995 else decimals(ratio, 3 if ratio > 1 else 2)
    return f"{number(ratio, places)}x"


def ratio_with_interval(ratio: float | None, interval: Interval | None) -> str:
    """Return ``0.98x [0.95, 1.01]``."""
    if ratio is None:
        return ""
    text = ratio_text(ratio)
    return text if interval is None else f"{text} [{', '.join(ratio_text(end)[:-1] for end in interval)}]"


def difference_text(metric: MetricComparison, change: Change) -> str:
    """Return the difference of what was learnt, with its sign: ``+0.021 [-0.004, +0.046]``."""
    if change.difference is None or change.identical:
        return "" if change.difference is None else "identical"
    places = 3 if metric.key in _SHARES or abs(change.difference) < 100 else 0
    text = f"{change.difference:+,.{places}f}"
    if change.interval is None:
        return text
    return f"{text} [{', '.join(f'{end:+,.{places}f}' for end in change.interval)}]"


def change_text(metric: MetricComparison, change: Change) -> str:
    """Return the ratio or the difference of a change with its interval, or nothing where there is neither."""
    if metric.form in ("timing", "exact"):
        return ratio_with_interval(change.ratio, change.interval)
    return difference_text(metric, change)


def figure_texts(metric: MetricComparison, change: Change, unit: Unit) -> tuple[str, str]:
    """Return the figures of both documents in ``unit``, or as the change shows them."""
    if change.shown:
        return change.shown
    return _figure(metric, change.base, unit), _figure(metric, change.new, unit)


def _figure(metric: MetricComparison, value: float | None, unit: Unit) -> str:
    if value is None:
        return _MISSING
    if metric.key in _SHARES:
        return number(value, share_places(value))
    scaled = value / unit.factor
    whole = metric.form in ("exact", "censored") and float(scaled).is_integer()
    return count(scaled) if whole else number(scaled)


def columns(
    metric: MetricComparison, changes: Sequence[Change], room: int, margin: float, ascii_only: bool
) -> list[SetColumn]:
    """Return base, new, change, plot and verdict of some of a metric's changes, in at most ``room`` characters.

    The plot takes what is left, or is left out.
    """
    unit = unit_of(metric)
    figures = [figure_texts(metric, change, unit) for change in changes]
    head = [f"({unit.name})"] if unit.name else []
    made = [
        right_column("base", [base for base, _ in figures], head),
        right_column("new", [new for _, new in figures], head),
        _change_column(metric, changes),
    ]
    if any(change.verdict is not Verdict.NONE for change in changes):
        made.append(verdict_column(metric, changes))
    if metric.form in ("timing", "exact"):
        left = room - sum(GAP + column.width for column in made) - GAP
        scale = [part for change in changes for part in (change.interval, change.ratio)]
        forest = Forest.of(scale, left, margin, ascii_only)
        if forest is not None:
            made.insert(3, _plot_column(changes, forest))
    return made


def right_column(title: str, texts: Sequence[str], more: Sequence[str] = (), styles: Sequence[str] = ()) -> SetColumn:
    """Return a column of texts set to the right."""
    titles = [title, *more]
    width = width_of([*titles, *texts])
    return SetColumn(
        "",
        tuple(line.rjust(width) for line in titles),
        tuple(text.rjust(width) for text in texts),
        tuple(styles) or ("",) * len(texts),
        width,
    )


def left_column(title: str, texts: Sequence[str], styles: Sequence[str] = ()) -> SetColumn:
    """Return a column of texts set to the left."""
    width = width_of([title, *texts])
    return SetColumn("", (title,), tuple(texts), tuple(styles) or ("",) * len(texts), width)


def verdict_column(metric: MetricComparison, changes: Sequence[Change]) -> SetColumn:
    """Return the verdicts in their words and colours."""
    words = [word(change.verdict, metric.form, metric.better) for change in changes]
    return left_column("verdict", words, [style(change.verdict) for change in changes])


def _change_column(metric: MetricComparison, changes: Sequence[Change]) -> SetColumn:
    """Return ratios or differences, with the intervals below each other."""
    title = "new / base" if metric.form in ("timing", "exact") else "new - base"
    texts = [change_text(metric, change).partition(" ") for change in changes]
    values, intervals = width_of([text[0] for text in texts]), width_of([text[2] for text in texts])
    lines = [f"{value:>{values}} {interval:<{intervals}}".rstrip() for value, _, interval in texts]
    width = width_of([title, *lines])
    return SetColumn("", (title,), tuple(line.ljust(width) for line in lines), ("",) * len(lines), width)


def _plot_column(changes: Sequence[Change], forest: Forest) -> SetColumn:
    lines = [forest.line(change.ratio, change.interval) for change in changes]
    return SetColumn("", (forest.header(),), tuple(lines), tuple(style(c.verdict) for c in changes), forest.width)
