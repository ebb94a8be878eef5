"""One step of lstm and gru on SIMD vectors, forward and backward. The equations are those of :mod:`rnnbench.cell`."""

from __future__ import annotations

from typing import Any

from rnnbench.kernels.numba_setup import inlined
from rnnbench.kernels.vector import fma
from rnnbench.kernels.vector_math import sigmoid, tanh

RNN, LSTM, GRU = 0, 1, 2
"""Cells, as constants that compiled functions close over."""
CELL_CODES = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


@inlined
def lstm_forward(z_i: Any, z_f: Any, z_g: Any, z_o: Any, c: Any) -> Any:
    """Return ``(i, f, g, o, c', h')``, the arguments z including ``U h``."""
    i, f, g, o = sigmoid(z_i), sigmoid(z_f), tanh(z_g), sigmoid(z_o)
    c = fma(f, c, i * g)
    return i, f, g, o, c, o * tanh(c)


@inlined
def lstm_backward(d_h: Any, d_c: Any, i: Any, f: Any, g: Any, o: Any, c_before: Any, c: Any) -> Any:
    """Return the gradients of ``(z_i, z_f, z_g, z_o)`` and of c before the step, from those of h and c after it."""
    squashed = tanh(c)
    d_c = fma(d_h * o, fma(0.0 - squashed, squashed, 1.0), d_c)
    d_i = d_c * g * (i * (1.0 - i))
    d_f = d_c * c_before * (f * (1.0 - f))
    d_g = d_c * i * fma(0.0 - g, g, 1.0)
    d_o = d_h * squashed * (o * (1.0 - o))
    return d_i, d_f, d_g, d_o, d_c * f


@inlined
def gru_forward(z_r: Any, z_u: Any, z_n: Any, listened: Any, h: Any) -> Any:
    """Return ``(r, u, n, h')``; z_r and z_u include ``U h``, ``listened`` is ``U_n h + b_n``."""
    r, u = sigmoid(z_r), sigmoid(z_u)
    n = tanh(fma(r, listened, z_n))
    return r, u, n, fma(u, h - n, n)


@inlined
def gru_backward(d_h: Any, r: Any, u: Any, n: Any, listened: Any, h_before: Any) -> Any:
    """Return the gradients of ``(z_r, z_u, z_n, listened)`` and of h before the step but for what passes through U."""
    d_n = d_h * (1.0 - u) * fma(0.0 - n, n, 1.0)
    d_r = d_n * listened * (r * (1.0 - r))
    d_u = d_h * (h_before - n) * (u * (1.0 - u))
    return d_r, d_u, d_n, d_n * r, d_h * u
