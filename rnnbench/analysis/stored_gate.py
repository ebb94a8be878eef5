"""The rule of the gate on stored runs, on arrays alone: when is a timing slower, faster, the same, or unknown?

A case has regressed if both hold:

- its launches are slower than those of base, by a permutation test whose p-values are adjusted for all cases
  (:mod:`rnnbench.analysis.permutation`), p <= alpha. This answers for the noise between launches.
- it is slower by more than the limit and by more than sessions of the same code differ: at least
  :data:`NOISE_MULTIPLE` times the standard deviation of a difference of two sessions, estimated from earlier ones.
  This answers for what all launches of a session share, which no number of launches shows.

With n earlier sessions the multiple is Student's two-sided quantile with n - 1 degrees of freedom at alpha over the
number of cases (Bonferroni), and never less than 3: with normal noise between sessions, a gate on unchanged code fails
with probability at most alpha, whatever cases share. A case's noise is taken to be no less than the median over cases:
from few sessions the smallest estimates are luck, and luck is what heavy tails punish. From fewer than
:data:`FEWEST_SESSIONS` sessions the estimate is too poor: verdicts are advice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnbench.analysis.launches import Array, welch
from rnnbench.analysis.permutation import adjusted_p, least_p
from rnnbench.analysis.statistics import CONFIDENCE
from rnnbench.analysis.student import t_quantile

Truth = NDArray[np.bool_]

NOISE_MULTIPLE = 3.0
FEWEST_SESSIONS = 8


@dataclass(frozen=True)
class Timings:
    """What is known of some timings, one row each; logarithms, larger is worse.

    Attributes
    ----------
    base, new
        ``[cases, launches]``, logarithms of launch medians, NaN where there are fewer launches.
    change
        ``[cases]``, how much larger new is than base.
    sessions
        ``[cases, sessions]``, logarithms of the figures of earlier sessions, NaN where a session has none.
    limits
        ``[cases]``, fractions: by how much a case may get slower.
    """

    base: Array
    new: Array
    change: Array
    sessions: Array
    limits: Array


@dataclass(frozen=True)
class Judgement:
    """The gate's answer, one entry per case; logarithms where they are called so.

    Attributes
    ----------
    worse, better
        Whether the case is beyond its threshold, and significantly so.
    same
        Whether its interval lies within the limit on both sides.
    p_worse, p_better
        Adjusted one-sided p-values.
    least_p
        The smallest adjusted p-value that the launches allow.
    half
        Half the width of the 95 % interval of the change (logarithm); NaN where nothing is known.
    launch_half
        What launches contribute to it, as :func:`rnnbench.analysis.launches.welch` has it.
    noise
        Standard deviation of a difference of two sessions (logarithm); NaN from fewer than two.
    threshold
        What the change has to exceed (logarithm).
    sessions
        The number of earlier sessions.
    """

    worse: Truth
    better: Truth
    same: Truth
    p_worse: Array
    p_better: Array
    least_p: Array
    half: Array
    launch_half: Array
    noise: Array
    threshold: Array
    sessions: Array

    @property
    def binding(self) -> Truth:
        """Whether there are sessions enough for the verdict to count."""
        enough: Truth = self.sessions >= FEWEST_SESSIONS
        return enough


def judge(timings: Timings, alpha: float) -> Judgement:
    """Return the gate's answer for every timing at the error rate ``alpha`` over all of them."""
    p_worse, p_better, least = _permuted(timings)
    known = np.isfinite(timings.sessions)
    count = known.sum(axis=1).astype(np.float64)
    noise = _noise(timings.sessions, count)
    limit = np.log1p(timings.limits)
    binding = count >= FEWEST_SESSIONS
    if binding.any():
        noise[binding] = np.maximum(noise[binding], np.median(noise[binding]))
    multiple = np.full_like(noise, NOISE_MULTIPLE)
    if binding.any():
        quantile = t_quantile(alpha / (2 * binding.sum()), count[binding] - 1)
        multiple[binding] = np.maximum(NOISE_MULTIPLE, quantile)
    threshold = np.maximum(limit, np.where(binding, multiple * noise, limit))
    half, launch_half = _half_widths(timings, noise, count)
    inside = np.abs(timings.change) + half <= limit
    return Judgement(
        worse=(timings.change > threshold) & (p_worse <= alpha),
        better=(-timings.change > threshold) & (p_better <= alpha),
        same=inside,
        p_worse=p_worse,
        p_better=p_better,
        least_p=least,
        half=half,
        launch_half=launch_half,
        noise=noise,
        threshold=threshold,
        sessions=count,
    )


def _noise(sessions: Array, count: Array) -> Array:
    """Return the standard deviation of a difference of two sessions: sqrt(2) that of one."""
    known = np.isfinite(sessions)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, sessions, 0.0).sum(axis=1) / count
        squares = (np.where(known, sessions - mean[:, None], 0.0) ** 2).sum(axis=1)
        noise: Array = np.sqrt(2 * squares / (count - 1))
    return np.where(count >= 2, noise, np.nan)


def _half_widths(timings: Timings, noise: Array, count: Array) -> tuple[Array, Array]:
    """Return half the width of the interval of the change, and what launches alone make of it.

    With sessions enough it is theirs where that is wider: a session's figure varies with its launches, too.
    """
    shift = welch(timings.base, timings.new)
    # The interval of the mean difference, seen from the change that it is shown beside.
    launches = shift.half + np.abs(shift.centre - timings.change)
    binding = count >= FEWEST_SESSIONS
    between = np.zeros_like(noise)
    if binding.any():
        between[binding] = t_quantile((1 - CONFIDENCE) / 2, count[binding] - 1) * noise[binding]
    return np.maximum(launches, between), launches


def _permuted(timings: Timings) -> tuple[Array, Array, Array]:
    """Return adjusted p-values both ways, and the least possible.

    Cases with as many launches on both sides are permuted together; several such groups share alpha (Bonferroni).
    """
    cases = len(timings.base)
    p_worse, p_better, least = np.ones(cases), np.ones(cases), np.ones(cases)
    counts = np.stack([np.isfinite(timings.base).sum(axis=1), np.isfinite(timings.new).sum(axis=1)], axis=1)
    groups = [tuple(group) for group in np.unique(counts, axis=0).tolist() if min(group) > 0]
    for base, new in groups:
        rows = (counts == (base, new)).all(axis=1)
        sides = adjusted_p(timings.base[rows, :base].T, timings.new[rows, :new].T)
        p_worse[rows], p_better[rows] = (np.minimum(1.0, len(groups) * side) for side in sides)
        least[rows] = min(1.0, len(groups) * least_p(base, new))
    return p_worse, p_better, least


def launches_needed(launches: int, launch_half: float, limit: float) -> int:
    """Return about how many launches on each side would make the interval half as wide as the limit on each side.

    Parameters
    ----------
    launches
        There are now, on the side that has fewer.
    launch_half
        Half the width of the interval that they give (logarithm); it shrinks with the root of their number.
    limit
        The fraction to decide about, > 0.
    """
    needed = launches * (2 * launch_half / math.log1p(limit)) ** 2
    return max(launches + 1, math.ceil(round(needed, 6)))
