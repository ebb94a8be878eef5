"""A comparison as CSV: one row per document, metric and case."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rnnbench.analysis.compare import Comparison
from rnnbench.report.csv import safe

FIELDS = (
    "new_document",
    "metric",
    "unit",
    "case",
    "id",
    "base",
    "new",
    "ratio",
    "difference",
    "low",
    "high",
    "p",
    "p_adjusted",
    "verdict",
)


def to_csv(comparisons: Sequence[Comparison]) -> str:
    """Return a header and the rows: SI units, full precision, empty where there is nothing.

    ``low`` and ``high`` are the ends of the 95 % interval of the ratio, or of the difference where there is no ratio.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    for comparison in comparisons:
        for metric in comparison.metrics:
            for change in metric.shown:
                row = (comparison.pairing.new.name, metric.key, metric.unit, change.name, change.id)
                figures = (change.base, change.new, change.ratio, change.difference, *(change.interval or (None, None)))
                writer.writerow(map(safe, (*row, *figures, change.p, change.q, change.verdict.value)))
    return text.getvalue()
