"""Permutation test of many cases at once, on whole launches, with the family-wise error rate held.

Under the null the launches of both runs are exchangeable: which of them are called new is a matter of labels. All
cases are relabelled together, so what they share within a launch is kept, and p-values adjusted for the number of cases
cost no power that is not needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, islice, pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_RELABELLINGS = 4_000
"""All of them up to this many (7 launches against 7 have 3,432), else :data:`SAMPLED` random ones."""
SAMPLED = 4_999
_CHUNK = 500
_SEED = 20151115
"""Sampling is seeded, so that the same documents always give the same verdict."""
_ROUNDING = 1e-9
"""Correlations that differ by less are tied."""


def least_p(base_launches: int, new_launches: int) -> float:
    """Return the smallest p-value that so many launches can give.

    Examples
    --------
    >>> round(least_p(5, 5), 4), least_p(3, 3)
    (0.004, 0.05)
    """
    number = math.comb(base_launches + new_launches, base_launches)
    return 1 / number if number <= MOST_RELABELLINGS else 1 / (1 + SAMPLED)


def fewest_launches(alpha: float) -> int:
    """Return how many launches on each side can give a p-value of at most ``alpha``.

    Examples
    --------
    >>> fewest_launches(0.01), fewest_launches(0.05)
    (5, 3)
    """
    launches = 1
    while least_p(launches, launches) > alpha:
        launches += 1
    return launches


# Step-down max-T: Westfall & Young, "Resampling-Based Multiple Testing" (1993), algorithm 2.8; the observed labels
# count among the random ones: Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 9 (2010).
def adjusted_p(base: Array, new: Array) -> tuple[Array, Array]:
    """Return one-sided p-values of ``new`` being larger, and of it being smaller, each adjusted for all columns.

    Parameters
    ----------
    base, new
        ``[launches, cases]``; any number of launches from one on.
    """
    pooled = np.concatenate([base, new])
    pooled = pooled - pooled.mean(axis=0)
    spread = np.sqrt((pooled**2).sum(axis=0))
    # Of centred launches, the sum of those called new over the spread of all is their correlation with the labels: it
    # orders relabellings, and cases, as Student's t does. Launches that are all equal say nothing.
    scaled = np.divide(pooled, spread, out=np.zeros_like(pooled), where=spread > 0)
    sides = _Side(scaled, _labels(len(base), len(new))), _Side(-scaled, _labels(len(base), len(new)))
    exact = math.comb(len(pooled), len(new)) <= MOST_RELABELLINGS
    total = 0
    for labels in _chunks(len(base), len(new), exact):
        total += len(labels)
        for side in sides:
            side.count(labels)
    larger, smaller = (side.p(total, exact) for side in sides)
    return larger, smaller


class _Side:
    """Counts, for each case, the relabellings whose largest statistic among it and all lesser cases is as large."""

    def __init__(self, scaled: Array, labels: Array) -> None:
        observed = (labels @ scaled)[0]
        self._order = np.argsort(observed, kind="stable")
        self._scaled = scaled[:, self._order].T.copy()
        self._threshold = observed[self._order] - _ROUNDING
        self._counts = np.zeros(len(observed))

    def count(self, labels: Array) -> None:
        """Take some relabellings into account."""
        statistics = self._scaled @ labels.T
        for lesser, row in pairwise(statistics):
            np.maximum(lesser, row, out=row)  # `np.maximum.accumulate` takes ten times as long
        self._counts += np.count_nonzero(statistics >= self._threshold[:, None], axis=1)

    def p(self, total: int, exact: bool) -> Array:
        """Return the p-values after ``total`` relabellings; random ones do without the observed one."""
        extra = 0 if exact else 1
        stepwise = (self._counts + extra) / (total + extra)
        p = np.empty_like(stepwise)
        # Largest statistic first: a case is not rejected before those above it.
        p[self._order] = np.maximum.accumulate(stepwise[::-1])[::-1]
        return p


def _chunks(base: int, new: int, exact: bool) -> Iterator[Array]:
    """Yield relabellings, some at a time: rows of ones where a launch is called new."""
    if exact:
        chosen = combinations(range(base + new), new)
        while some := list(islice(chosen, _CHUNK)):
            labels = np.zeros((len(some), base + new))
            np.put_along_axis(labels, np.array(some), 1.0, axis=1)
            yield labels
        return
    generator = np.random.default_rng(_SEED)
    for start in range(0, SAMPLED, _CHUNK):
        number = min(_CHUNK, SAMPLED - start)
        yield generator.permuted(np.repeat(_labels(base, new), number, axis=0), axis=1)


def _labels(base: int, new: int) -> Array:
    """Return the observed labels as one row."""
    return np.concatenate([np.zeros(base), np.ones(new)])[None, :]
