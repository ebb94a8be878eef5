"""The rule of the paired gate, on arrays alone: rounds of log-ratios in, verdicts out.

A round runs both arms in the order ABBA or BAAB, as a fair coin says, in worker processes of its own; its datum is the
logarithm of head over base, larger being worse. If head is slower by a factor f in truth, the coin makes every round
symmetric about log f whatever the noise is (drift, autocorrelation, outliers), and independent in sign of all others:
Wilcoxon's signed-rank test is then exact by randomisation. What a process is born with (its memory layout) is not
swapped by the coin; that is why each round has fresh processes.

Stage 1 screens all lines with :data:`SCREENING_ROUNDS` rounds; it decides nothing. Stage 2 takes fresh rounds of the
lines that are flagged, and only they decide: H0 "slower by no more than the limit", Holm's method over the lines
flagged. The chance that any line is wrongly said to have regressed is at most alpha, whatever stage 1 chose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from rnnbench.analysis.launches import Array
from rnnbench.analysis.signed_rank import centre, fewest_rounds, interval, p_greater
from rnnbench.analysis.stored_gate import Truth

SCREENING_ROUNDS = 6
"""The fewest from which there is a 95 % interval: stage 1 can show that a line is the same."""
DECIDING_ROUNDS = 10
"""At least so many rounds decide: a slowdown of 12 % at 3 % noise then exceeds 5 % nearly always."""
MOST_ROUNDS = 30
"""More are not taken by themselves, however noisy the screening was."""
POWER = 0.95
"""The chance to find what is slower by the limit beyond the limit, for which rounds are planned."""
_EFFICIENCY = 3 / math.pi
"""Of the signed-rank test beside Student's, under normal noise."""
_SPARE_ROUNDS = 3
"""More than p-values need at the least, so that one round on the wrong side does not settle it."""
_FLAGGED = 0.5
"""Share of the limit from which on a line is looked at again: what is slower by the limit is then hardly missed."""


@dataclass(frozen=True)
class Judgement:
    """What rounds say of some lines, arrays ``[..., lines]``; logarithms, larger is worse.

    Attributes
    ----------
    centre, low, high
        Hodges-Lehmann estimate of the change, and its exact 95 % interval (infinite from fewer than 6 rounds).
    p_worse, p_better
        One-sided p-values of exceeding the limit, adjusted by Holm's method over the lines.
    worse, better
        Whether that is at most alpha.
    same
        Whether the interval lies within the limit on both sides.
    """

    centre: Array
    low: Array
    high: Array
    p_worse: Array
    p_better: Array
    worse: Truth
    better: Truth
    same: Truth


def log_ratios(seconds: Array, abba: Truth) -> Array:
    """Return the data ``[...]`` of rounds: the logarithm of the times of B over those of A.

    Parameters
    ----------
    seconds
        ``[..., 4]``, the four slots of a round as they came.
    abba
        ``[...]``, whether their order was ABBA, else BAAB.
    """
    logarithms = np.log(seconds)
    inner = (logarithms[..., 1] + logarithms[..., 2] - logarithms[..., 0] - logarithms[..., 3]) / 2
    ratios: Array = np.where(abba, inner, -inner)
    return ratios


def flagged(rounds: Array, limits: Array) -> tuple[Truth, Truth]:
    """Return which lines of stage 1, ``rounds [..., lines, n]``, may have become worse, and which better."""
    estimate, mark = centre(rounds), _FLAGGED * np.log1p(limits)
    return estimate > mark, -estimate > mark


# Noether, "Sample size determination for some common nonparametric tests", J. Amer. Statist. Assoc. 82 (1987), by way
# of the efficiency of the test.
def rounds_to_decide(alpha: float, lines: int, noise: float = 0.0) -> int:
    """Return how many fresh rounds stage 2 takes of ``lines`` that share ``alpha``.

    Enough for a slowdown of twice the limit to be found with probability :data:`POWER`, between those that p-values
    need at the least and :data:`MOST_ROUNDS`. Screening alone decides it, so that the fresh rounds stay a sample of
    fixed size.

    Parameters
    ----------
    noise
        Standard deviation of a round over the limit, both logarithms, as :func:`noise_of` estimates it.

    Examples
    --------
    >>> rounds_to_decide(0.01, 1), rounds_to_decide(0.01, 10), rounds_to_decide(0.01, 2, 1.0)
    (10, 13, 19)
    """
    fewest = max(DECIDING_ROUNDS, fewest_rounds(alpha / lines) + _SPARE_ROUNDS)
    quantiles = NormalDist().inv_cdf(1 - alpha / lines) + NormalDist().inv_cdf(POWER)
    planned = (quantiles * noise) ** 2 / _EFFICIENCY
    return max(fewest, MOST_ROUNDS if planned >= MOST_ROUNDS else math.ceil(planned))


def noise_of(rounds: Array, limits: Array) -> Array:
    """Return the noise of lines ``rounds [..., lines, n]`` over their limits, ``[..., lines]``; infinite for none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        noise: Array = np.nan_to_num(rounds.std(axis=-1, ddof=1) / np.log1p(limits), nan=0.0, posinf=np.inf)
    return noise


def judge(rounds: Array, limits: Array, alpha: float) -> Judgement:
    """Return what ``rounds [..., lines, n]`` say of lines with ``limits [..., lines]`` (fractions), alpha shared."""
    limit = np.log1p(limits)
    low, high = interval(rounds)
    p_worse = holm_adjusted(p_greater(rounds - limit[..., None]))
    p_better = holm_adjusted(p_greater(-rounds - limit[..., None]))
    return Judgement(
        centre=centre(rounds),
        low=low,
        high=high,
        p_worse=p_worse,
        p_better=p_better,
        worse=p_worse <= alpha,
        better=p_better <= alpha,
        same=(low >= -limit) & (high <= limit),
    )


# Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979).
def holm_adjusted(p: Array) -> Array:
    """Return p-values ``[..., lines]`` adjusted for there being several; :func:`statistics.holm` for many at once."""
    count = p.shape[-1]
    order = np.argsort(p, axis=-1, kind="stable")
    scaled = np.take_along_axis(p, order, axis=-1) * np.arange(count, 0, -1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(1.0, np.maximum.accumulate(scaled, axis=-1)), axis=-1)
    return adjusted


def rounds_needed(rounds: int, centre: float, half: float, limit: float) -> int:
    """Return about how many rounds would tell whether a change is within its limit.

    Parameters
    ----------
    rounds
        There are now.
    centre, half
        The change, and half the width of its interval (logarithms); the width shrinks with the root of their number.
    limit
        The fraction to decide about, > 0. A change next to it is told from it only roughly: to a quarter of it.
    """
    bound = math.log1p(limit)
    wanted = max(abs(abs(centre) - bound), bound / 4)
    return max(rounds + 1, math.ceil(round(rounds * (half / wanted) ** 2, 6)))
