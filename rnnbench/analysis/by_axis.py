"""The cases of a comparison, grouped by their values on one axis: which connectivity, which size got faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rnnbench.analysis.align import Pairing
from rnnbench.analysis.change import Change, Mean, MetricComparison
from rnnbench.analysis.compare_exact import exact_mean
from rnnbench.analysis.compare_timing import typical_ratio
from rnnbench.errors import RnnbenchError
from rnnbench.words import did_you_mean, quoted


@dataclass(frozen=True)
class AxisGroup:
    """The cases with one value of an axis, and the geometric mean of their ratios."""

    label: str
    changes: tuple[Change, ...]
    mean: Mean


def group_by(axis: str, pairing: Pairing, metrics: Sequence[MetricComparison]) -> dict[str, list[AxisGroup]]:
    """Return the groups of each metric that has ratios, in the order in which the values appear.

    Raises
    ------
    RnnbenchError
        No case has the axis.
    """
    labels = _labels(axis, pairing)
    made = {}
    for metric in metrics:
        groups: dict[str, list[Change]] = {}
        for change in metric.changes:
            if change.id in labels and change.ratio is not None:
                groups.setdefault(labels[change.id], []).append(change)
        found = [AxisGroup(value, tuple(changes), _mean(metric, changes, pairing)) for value, changes in groups.items()]
        if found and not metric.unchanged:
            made[metric.key] = found
    return made


def _labels(axis: str, pairing: Pairing) -> Mapping[str, str]:
    """Return each common case's value on the axis as text, by case id."""
    from rnnbench.analysis.contrast import flatten, label  # it imports pydantic, which takes its time

    flat = {first["id"]: flatten(first["parameters"]) for first, _ in pairing.common}
    known = dict.fromkeys(key for parameters in flat.values() for key in parameters)
    if axis not in known:
        raise RnnbenchError(f"--by: no case has {quoted(axis)}{did_you_mean(axis, list(known))}")
    return {id_: label(axis, parameters[axis]) for id_, parameters in flat.items() if axis in parameters}


def _mean(metric: MetricComparison, changes: Sequence[Change], pairing: Pairing) -> Mean:
    if metric.form == "timing":
        ids = {change.id for change in changes}
        return typical_ratio([pair for pair in pairing.common if pair[0]["id"] in ids], metric.key)
    mean = exact_mean(changes)
    assert mean is not None  # noqa: S101 - every change here has a ratio
    return mean
