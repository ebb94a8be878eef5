"""The launches of many cases as one array, and how two such arrays compare (Welch's test on logarithms)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnbench.analysis.aggregate import times_of
from rnnbench.analysis.align import Case
from rnnbench.analysis.form import time_key
from rnnbench.analysis.statistics import CONFIDENCE, FEWEST_LAUNCHES
from rnnbench.analysis.student import t_quantile, two_sided_p

Array = NDArray[np.float64]


def log_launches(cases: Sequence[Case], key: str) -> Array:
    """Return the logarithms of launch medians of a timing, ``[cases, launches]``, NaN where a case has fewer.

    A case without the metric has none. Rates are those of the time that they are made of: the same but for the sign,
    and for a constant that no ratio of two documents sees.
    """
    sign = 1.0 if time_key(key) == key else -1.0
    medians = [times_of(case, time_key(key)) for case in cases]
    table = np.full((len(cases), max(map(len, medians), default=0)), np.nan)
    for row, values in zip(table, medians, strict=True):
        row[: len(values)] = values
    logarithms: Array = sign * np.log(table)
    return logarithms


@dataclass(frozen=True)
class Shift:
    """By how much the logarithms of one side exceed those of the other: arrays with one entry per case.

    Attributes
    ----------
    centre
        Difference of the mean logarithms.
    half
        Half the width of its 95 % interval; NaN from fewer than three launches on either side.
    p
        Two-sided p-value of no difference; NaN likewise.
    """

    centre: Array
    half: Array
    p: Array


# Welch, "The generalization of Student's problem when several different population variances are involved",
# Biometrika 34 (1947), on logarithms; degrees of freedom by Satterthwaite, Biometrics Bulletin 2 (1946): what
# rnnbench.analysis.statistics.ratio_interval does for one case.
def welch(base: Array, new: Array) -> Shift:
    """Return the shift from ``base [cases, launches]`` to ``new [cases, launches]``; NaN stands for no launch."""
    (count, mean, share), (other_count, other_mean, other_share) = _moments(base), _moments(new)
    total = share + other_share
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = total**2 / (share**2 / (count - 1) + other_share**2 / (other_count - 1))
        centre = other_mean - mean
        spread = np.sqrt(total)
    enough = np.minimum(count, other_count) >= FEWEST_LAUNCHES
    half, p = (np.where(enough, value, np.nan) for value in (np.zeros_like(centre), (centre == 0).astype(np.float64)))
    known = enough & (degrees > 0)  # not where all launches are equal
    half[known] = t_quantile((1 - CONFIDENCE) / 2, degrees[known]) * spread[known]
    p[known] = two_sided_p(centre[known] / spread[known], degrees[known])
    return Shift(centre, half, p)


def _moments(table: Array) -> tuple[Array, Array, Array]:
    """Return number, mean, and variance over number of each row's values; NaN for rows that have too few."""
    known = np.isfinite(table)
    count = known.sum(axis=1).astype(np.float64)
    values = np.where(known, table, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = values.sum(axis=1) / count
        squares = (np.where(known, table - mean[:, None], 0.0) ** 2).sum(axis=1)
        share = squares / (count - 1) / count
    return count, mean, share


def common_shift(base: Array, new: Array) -> Shift:
    """Return the mean shift over all cases (the logarithm of a geometric mean of ratios), as arrays of one entry.

    Cases are what was asked for, not a sample of anything; launches are. What the cases of one launch share (a busy
    minute) is therefore counted once: the launch's mean over cases, after each case's own mean, is the datum.
    Of the cases, those with at least three launches on both sides count.
    """
    enough = (np.isfinite(base).sum(axis=1) >= FEWEST_LAUNCHES) & (np.isfinite(new).sum(axis=1) >= FEWEST_LAUNCHES)
    if not enough.any():
        return Shift(np.array([np.nan]), np.array([np.nan]), np.array([np.nan]))
    return welch(_launch_means(base[enough]), _launch_means(new[enough]))


def _launch_means(table: Array) -> Array:
    """Return ``[1, launches]``: each launch's mean deviation from the means of its cases, plus their mean."""
    means = np.nanmean(table, axis=1)
    there = np.isfinite(table).any(axis=0)
    deviations = np.nanmean(table[:, there] - means[:, None], axis=0)
    # Cases with fewer launches leave a mean deviation; what is compared is the mean over cases.
    launches: Array = (deviations - deviations.mean() + means.mean())[None, :]
    return launches
