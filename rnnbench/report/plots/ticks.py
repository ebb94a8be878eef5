"""Where an axis has its ticks, and what stands at them."""

from __future__ import annotations

import math
from collections.abc import Sequence

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_FEW = 6


def limits(values: Sequence[float], log: bool) -> tuple[float, float]:
    """Return the ends of an axis that shows ``values`` with some room beside them."""
    low, high = min(values), max(values)
    if log:
        room = max(0.06 * math.log(high / low), 0.05) if high > low else math.log(2)
        return low * math.exp(-room), high * math.exp(room)
    room = 0.06 * (high - low) or abs(high) / 2 or 1.0
    # A share, or anything that starts at zero, is not shown below it.
    return (max(low - room, 0.0) if low >= 0 else low - room), high + room


def ticks(low: float, high: float, log: bool) -> list[float]:
    """Return a few round values within the limits, mostly three to seven."""
    if not log:
        rough = (high - low) / 4
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
        first = math.ceil(low / step - 1e-9)
        return [round(index * step, 12) for index in range(first, math.floor(high / step + 1e-9) + 1)]
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)):
        every = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
        shown = [value for value in every if low <= value <= high]
        if len(shown) >= 3:
            return shown[:: math.ceil(len(shown) / _FEW)]
    # So little of a decade is shown that it is as good as linear.
    return ticks(low, high, log=False)


def tick_text(value: float) -> str:
    """Return a number as short as a tick allows.

    Examples
    --------
    >>> [tick_text(value) for value in (0.25, 2048, 20000, 1e-6, 0.0)]
    ['0.25', '2048', '20k', '10⁻⁶', '0']
    """
    if value != 0 and abs(value) < 1e-3:
        power = math.floor(math.log10(abs(value)) + 1e-9)
        factor = value / 10.0**power
        times = "" if abs(factor - 1) < 1e-6 else f"{factor:.2g}·"
        return f"{times}10{str(power).translate(_SUPERSCRIPTS)}"
    if 1e3 <= abs(value) < 1e4:
        return f"{value:.0f}"  # sizes are powers of two, and mean it
    for scale, name in _SCALES:
        if abs(value) >= scale:
            return f"{value / scale:.3g}{name}"
    return f"{value:.3g}"
