"""What a reader of a comparison must know to read it: what was not tabulated, what words mean, how sure they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnbench.analysis.compare import Comparison
from rnnbench.analysis.verdict import FALSE_DISCOVERIES, Verdict
from rnnbench.report.change_columns import metric_title
from rnnbench.report.pairing_header import names_of
from rnnbench.report.printable import printable


def notes(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield sentences for below the tables."""
    metrics = [metric for comparison in comparisons for metric in comparison.metrics]
    yield from _unchanged(comparisons)
    verdicts = {change.verdict for metric in metrics if not metric.unchanged for change in metric.changes}
    timed = [metric for metric in metrics if metric.form == "timing"]
    margin = f"{comparisons[0].margin:.3g}"
    if timed and Verdict.NONE in verdicts:
        yield (
            "No verdict on times: the machines differ, so a ratio of times says as much of them as of the code. "
            "Compare within each machine, or run both on one."
        )
    elif timed:
        yield (
            f"new / base with its 95 % interval over launches. same: the whole interval is within {margin} of 1. "
            f"faster, slower: not so, and of all calls of a metric at most {FALSE_DISCOVERIES:.0%} are wrong on "
            "average (Benjamini-Hochberg on Welch's test). inconclusive: neither; more launches would tell."
        )
        yield (
            "Both are single sessions: what a busier hour does to all launches of one is in the ratio and not in the "
            "interval."
        )
    if any(metric.form in ("replicas", "proportion", "censored") and not metric.unchanged for metric in metrics):
        yield (
            "What was learnt is compared in pairs of replicas with the same seed, by exact tests, adjusted likewise; "
            "same: every replica is identical."
        )
    if any(metric.key == "peak_memory" and not metric.unchanged for metric in metrics):
        yield f"Peak memory is one figure without an interval: a change within {margin} counts as the same."


def _unchanged(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield which metrics have the same figures in every document and case, and which only one document has."""
    unchanged: dict[str, bool] = {}
    for metric in (metric for comparison in comparisons for metric in comparison.metrics):
        unchanged[metric.key] = unchanged.get(metric.key, True) and metric.unchanged
    titles = [printable(metric_title(key)) for key, same in unchanged.items() if same]
    if titles:
        yield f"Identical in every case: {', '.join(titles)}."
    for comparison, name in zip(comparisons, names_of([c.pairing for c in comparisons])[1:], strict=True):
        sides = {Verdict.ONLY_BASE: "base", Verdict.ONLY_NEW: name}
        for verdict, side in sides.items():
            lacking = [m.key for m in comparison.metrics if m.one_sided and m.changes[0].verdict is verdict]
            if lacking:
                yield f"Only in {side}: {', '.join(printable(metric_title(key)) for key in lacking)}."
