"""Intervals and tests. All intervals are 95 %, all tests two-sided; the source of each formula stands above it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import fmean, median, variance
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIDENCE = 0.95
FEWEST_LAUNCHES = 3
"""With two launches Student's t has one degree of freedom: its interval (13 standard errors each way) says nothing."""
BOOTSTRAP_RESAMPLES = 10_000
PERMUTATIONS = 100_000
"""Random permutations where all of them would be too many."""
MOST_EXACT_PAIRS = 20
"""Up to this many pairs all 2^n sign changes are counted."""
_SEED = 20151115
"""Resampling is seeded, so that the same samples always give the same interval."""

_HUGE = 1e280

Interval = tuple[float, float]


# Student's t on logarithms: timings vary by factors (frequency, neighbours), so their logarithms are nearer to
# normal than they are. Interval of the mean logarithm, exp'ed; e.g. Zou, Huo & Taleban, "Simple confidence intervals
# for lognormal means and their differences", Environmetrics 20 (2009), eq. 1.
def log_t_interval(values: Sequence[float]) -> Interval | None:
    """Return the interval of the typical value (median of a lognormal), or None for fewer than :data:`FEWEST_LAUNCHES`.

    It is widened where needed to contain the sample median, the value that it is printed beside.
    """
    if len(values) < FEWEST_LAUNCHES:
        return None
    logs = [math.log(value) for value in values]
    half = _t_quantile(len(logs) - 1) * math.sqrt(variance(logs) / len(logs))
    centre = fmean(logs)
    return _containing(median(values), math.exp(centre - half), math.exp(centre + half))


# Welch, "The generalization of Student's problem when several different population variances are involved",
# Biometrika 34 (1947), on logarithms; degrees of freedom by Satterthwaite, Biometrics Bulletin 2 (1946).
def ratio_interval(numerator: Sequence[float], denominator: Sequence[float]) -> Interval | None:
    """Return the interval of the ratio of two typical times, each given by its launch medians.

    None if either has fewer than :data:`FEWEST_LAUNCHES`. Contains the ratio of the sample medians. Launches are not
    paired: a launch may be missing on one side; where launches share noise the interval is wider than it need be.
    """
    if min(len(numerator), len(denominator)) < FEWEST_LAUNCHES:
        return None
    logs = [[math.log(value) for value in values] for values in (numerator, denominator)]
    shares = [variance(side) / len(side) for side in logs]
    total = sum(shares)
    centre = fmean(logs[0]) - fmean(logs[1])
    half = 0.0
    if total > 0:
        degrees = total**2 / sum(share**2 / (len(side) - 1) for share, side in zip(shares, logs, strict=True))
        half = _t_quantile(degrees) * math.sqrt(total)
    ratio = median(numerator) / median(denominator)
    return _containing(ratio, math.exp(centre - half), math.exp(centre + half))


# Percentile bootstrap of the mean: Efron & Tibshirani, "An Introduction to the Bootstrap" (1993), ch. 13.
def bootstrap_mean_interval(values: Sequence[float]) -> Interval | None:
    """Return the percentile interval of the mean over replicas, or None for fewer than two."""
    if len(values) < 2:
        return None
    import numpy as np

    scale = _summable(values)
    means = _resampling(len(values)) @ (np.asarray(values, dtype=np.float64) * scale) / len(values)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return _containing(mean(values), float(low) / scale, float(high) / scale)


def mean(values: Sequence[float]) -> float:
    """Return the mean of finite values, which is finite even where their sum is not."""
    scale = _summable(values)
    return fmean([value * scale for value in values]) / scale


def _summable(values: Sequence[float]) -> float:
    """Return a power of two by which values can be multiplied so that no sum overflows; 1 but for huge ones."""
    return 2.0**-64 if max(map(abs, values)) > _HUGE else 1.0


@lru_cache(maxsize=1)
def _resampling(count: int) -> NDArray[np.float64]:
    """Return how often each of ``count`` values is drawn in each resample."""
    import numpy as np

    drawn = np.random.default_rng(_SEED).integers(count, size=(BOOTSTRAP_RESAMPLES, count))
    times = np.zeros((BOOTSTRAP_RESAMPLES, count))
    np.add.at(times, (np.arange(BOOTSTRAP_RESAMPLES)[:, None], drawn), 1.0)
    return times


# Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
# Biometrika 26 (1934), by quantiles of the beta distribution.
def binomial_interval(successes: int, trials: int) -> Interval:
    """Return the exact interval of a probability after ``successes`` of ``trials``."""
    from scipy.special import betaincinv

    tail = (1 - CONFIDENCE) / 2
    low = betaincinv(successes, trials - successes + 1, tail) if successes > 0 else 0.0
    high = betaincinv(successes + 1, trials - successes, 1 - tail) if successes < trials else 1.0
    return float(low), float(high)


# Distribution-free interval of a median by order statistics: David & Nagaraja, "Order Statistics" (2003), 7.1.
def median_interval(values: Sequence[float]) -> Interval | None:
    """Return the interval of the median between two order statistics (infinity allowed), or None below 6 values.

    The k-th smallest and the k-th largest, for the largest k with P(Binomial(n, 1/2) < k) <= 2.5 %.
    """
    count = len(values)
    below, k = 0, 0
    while (below + math.comb(count, k)) / 2**count <= (1 - CONFIDENCE) / 2:
        below += math.comb(count, k)
        k += 1
    if k == 0:
        return None
    ordered = sorted(values)
    return ordered[k - 1], ordered[count - k]


# Fisher, "The Design of Experiments" (1935), ch. 2; two-sided: all tables with these margins that are no more
# probable than the observed one. In integers, so exact.
def fisher_exact(successes: int, trials: int, other_successes: int, other_trials: int) -> float:
    """Return the p-value of two shares of successes being equal."""
    total = successes + other_successes

    def weight(k: int) -> int:
        return math.comb(trials, k) * math.comb(other_trials, total - k)

    observed = weight(successes)
    possible = range(max(0, total - other_trials), min(trials, total) + 1)
    return sum(w for w in map(weight, possible) if w <= observed) / math.comb(trials + other_trials, total)


# Fisher's paired randomisation test ("The Design of Experiments", ch. 3): under the null the sign of each difference
# is a coin flip. With random sign changes the observed one counts too: Phipson & Smyth, "Permutation p-values should
# never be zero", Stat. Appl. Genet. Mol. Biol. 9 (2010).
def paired_permutation_test(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the p-value of the mean difference of pairs (replicas that share a seed) being zero.

    Exact up to :data:`MOST_EXACT_PAIRS` pairs, else by :data:`PERMUTATIONS` random sign changes.
    """
    import numpy as np

    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if not differences.any():
        return 1.0
    observed = abs(differences.sum())
    # Sums of the same numbers in another order may differ in the last bits: that is a tie.
    threshold = observed - 1e-9 * np.abs(differences).sum()
    if len(differences) <= MOST_EXACT_PAIRS:
        return _share_of_sign_changes(differences, threshold)
    signs = np.random.default_rng(_SEED).integers(2, size=(PERMUTATIONS, len(differences)), dtype=np.int8)
    as_extreme = np.abs((2 * signs - 1) @ differences) >= threshold
    return float((1 + as_extreme.sum()) / (1 + PERMUTATIONS))


# Every sum is one of the first half's plus one of the second's, which are sorted: 2^(n/2) searches in place of 2^n
# sums. Horowitz & Sahni, "Computing partitions with applications to the knapsack problem", J. ACM 21 (1974).
def _share_of_sign_changes(differences: NDArray[np.float64], threshold: float) -> float:
    """Return the share of the 2^n sign changes whose sum is at least ``threshold`` away from zero."""
    import numpy as np

    half = len(differences) // 2
    first, second = (_signed_sums(part) for part in (differences[:half], differences[half:]))
    second.sort()
    above = len(second) - np.searchsorted(second, threshold - first, side="left")
    below = np.searchsorted(second, -threshold - first, side="right")
    # A threshold of nearly nothing lies on both sides of zero: no sum counts twice.
    as_extreme = np.minimum(above + below, len(second)).sum()
    return float(as_extreme / 2.0 ** len(differences))


def _signed_sums(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the 2^n sums of the differences under every change of signs."""
    import numpy as np

    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums + difference, sums - difference])
    return sums


# Dixon & Mood, "The statistical sign test", JASA 41 (1946); on pairs of successes and failures it is McNemar's exact
# test (Psychometrika 12, 1947). Ties say nothing about the sign.
def sign_test(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the p-value of pairs being as often larger in the first as in the second; infinity is allowed."""
    larger = sum(a > b for a, b in zip(first, second, strict=True))
    smaller = sum(a < b for a, b in zip(first, second, strict=True))
    tail = sum(math.comb(larger + smaller, k) for k in range(min(larger, smaller) + 1))
    return min(1.0, tail / 2.0 ** (larger + smaller - 1))


# Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979).
def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for there being several, in the order given."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


# Benjamini & Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995).
def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return adjusted p-values: calling those up to q differences makes a share q of the calls false, on average."""
    adjusted = [1.0] * len(p_values)
    smallest = 1.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank in range(len(order), 0, -1):
        index = order[rank - 1]
        smallest = min(smallest, p_values[index] * len(order) / rank)
        adjusted[index] = smallest
    return adjusted


def _t_quantile(degrees: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + CONFIDENCE) / 2))


def _containing(value: float, low: float, high: float) -> Interval:
    return min(low, value), max(high, value)
