"""A comparison as Markdown, for a pull request: what differs, then a table per metric that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnbench.analysis.change import MetricComparison
from rnnbench.analysis.compare import Comparison
from rnnbench.analysis.verdict import Verdict
from rnnbench.report.change_columns import change_text, figure_texts, metric_title, ratio_with_interval, unit_of
from rnnbench.report.comparison_notes import notes
from rnnbench.report.comparison_table import tally
from rnnbench.report.markdown import escaped, row
from rnnbench.report.pairing_header import names_of, pairing_lines
from rnnbench.report.units import share_text
from rnnbench.report.verdict_words import word

_BOLD = (Verdict.BETTER, Verdict.WORSE, Verdict.CHANGED)


def to_markdown(comparisons: Sequence[Comparison]) -> str:
    """Return the comparisons as GitHub-flavoured Markdown; cases that changed are bold."""
    lines = ["  \n".join(escaped(" ".join(line.split())) for line in pairing_lines([c.pairing for c in comparisons]))]
    for comparison, name in zip(comparisons, names_of([c.pairing for c in comparisons])[1:], strict=True):
        if comparison.differences:
            lines += ["", f"**Differences of {name}**", ""]
            lines += [f"- {escaped(str(difference))}" for difference in comparison.differences]
        for metric in comparison.metrics:
            if not (metric.unchanged or metric.one_sided):
                lines += _metric(metric, name)
        lines += _reached(comparison)
        lines += _within(comparison)
    lines += ["", "  \n".join(escaped(text) for text in notes(comparisons))]
    return "\n".join(lines) + "\n"


def _metric(metric: MetricComparison, name: str) -> Iterator[str]:
    unit = unit_of(metric)
    counted = ", ".join(f"{number:,} {said}" for said, number, _ in tally(metric))
    mean = f"geometric mean {ratio_with_interval(metric.mean.ratio, metric.mean.interval)}" if metric.mean else ""
    title = f"{metric_title(metric.key)}{f' ({unit.name})' if unit.name else ''}"
    yield from ("", f"**{escaped(title)}**: {escaped('; '.join(filter(None, (counted, mean))))}", "")
    ratio = f"{name} / base" if metric.form in ("timing", "exact") else f"{name} - base"
    yield row(["case", "base", name, ratio, "verdict"])
    yield row(["---", "---:", "---:", "---:", "---"])
    for change in metric.shown:
        said = word(change.verdict, metric.form, metric.better) if change.verdict is not Verdict.NONE else ""
        said = f"**{said}**" if change.verdict in _BOLD else said
        figures = [escaped(text) for text in (*figure_texts(metric, change, unit), change_text(metric, change))]
        yield row([escaped(change.name), *figures, said])


def _reached(comparison: Comparison) -> Iterator[str]:
    for key, shares in comparison.reached.items():
        title = f"Share of each machine's roofline: {metric_title(key)}"
        yield from ("", f"**{escaped(title)}**", "")
        yield row(["case", "on base's", "on new's", "new / base"])
        yield row(["---", "---:", "---:", "---:"])
        for one in shares:
            figures = (share_text(one.base), share_text(one.new), ratio_with_interval(one.ratio, one.interval))
            yield row([escaped(one.name), *map(escaped, figures)])


def _within(comparison: Comparison) -> Iterator[str]:
    for key, cases in comparison.within.items():
        yield from ("", f"**{escaped(f'Within each machine: {metric_title(key)}')}**", "")
        yield row(["case", "over", "on base's", "on new's"])
        yield row(["---", "---", "---:", "---:"])
        for case in cases:
            ratios = [escaped(ratio_with_interval(side.ratio, side.interval)) for side in (case.base, case.new)]
            yield row([escaped(case.name), escaped(case.baseline), *ratios])
