"""A comparison as JSON data, with its own schema name: SI units, full precision, null where there is nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from rnnbench.analysis.align import Document
from rnnbench.analysis.change import Change, Mean, MetricComparison
from rnnbench.analysis.compare import Comparison

SCHEMA = {"name": "rnnbench.comparison", "version": "1.0"}


def to_json(comparisons: Sequence[Comparison]) -> str:
    """Return the comparisons as one JSON document.

    ``{schema, margin, base, comparisons: [{new, same_machine, differences, metrics, roofline, within_machine,
    rank_agreement, by_axis}]}``; each metric has ``cases`` with ``base``, ``new``, ``ratio``, ``difference``, ``ci95``
    (of the ratio, or of the difference where there is no ratio), ``p``, ``p_adjusted`` and ``verdict``.
    """
    data = {
        "schema": SCHEMA,
        "margin": comparisons[0].margin,
        "base": document_json(comparisons[0].pairing.base),
        "comparisons": [_comparison(comparison) for comparison in comparisons],
    }
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def document_json(document: Document) -> dict[str, Any]:
    """Return what identifies a document."""
    results = document.results
    return {
        "path": document.name,
        "run": results.run["id"],
        "started": results.run["started"],
        "suite": results.suite["name"],
        "fingerprint": results.machine.get("fingerprint"),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "new": document_json(comparison.pairing.new),
        "same_machine": comparison.pairing.same_machine,
        "differences": [vars(difference) for difference in comparison.differences],
        "metrics": [_metric(metric) for metric in comparison.metrics],
        "roofline": {
            key: [
                {"case": one.name, "base": one.base, "new": one.new, "ratio": one.ratio, "ci95": one.interval}
                for one in shares
            ]
            for key, shares in comparison.reached.items()
        },
        "within_machine": {
            key: [
                {
                    "case": case.name,
                    "baseline": case.baseline,
                    "base": {"ratio": case.base.ratio, "ci95": case.base.interval},
                    "new": {"ratio": case.new.ratio, "ci95": case.new.interval},
                }
                for case in cases
            ]
            for key, cases in comparison.within.items()
        },
        "rank_agreement": {
            key: {"kendall_tau": ranks.tau, "pairs_told_apart": ranks.told_apart, "alike": ranks.alike}
            for key, ranks in comparison.ranks.items()
        },
        "by_axis": {
            key: [{"value": group.label, "cases": len(group.changes), **_mean(group.mean)} for group in groups]
            for key, groups in comparison.by_axis.items()
        },
    }


def _metric(metric: MetricComparison) -> dict[str, Any]:
    return {
        "metric": metric.key,
        "unit": metric.unit,
        "better": metric.better,
        "geometric_mean": _mean(metric.mean) if metric.mean else None,
        "cases": [_change(change) for change in metric.shown],
    }


def _mean(mean: Mean) -> dict[str, Any]:
    return {"ratio": mean.ratio, "ci95": mean.interval}


def _change(change: Change) -> dict[str, Any]:
    interval = change.interval if change.interval and all(map(math.isfinite, change.interval)) else None
    return {
        "id": change.id,
        "name": change.name,
        "base": change.base,
        "new": change.new,
        "ratio": change.ratio,
        "difference": change.difference,
        "ci95": interval,
        "p": change.p,
        "p_adjusted": change.q,
        "verdict": change.verdict.value,
    }
