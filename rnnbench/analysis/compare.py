"""Two results documents beside each other: what changed in each case and metric, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rnnbench.analysis.align import Case, Pairing
from rnnbench.analysis.by_axis import AxisGroup, group_by
from rnnbench.analysis.change import Change, MetricComparison
from rnnbench.analysis.compare_exact import exact_changes, exact_mean
from rnnbench.analysis.compare_learning import learning_changes
from rnnbench.analysis.compare_timing import timing_changes
from rnnbench.analysis.differences import Difference, differences
from rnnbench.analysis.form import RATES, form_of
from rnnbench.analysis.machines import (
    RankAgreement,
    Reached,
    Within,
    rank_agreement,
    roofline_shares,
    within_machines,
)
from rnnbench.analysis.verdict import Verdict
from rnnbench.errors import RnnbenchError
from rnnbench.results.metrics import METRICS
from rnnbench.words import did_you_mean, quoted

_HIDDEN = {*RATES, "flops_fraction", "bandwidth_fraction", "first_call_time", "final_loss"}
"""Compared only when asked for: rates and shares of what a machine can reach repeat times, a first call is one sample,
the loss stands behind accuracy."""


@dataclass(frozen=True)
class Comparison:
    """Two documents, compared.

    Attributes
    ----------
    pairing, differences
        The documents, and what differs between them besides figures.
    metrics
        What was compared. Where the machines differ, timings have no verdict.
    margin
        Ratios within 1/(1 + margin) to 1 + margin count as the same.
    reached, within, ranks
        By timing, where the machines differ: what share of its machine's roofline each case reaches, cases over their
        baseline on each machine, and how alike the machines order the cases.
    axis, by_axis
        By metric with ratios, where an axis was asked for: the cases of each of its values.
    """

    pairing: Pairing
    differences: tuple[Difference, ...]
    metrics: tuple[MetricComparison, ...]
    margin: float
    reached: dict[str, list[Reached]]
    within: dict[str, list[Within]]
    ranks: dict[str, RankAgreement]
    axis: str | None
    by_axis: dict[str, list[AxisGroup]]


def compare(pairing: Pairing, keys: Sequence[str], margin: float, axis: str | None = None) -> Comparison:
    """Return the comparison of two aligned documents in the metrics ``keys``.

    Parameters
    ----------
    pairing
        The documents.
    keys
        Metric keys, as :func:`choose_metrics` gives.
    margin
        Ratios within 1/(1 + margin) to 1 + margin count as the same.
    axis
        A parameter by whose values to group the cases, too.

    Raises
    ------
    RnnbenchError
        No case has the axis.
    """
    metrics = tuple(
        _without_verdicts(metric) if not pairing.same_machine and metric.form == "timing" else metric
        for metric in (_metric(pairing, key, margin) for key in keys)
    )
    times = [metric for metric in metrics if metric.form == "timing"] if not pairing.same_machine else []
    timed = [metric.key for metric in times]
    reached = {metric.key: roofline_shares(pairing, metric.key, metric.changes) for metric in times}
    within = {key: within_machines(pairing, key) for key in timed}
    ranks = {key: rank_agreement(pairing, key) for key in timed}
    return Comparison(
        pairing,
        tuple(differences(pairing)),
        metrics,
        margin,
        {key: shares for key, shares in reached.items() if shares},
        {key: found for key, found in within.items() if found},
        {key: found for key, found in ranks.items() if found is not None},
        axis,
        group_by(axis, pairing, metrics) if axis is not None else {},
    )


def choose_metrics(pairings: Iterable[Pairing], asked: Sequence[str]) -> list[str]:
    """Return the metric keys to compare: those that ``asked`` names (with or without scope), else the usual ones.

    Raises
    ------
    RnnbenchError
        A name that no document has.
    """
    found: dict[str, None] = {}
    for pairing in pairings:
        for side in (pairing.base, pairing.new):
            found.update(dict.fromkeys(side.results.metric_keys()))
    return named(found, asked) if asked else usual(found)


def usual(found: Iterable[str]) -> list[str]:
    """Return the metric keys that are shown unless others are asked for, in the order of :data:`METRICS`."""
    return [key for key in in_order(found) if _name(key) in METRICS and _name(key) not in _HIDDEN]


def named(found: Iterable[str], asked: Sequence[str]) -> list[str]:
    """Return the metric keys that ``asked`` names, with or without scope; raises as :func:`choose_metrics`."""
    present = in_order(found)
    chosen: dict[str, None] = {}
    for name in asked:
        matching = [key for key in present if name in (key, _name(key))]
        if not matching:
            raise RnnbenchError(f"--metric: the documents have no {quoted(name)}{did_you_mean(name, present)}")
        chosen.update(dict.fromkeys(matching))
    return list(chosen)


def in_order(found: Iterable[str]) -> list[str]:
    """Return metric keys in the order of :data:`METRICS`, unknown ones last."""
    order = {name: index for index, name in enumerate(METRICS)}
    return sorted(found, key=lambda key: order.get(_name(key), len(order)))


def _name(key: str) -> str:
    return key.partition(".")[0]


def _metric(pairing: Pairing, key: str, margin: float) -> MetricComparison:
    pairs = [pair for pair in pairing.common if _value(pair[0], key) is not None and _value(pair[1], key) is not None]
    cases = [*(case for pair in pairing.common for case in pair), *pairing.only_base, *pairing.only_new]
    record = next(case["metrics"][key] for case in cases if key in case["metrics"])
    form, better = form_of(key, record), record["better"]
    changes: list[Change] = []
    mean = None
    if form == "timing" and pairs:
        changes, mean = timing_changes(pairs, key, better, margin)
    elif form == "exact":
        changes = exact_changes(pairs, key, better, margin)
        mean = exact_mean(changes)
    elif pairs:
        changes = learning_changes(pairs, key, form, better)
    both = {change.id: change for change in changes}
    ordered = [both.get(first["id"]) or _one_sided(first, second, key) for first, second in pairing.common]
    ordered += [_one_sided(case, None, key) for case in pairing.only_base]
    ordered += [_one_sided(None, case, key) for case in pairing.only_new]
    found = tuple(change for change in ordered if change is not None)
    return MetricComparison(key, record["unit"], better, form, found, mean, shown=found)


def _value(case: Case | None, key: str) -> float | None:
    record = case["metrics"].get(key) if case is not None else None
    return record["value"] if record is not None else None


def _one_sided(base: Case | None, new: Case | None, key: str) -> Change | None:
    """Return the entry of a case that only one document has a figure of, or None if neither has."""
    before, after = _value(base, key), _value(new, key)
    case = base or new
    if case is None or before is after is None:
        return None
    return Change(case["id"], case["name"], before, after, Verdict.ONLY_BASE if after is None else Verdict.ONLY_NEW)


def _without_verdicts(metric: MetricComparison) -> MetricComparison:
    told = (Verdict.ONLY_BASE, Verdict.ONLY_NEW)
    changes = [c if c.verdict in told else replace(c, verdict=Verdict.NONE, p=None, q=None) for c in metric.changes]
    return replace(metric, changes=tuple(changes), shown=tuple(changes))
