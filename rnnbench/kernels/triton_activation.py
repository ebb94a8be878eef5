"""Activations and their derivatives inside Triton kernels, in float32.

Triton's own tanh is a call into NVIDIA's libdevice, which its interpreter does not have: this one is made of operations
that both have, so that what is tested on a CPU is what runs on a GPU.
"""

from __future__ import annotations

from typing import Literal

import triton
import triton.language as tl

Activation = Literal["tanh", "sigmoid", "relu", "identity"]

_SMALL: tl.constexpr = tl.constexpr(0.625)
"""Below this, ``1 - 2 / (exp(2x) + 1)`` loses digits to cancellation, and a polynomial takes its place."""


@triton.jit
def activate(a: tl.tensor, ACTIVATION: tl.constexpr) -> tl.tensor:
    """Return ``f(a)``."""
    if ACTIVATION == "tanh":
        h = _tanh(a)
    elif ACTIVATION == "sigmoid":
        h = 1.0 / (1.0 + tl.exp(-a))
    elif ACTIVATION == "relu":
        h = tl.where(a <= 0, 0.0, a)  # this way round, NaN stays NaN
    else:
        h = a
    return h


@triton.jit
def times_derivative(gradient: tl.tensor, h: tl.tensor, ACTIVATION: tl.constexpr) -> tl.tensor:
    """Return ``gradient * f'(a)``, written in terms of ``h = f(a)``."""
    if ACTIVATION == "tanh":
        product = gradient * (1.0 - h * h)
    elif ACTIVATION == "sigmoid":
        product = gradient * (h * (1.0 - h))
    elif ACTIVATION == "relu":
        product = tl.where(h <= 0, 0.0, gradient)
    else:
        product = gradient
    return product


@triton.jit
def _tanh(a: tl.tensor) -> tl.tensor:
    """Return tanh: odd polynomial near zero (weighted least squares on Chebyshev nodes), exponential elsewhere."""
    y = a * a
    p = tl.fma(y, -0.0056919856, 0.0206262916)
    p = tl.fma(p, y, -0.0537353195)
    p = tl.fma(p, y, 0.1333138198)
    p = tl.fma(p, y, -0.3333328068)
    near_zero = tl.fma(a, y * p, a)
    size = tl.abs(a)
    far = 1.0 - 2.0 / (tl.exp(2.0 * size) + 1.0)
    return tl.where(size < _SMALL, near_zero, tl.where(a < 0, -far, far))
