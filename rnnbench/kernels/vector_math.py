"""exp, tanh and sigmoid of SIMD vectors, and the activations of the recurrence with their derivatives.

float32: our own, within 4 ulp of the exact value over the whole range; float64: libm. NaN stays NaN.
There is no division in float32: on CPUs with 512-bit vectors one costs as much as some thirty other operations.
A reciprocal is a guess from the bits, improved by one cubic step, and the quotient is corrected by its own remainder.
"""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.extending import overload

from rnnbench.kernels.numba_setup import inlined
from rnnbench.kernels.vector import (
    VectorType,
    absolute,
    fma,
    libm_exp,
    libm_tanh,
    nearest,
    reciprocal_guess,
    times_power_of_two,
    where_at_most,
    where_less,
)

IDENTITY, RELU, TANH, SIGMOID = 0, 1, 2, 3
"""Activations, as constants that compiled functions close over."""
CODES = {"identity": IDENTITY, "relu": RELU, "tanh": TANH, "sigmoid": SIGMOID}

TANH_IS_ONE = 9.02
"""From here on tanh rounds to 1 in float32: 1 - tanh(x) < 2^-25."""


@inlined
def _quotient(numerator: Any, denominator: Any) -> Any:
    """Return the quotient of float32 vectors, denominator >= 1, to about 1 ulp."""
    r = reciprocal_guess(denominator)
    e = fma(0.0 - denominator, r, 1.0)
    r = fma(r, fma(e, e, e), r)
    q = numerator * r
    return fma(r, fma(0.0 - denominator, q, numerator), q)


@inlined
def _tanh32(x: Any) -> Any:
    """2 n d / (d^2 + n^2), the tanh of a double argument, with n / d = x P(x^2) / Q(x^2) close to tanh(x / 2).

    Where tanh is near 1 so is n / d, and there the formula is stationary: errors of n and d vanish. The fit (least
    squares, reweighted to a minimax of the relative error of the result on |x| <= 9.02) is good to 7.3e-9.
    """
    x = where_less(x, -TANH_IS_ONE, -TANH_IS_ONE, x)
    x = where_less(TANH_IS_ONE, x, TANH_IS_ONE, x)
    s = x * x
    p = fma(s, 2 * 5.705296764959664e-05, 2 * 0.014883287542489793)
    m = fma(x * s, p, x)  # 2 n; P(0) = 1/2
    q = fma(s, 1.2260977976854493e-06, 0.0012058038509057656)
    w = s * fma(q, s, 0.11309985912566158)  # d - 1
    return _quotient(fma(m, w, m), fma(m * 0.25, m, fma(w, w, w + w)) + 1.0)


@inlined
def _exp32(x: Any) -> Any:
    """2^n exp(r) with x = n ln 2 + r, |r| <= ln(2) / 2, ln 2 in two parts (Cody and Waite), exp(r) by a polynomial."""
    x = where_less(x, -104.0, -104.0, x)
    x = where_less(89.0, x, 89.0, x)
    n = nearest(x * 1.4426950408889634)
    r = fma(n, -0.693359375, x)
    r = fma(n, 2.12194440054690583e-4, r)
    p = fma(r, 1.0 / 720, 1.0 / 120)
    p = fma(p, r, 1.0 / 24)
    p = fma(p, r, 1.0 / 6)
    p = fma(p, r, 0.5)
    p = fma(p, r, 1.0)
    p = fma(p, r, 1.0)
    return times_power_of_two(p, n)


@inlined
def _sigmoid32(x: Any) -> Any:
    """1 / (1 + exp(-x)), written with exp(-|x|) so that neither side overflows or cancels."""
    e = _exp32(0.0 - absolute(x))
    return _quotient(where_less(x, 0.0, e, 1.0), e + 1.0)


@inlined
def _sigmoid64(x: Any) -> Any:
    e = libm_exp(0.0 - absolute(x))
    return where_less(x, 0.0, e, 1.0) / (e + 1.0)


def _by_element(float32: Any, float64: Any) -> Any:
    """Return the overload that takes one function for float32 vectors and another for float64.

    Lambdas, because Numba compares names and annotations of an overload with those of its implementation.
    """
    implementation = {types.float32: lambda x: float32(x), types.float64: lambda x: float64(x)}
    return lambda x: implementation[x.element] if isinstance(x, VectorType) else None


def exp(x: Any) -> Any:
    """Return e^x of a vector."""
    raise NotImplementedError("exists in compiled code only")


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent of a vector."""
    raise NotImplementedError("exists in compiled code only")


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^-x) of a vector."""
    raise NotImplementedError("exists in compiled code only")


overload(tanh)(_by_element(_tanh32, libm_tanh))
overload(sigmoid)(_by_element(_sigmoid32, _sigmoid64))
overload(exp)(_by_element(_exp32, libm_exp))


@inlined
def activate(kind: int, z: Any) -> Any:
    """Return ``f(z)`` for the activation of code ``kind``."""
    if kind == TANH:
        return tanh(z)
    if kind == SIGMOID:
        return sigmoid(z)
    if kind == RELU:
        return where_less(z, 0.0, 0.0, z)
    return z


@inlined
def times_derivative(kind: int, gradient: Any, h: Any) -> Any:
    """Return ``gradient f'(z)``, computed from ``h = f(z)`` alone."""
    if kind == TANH:
        return gradient * fma(0.0 - h, h, 1.0)
    if kind == SIGMOID:
        return gradient * (h * (1.0 - h))
    if kind == RELU:
        return where_at_most(h, 0.0, 0.0, gradient)
    return gradient
