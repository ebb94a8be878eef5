"""The median of replicas and the quartiles around it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles


def middle(values: Sequence[float | None]) -> tuple[float, float, float] | None:
    """Return lower quartile, median and upper quartile; None where a value is missing.

    Examples
    --------
    >>> middle([1.0, 2.0, 3.0, 4.0, 5.0])
    (2.0, 3.0, 4.0)
    """
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    if len(known) == 1:
        return known[0], known[0], known[0]
    low, _, high = quantiles(known, n=4, method="inclusive")
    return low, median(known), high
