"""Which cases of a comparison are shown, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from rnnbench.analysis.align import Pairing
from rnnbench.analysis.change import Change
from rnnbench.analysis.compare import Comparison
from rnnbench.analysis.verdict import Verdict
from rnnbench.suite.select import select_names

Order = Literal["suite", "name", "change"]
_UNREMARKABLE = (Verdict.SAME, Verdict.INCONCLUSIVE)


def selected(pairing: Pairing, expression: str) -> Pairing:
    """Return the pairing with the cases whose names ``expression`` selects, as ``-k`` of a run does.

    Raises
    ------
    RnnbenchError
        The expression is malformed, or selects nothing.
    """
    pairs, base, new = pairing.common, pairing.only_base, pairing.only_new
    names = [first["name"] for first, _ in pairs] + [case["name"] for case in (*base, *new)]
    chosen = select_names(expression, names, pairing.base.name)
    return replace(
        pairing,
        common=tuple(pair for pair in pairs if pair[0]["name"] in chosen),
        only_base=tuple(case for case in base if case["name"] in chosen),
        only_new=tuple(case for case in new if case["name"] in chosen),
    )


def arranged(comparison: Comparison, order: Order, changed_only: bool) -> Comparison:
    """Return the comparison with its cases listed in another order, or only those that a verdict sets apart.

    ``change`` sorts by ratio, or difference where there is none, the largest first.
    """
    metrics = tuple(
        replace(
            metric,
            shown=tuple(
                change
                for change in _sorted(metric.changes, order)
                if not (changed_only and change.verdict in _UNREMARKABLE)
            ),
        )
        for metric in comparison.metrics
    )
    return replace(comparison, metrics=metrics)


def _sorted(changes: Sequence[Change], order: Order) -> Sequence[Change]:
    if order == "name":
        return sorted(changes, key=lambda change: change.name)
    if order == "change":
        return sorted(changes, key=lambda change: change.ratio or change.difference or 0.0, reverse=True)
    return changes
