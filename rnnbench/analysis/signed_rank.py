"""Wilcoxon's signed-rank test and what belongs to it: exact, one-sided, for many rows at once.

In numpy: importing scipy would take as long as a whole gate. The last axis holds the observations of a row.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from rnnbench.analysis.launches import Array
from rnnbench.analysis.statistics import CONFIDENCE

_ROUNDING = 1e-12
"""2^-n <= alpha must not hang on the last bit of a logarithm."""


# Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945); the null distribution by the
# recursion over ranks of Hollander, Wolfe & Chicken, "Nonparametric Statistical Methods" (2014), 3.1.
def p_greater(values: Array) -> Array:
    """Return the p-values ``[...]`` of ``values [..., n]`` being symmetric about 0 or less, against greater.

    Exact for continuous values. Equal magnitudes are ranked, and zeros are signed, against the alternative: p is then
    an upper bound, and the test still errs no more often than it says. 1 where a row is empty.
    """
    count = values.shape[-1]
    positive = values > 0
    # Of equal magnitudes the positive ones come first and get the lower ranks.
    order = np.lexsort((~positive, np.abs(values)), axis=-1)
    ranked = np.take_along_axis(positive, order, axis=-1)
    statistic = (ranked * np.arange(1, count + 1)).sum(axis=-1)
    p: Array = _upper_tail(count)[statistic]
    return p


def fewest_rounds(alpha: float) -> int:
    """Return from how many observations on the test can reach a p-value of ``alpha``: with n the least is 2^-n.

    Examples
    --------
    >>> fewest_rounds(0.01), fewest_rounds(0.01 / 3), fewest_rounds(0.5)
    (7, 9, 1)
    """
    return max(1, math.ceil(-math.log2(alpha) - _ROUNDING))


# Hodges & Lehmann, "Estimates of location based on rank tests", Ann. Math. Statist. 34 (1963).
def centre(values: Array) -> Array:
    """Return the Hodges-Lehmann estimates ``[...]``: the medians of the Walsh averages of ``values [..., n]``."""
    middle: Array = np.median(_walsh(values), axis=-1)
    return middle


# Tukey's interval from Walsh averages: Hollander, Wolfe & Chicken, 3.3.
def interval(values: Array, confidence: float = CONFIDENCE) -> tuple[Array, Array]:
    """Return the ends ``[...]`` of the exact interval of the centre, at least as sure as ``confidence``.

    The k-th smallest and the k-th largest Walsh average, for the largest k with P(W < k) <= (1 - confidence) / 2.
    Infinite where there are too few observations for any (fewer than 6 for 95 %).
    """
    tail = _upper_tail(values.shape[-1])
    # Symmetric: P(W <= w) = P(W >= most - w).
    k = int(np.count_nonzero(tail[::-1] <= (1 - confidence) / 2 + _ROUNDING))
    if k == 0:
        infinite = np.full(values.shape[:-1], math.inf)
        return -infinite, infinite
    averages = np.sort(_walsh(values), axis=-1)
    return averages[..., k - 1], averages[..., -k]


def _walsh(values: Array) -> Array:
    """Return the n (n + 1) / 2 averages of two observations, each with itself included."""
    first, second = np.triu_indices(values.shape[-1])
    averages: Array = (values[..., first] + values[..., second]) / 2
    return averages


@lru_cache(maxsize=64)
def _upper_tail(count: int) -> Array:
    """Return P(W >= w) for w = 0 ... n (n + 1) / 2, W the sum of the ranks that n fair coins choose."""
    most = count * (count + 1) // 2
    chance = np.zeros(most + 1)
    chance[0] = 1.0
    for rank in range(1, count + 1):
        chance[rank:] = (chance[rank:] + chance[:-rank]) / 2
        chance[:rank] /= 2
    tail: Array = np.cumsum(chance[::-1])[::-1]
    tail.flags.writeable = False
    return tail
