"""Steps in a series of figures, one per session: binary segmentation with a permutation test on ranks.

For every place k the mean rank of the first k sessions is held against that of the others, in standard errors; the
place where they differ most is a step if at most alpha of all orders of the sessions, drawn at random, differ as much
anywhere. Both sides of a step are then searched by themselves. In a series without a step, whose sessions could have
come in any order, one is marked with a probability of at most alpha, whatever the distribution (outliers, two modes).
Sessions that drift have no such order: a drift is marked as steps.

Sources: Pettitt, "A non-parametric approach to the change-point problem", Applied Statistics 28 (1979), for the
statistic, here divided by its standard error at each place, so that late steps are found as well; Vostrikova,
"Detecting disorder in multidimensional random processes", Soviet Math. Doklady 24 (1981), for the segmentation; Phipson
and Smyth, Stat. Appl. Genet. Mol. Biol. 9 (2010), for counting the observed order among the random ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALPHA = 0.01
PERMUTATIONS = 1_999
FEWEST_SESSIONS = 10
"""Of fewer, no order is rare enough for alpha: of 9 sessions, one in 63 orders parts the lower from the upper ones."""
_SEED = 20151115
"""Random orders are seeded, so that the same sessions always show the same steps."""
_ROUNDING = 1e-9


def change_points(values: Sequence[float], alpha: float = ALPHA) -> list[tuple[int, float]]:
    """Return (index of the first session after a step, p-value) of each step, by index.

    Examples
    --------
    >>> [index for index, _ in change_points([1.0, 1.1, 0.9, 1.2, 1.05, 0.95, 2.0, 2.2, 2.1, 1.9, 2.05, 2.15])]
    [6]
    """
    series = np.asarray(values, dtype=np.float64)
    found: list[tuple[int, float]] = []
    open_segments = [(0, len(series))]
    while open_segments:
        start, end = open_segments.pop()
        if end - start < FEWEST_SESSIONS:
            continue
        place, p = _strongest(series[start:end])
        if p <= alpha:
            found.append((start + place, p))
            open_segments += [(start, start + place), (start + place, end)]
    return sorted(found)


def _strongest(segment: NDArray[np.float64]) -> tuple[int, float]:
    """Return the place at which the ranks differ most, and the p-value of that."""
    ranks = _middle_ranks(segment)
    if ranks[0] == ranks[-1] and np.all(ranks == ranks[0]):
        return 0, 1.0
    statistics = _statistics(ranks[None, :])[0]
    place = int(np.argmax(statistics))
    random = _random_maxima(tuple(np.sort(ranks)))
    as_large = int(np.count_nonzero(random >= statistics[place] - _ROUNDING))
    return place + 1, (1 + as_large) / (1 + PERMUTATIONS)


def _statistics(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the first k = 1 .. n - 1 of ``ranks [..., n]`` lie from the others, in standard errors."""
    n = ranks.shape[-1]
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    first = np.arange(1, n)
    # The variance of a sum of k ranks that are drawn without replacement.
    variance = first * (n - first) / (n - 1) * (centred[:1] ** 2).mean(axis=-1)
    distances: NDArray[np.float64] = np.abs(np.cumsum(centred, axis=-1)[..., :-1]) / np.sqrt(variance)
    return distances


@lru_cache(maxsize=4096)
def _random_maxima(ranks: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the largest statistic of each of many random orders; it depends on nothing but the ranks."""
    generator = np.random.default_rng(_SEED)
    orders = generator.permuted(np.tile(np.array(ranks), (PERMUTATIONS, 1)), axis=1)
    maxima: NDArray[np.float64] = _statistics(orders).max(axis=1)
    return maxima


def _middle_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 1 on; equal values share the middle of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return ranks
