"""How timings change: ratios with Welch intervals over launches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnbench.analysis.align import Case
from rnnbench.analysis.change import Change, Mean
from rnnbench.analysis.launches import Shift, common_shift, log_launches, welch
from rnnbench.analysis.statistics import Interval
from rnnbench.analysis.verdict import MARGIN, adjusted, ratio_verdict

Pair = tuple[Case, Case]


def timing_changes(pairs: Sequence[Pair], key: str, better: str, margin: float) -> tuple[list[Change], Mean]:
    """Return the change of a timing in each pair of cases, all of which have it, and the mean over all.

    The geometric mean's interval counts what the cases of a launch share once; it has none where no case has three
    launches on both sides.
    """
    base, new = (log_launches([pair[side] for pair in pairs], key) for side in (0, 1))
    shift = welch(base, new)
    centre, half = shift.centre.tolist(), shift.half.tolist()
    p_values = [value if math.isfinite(value) else None for value in shift.p.tolist()]
    changes = []
    for index, ((first, second), p, q) in enumerate(zip(pairs, p_values, adjusted(p_values), strict=True)):
        before, after = (case["metrics"][key]["value"] for case in (first, second))
        ratio = after / before
        interval = None if p is None else _interval(ratio, centre[index], half[index])
        verdict = ratio_verdict(ratio, interval, q, better, margin)
        changes.append(
            Change(first["id"], first["name"], before, after, verdict, ratio=ratio, interval=interval, p=p, q=q)
        )
    return changes, _mean(changes, common_shift(base, new))


def typical_ratio(pairs: Sequence[Pair], key: str) -> Mean:
    """Return only the mean over pairs of cases of :func:`timing_changes`."""
    return timing_changes(pairs, key, "lower", MARGIN)[1]


def _mean(changes: Sequence[Change], shift: Shift) -> Mean:
    ratio = math.exp(math.fsum(math.log(change.ratio or 1.0) for change in changes) / len(changes))
    centre, half = float(shift.centre[0]), float(shift.half[0])
    return Mean(ratio, _interval(ratio, centre, half) if math.isfinite(half) else None, len(changes))


def _interval(ratio: float, centre: float, half: float) -> Interval:
    """Return the interval of the ratio, widened where needed to contain the ratio that is shown beside it."""
    return min(ratio, math.exp(centre - half)), max(ratio, math.exp(centre + half))
