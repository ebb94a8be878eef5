"""A series of figures as one line of bars, as they came.

Tufte, "Beautiful Evidence" (2006), gave such lines their name.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from rnnbench.report.drawing import heights

WIDEST = 40
"""Characters; longer series have the median of several figures in one."""
_LEAST_SPAN = 1.1
"""The highest bar over the lowest stands for at least this ratio, so that noise does not look like news."""
STEP, ASCII_STEP = "│", "|"


def sparkline(values: Sequence[float | None], steps: Sequence[int], ascii_only: bool, width: int = WIDEST) -> str:
    """Return a bar for each of ``values`` (blank for None), with a line before each index in ``steps``.

    Examples
    --------
    >>> sparkline([1.0, 1.0, None, 1.0, 2.0, 2.0], [4], ascii_only=False)
    '▁▁ ▁│██'
    """
    bins = _bins(len(values), width)
    middles = [_middle(values[start:end]) for start, end in bins]
    known = [middle for middle in middles if middle is not None]
    low, high = _scale(known) if known else (0.0, 1.0)
    line = ASCII_STEP if ascii_only else STEP
    drawn = ""
    for (start, end), bar in zip(bins, heights(middles, low, high, ascii_only), strict=True):
        drawn += (line if any(start <= step < end for step in steps) else "") + bar
    return drawn


def _bins(count: int, width: int) -> list[tuple[int, int]]:
    columns = min(count, width)
    edges = [round(index * count / columns) for index in range(columns + 1)] if columns else [0]
    return list(pairwise(edges))


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _scale(known: Sequence[float]) -> tuple[float, float]:
    """Return the figures that the lowest and the highest bar stand for."""
    low, high = min(known), max(known)
    middle = (low + high) / 2
    half = max((high - low) / 2, abs(middle) * (_LEAST_SPAN - 1) / 2) or 1.0
    return middle - half, middle + half
