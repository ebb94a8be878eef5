"""What a comparison says of one case: the words, and when they are said."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from rnnbench.analysis.statistics import Interval, benjamini_hochberg

MARGIN = 0.05
"""Ratios within 1/(1 + margin) to 1 + margin mean the same, unless another margin is asked for."""
FALSE_DISCOVERIES = 0.05
"""Share of the calls "better" or "worse" that may be false, on average (Benjamini & Hochberg)."""


class Verdict(str, Enum):
    """What is said of a case; ``better`` and ``worse`` are shown in the words of the metric (faster, more, ...)."""

    BETTER = "better"
    WORSE = "worse"
    CHANGED = "changed"
    """Another figure, of which neither direction is better."""
    SAME = "same"
    INCONCLUSIVE = "inconclusive"
    ONLY_BASE = "only in base"
    ONLY_NEW = "only in new"
    NONE = "none"
    """No verdict is given: the machines differ."""


def ratio_verdict(ratio: float, interval: Interval | None, q: float | None, better: str, margin: float) -> Verdict:
    """Return the verdict on a ratio new / base.

    Parameters
    ----------
    ratio, interval
        With its 95 % interval, or None where there is none.
    q
        p-value of no change, adjusted for the number of cases; None where there is none.
    better
        ``lower``, ``higher`` or ``none``.
    margin
        An interval within 1/(1 + margin) to 1 + margin is the same, whatever q: the difference is shown to be small.
    """
    if interval is None or q is None:
        return Verdict.INCONCLUSIVE
    if within(interval, margin):
        return Verdict.SAME
    return directed(ratio < 1, better) if q <= FALSE_DISCOVERIES else Verdict.INCONCLUSIVE


def exact_verdict(base: float, new: float, better: str, tolerance: float) -> Verdict:
    """Return the verdict on figures without noise; a change by less than the fraction ``tolerance`` is none."""
    if base == new or abs(new - base) <= tolerance * abs(base):
        return Verdict.SAME
    return directed(new < base, better)


def within(interval: Interval, margin: float) -> bool:
    """Return whether an interval of ratios lies within the margin: equivalence, shown."""
    return 1 / (1 + margin) <= interval[0] and interval[1] <= 1 + margin


def directed(lower: bool, better: str) -> Verdict:
    """Return whether a lower figure, or a higher one, is better."""
    if better not in ("lower", "higher"):
        return Verdict.CHANGED
    return Verdict.BETTER if lower == (better == "lower") else Verdict.WORSE


def adjusted(p_values: Sequence[float | None]) -> list[float | None]:
    """Return the p-values adjusted for the number of cases that have one."""
    known = benjamini_hochberg([p for p in p_values if p is not None])
    following = iter(known)
    return [None if p is None else next(following) for p in p_values]
