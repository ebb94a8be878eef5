"""How figures without noise change: counts and bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnbench.analysis.change import Change, Mean
from rnnbench.analysis.compare_timing import Pair
from rnnbench.analysis.verdict import Verdict, exact_verdict
from rnnbench.results.metrics import resolution

NOT_QUITE_EXACT = {"peak_memory"}
"""Single figures that two runs of the same code do not repeat to the byte: a change within the margin is none.
Nor is one below the metric's resolution, of any figure."""


def exact_changes(pairs: Sequence[Pair], key: str, better: str, margin: float) -> list[Change]:
    """Return the change of an exact figure in each pair of cases, all of which have it."""
    tolerance = margin if key.partition(".")[0] in NOT_QUITE_EXACT else 0.0
    changes = []
    for first, second in pairs:
        base, new = (case["metrics"][key]["value"] for case in (first, second))
        ratio = new / base if base and new / base > 0 else None
        near = abs(new - base) <= resolution(key)
        verdict = Verdict.SAME if near else exact_verdict(base, new, better, tolerance)
        changes.append(Change(first["id"], first["name"], base, new, verdict, ratio=ratio, identical=base == new))
    return changes


def exact_mean(changes: Sequence[Change]) -> Mean | None:
    """Return the geometric mean of the ratios, without an interval, or None where there is no ratio."""
    ratios = [change.ratio for change in changes if change.ratio]
    if not ratios:
        return None
    return Mean(math.exp(math.fsum(map(math.log, ratios)) / len(ratios)), None, len(ratios))
