"""Student's t for arrays of degrees of freedom, in numpy: importing scipy would take as long as a whole comparison."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_TERMS = 300
_PRECISION = 1e-15
_NEWTON_STEPS = 100
_SETTLED = 1e-9
"""Relative; the step that is this small squares the error once more."""


# P(|T| > t) = I_x(v/2, 1/2), x = v / (v + t^2): DLMF 8.17.2 with Abramowitz & Stegun 26.5.27.
def two_sided_p(t: Array, degrees: Array) -> Array:
    """Return the probability of a value at least as far from zero as ``t``, for any ``degrees`` > 0 of freedom."""
    squared = np.square(t)
    near, far = degrees / (degrees + squared), squared / (degrees + squared)
    half = np.full_like(near, 0.5)
    # The fraction converges fast on its side of the mean; I_x(a, b) = 1 - I_(1-x)(b, a) is the other.
    direct = near < (degrees / 2 + 1) / (degrees / 2 + 2.5)
    a, b = np.where(direct, degrees / 2, half), np.where(direct, half, degrees / 2)
    part = _incomplete_beta(np.where(direct, near, far), a, b)
    p: Array = np.where(direct, part, 1 - part)
    return p


def t_quantile(probability: float, degrees: Array) -> Array:
    """Return the values that Student's t exceeds with ``probability`` < 1/2, by Newton's method.

    P(T > t) is convex where t > 0, and the normal quantile is below any of Student's: the steps only go up.
    """
    t = np.full_like(degrees, NormalDist().inv_cdf(1 - probability))
    constant = np.array([_log_beta(value / 2, 0.5) for value in degrees.tolist()])
    for _ in range(_NEWTON_STEPS):
        density = np.exp(-constant - np.log(degrees) / 2 - (degrees + 1) / 2 * np.log1p(t**2 / degrees))
        step = (two_sided_p(t, degrees) / 2 - probability) / density
        t = t + step
        if not (np.abs(step) > _SETTLED * t).any():
            break
    return t


# DLMF 8.17.22, evaluated by Lentz's method as modified by Thompson & Barnett (J. Comput. Phys. 64, 1986): the ratios
# of successive numerators and of successive denominators are followed, which neither overflow nor vanish here.
def _incomplete_beta(x: Array, a: Array, b: Array) -> Array:
    constant = np.array([_log_beta(p, q) for p, q in zip(a.tolist(), b.tolist(), strict=True)])
    with np.errstate(divide="ignore"):
        front = np.exp(a * np.log(x) + b * np.log1p(-x) - constant) / a
    above = np.ones_like(x)
    below = 1 / (1 - (a + b) / (a + 1) * x)
    value = below.copy()
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            below, above = 1 / (1 + term * below), 1 + term / above
            factor = above * below
            value = value * factor
        if not (np.abs(factor - 1) > _PRECISION).any():
            break
    result: Array = front * value
    return result


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
