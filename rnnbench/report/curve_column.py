"""The column of learning curves: the accuracy of each case at points of its training."""

from __future__ import annotations

from typing import Any

from rnnbench.report.columns import MISSING, Cell, Column
from rnnbench.results.document import Results, metric

KEY = "learning curve"
MOST_POINTS = 12


def curve_column(results: Results) -> Column | None:
    """Return the column, in the group of what is learnt; None where no case has a curve."""
    curves = [_curve(metric(case, "accuracy")) for case in results.cases]
    if not any(curves):
        return None
    cells = tuple(Cell("" if curve else MISSING, figure=False, curve=curve) for curve in curves)
    return Column(KEY, "0 to 1", "learning", cells, KEY)


def _curve(record: dict[str, Any] | None) -> tuple[float, ...]:
    """Return the mean accuracy over replicas at no more than :data:`MOST_POINTS` points, first and last among them."""
    curve = record["details"].get("curve") if record else None
    points = curve.get("accuracy") if isinstance(curve, dict) else None
    if not isinstance(points, list) or not all(_is_numbers(point) for point in points):
        return ()
    means = [sum(point) / len(point) for point in points]
    if len(means) > MOST_POINTS:
        means = [means[round(place * (len(means) - 1) / (MOST_POINTS - 1))] for place in range(MOST_POINTS)]
    return tuple(means)


def _is_numbers(point: Any) -> bool:
    return isinstance(point, list) and bool(point) and all(type(value) in (int, float) for value in point)
