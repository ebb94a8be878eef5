"""Axes of plots: where a value lies between the ends, and which values get a label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_POWERS = 1.4
"""Three values or more that grow by at least this factor each are a range of powers."""
_DECADES = 3.0
"""Values that span more than this factor are easier compared by factors."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """From ``low`` to ``high``, even or logarithmic."""

    low: float
    high: float
    logarithmic: bool

    def place(self, value: float) -> float:
        """Return where a value lies: 0 at the low end, 1 at the high one."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, most: int) -> list[float]:
        """Return at most ``most`` round values within the ends, at least one."""
        if not self.logarithmic:
            return _even(self.low, self.high, most)
        for factors in ((1, 2, 5), (1, 3), (1,)):
            found = _decades(self.low, self.high, factors)
            if 2 <= len(found) <= most:
                return found
        found = _decades(self.low, self.high, (1,))
        step = math.ceil(len(found) / most) if found else 1
        # Within less than two round values of a decade, even steps are rounder.
        return found[::step] if len(found) > 1 else _even(self.low, self.high, most)


def along(values: Sequence[float]) -> Scale:
    """Return the scale of an axis with these values: logarithmic where they are a range of powers."""
    distinct = sorted(set(values))
    low, high = distinct[0], distinct[-1]
    if low == high:
        return Scale(low - 1.0, high + 1.0, False)
    ratios = [after / before for before, after in pairwise(distinct)] if low > 0 else [1.0]
    return Scale(low, high, len(distinct) > 2 and min(ratios) >= _POWERS)


def of_figures(values: Sequence[float], unit: str, prefer_logarithmic: bool) -> Scale:
    """Return the scale of figures and the ends of their intervals.

    Shares go from 0 to 1. Others are logarithmic where they span a large factor, or a smaller one over an axis that is
    logarithmic itself; even scales begin at 0 unless the figures lie close together.
    """
    low, high = min(values), max(values)
    if unit == "1" and low >= 0 and high <= 1:
        return Scale(0.0, 1.0, False)
    if low > 0 and high / low > (_DECADES if prefer_logarithmic else 10 * _DECADES):
        return Scale(low / 1.15, high * 1.15, True)
    if low >= 0 and low < high / 2:
        return Scale(0.0, high * 1.05, False)
    margin = 0.15 * (high - low) or abs(high) * 0.1 or 1.0
    return Scale(low - margin, high + margin, False)


def _even(low: float, high: float, most: int) -> list[float]:
    raw = (high - low) / max(1, most - 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(step * magnitude for step in _STEPS if step * magnitude >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)][:most] or [low]


def _decades(low: float, high: float, factors: Sequence[int]) -> list[float]:
    found = [
        factor * 10.0**exponent
        for exponent in range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
        for factor in factors
    ]
    return [value for value in found if low * 0.999 <= value <= high * 1.001]
