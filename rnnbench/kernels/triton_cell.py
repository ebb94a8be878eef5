"""One step of lstm and gru inside Triton kernels, forward and backward, in float32. The equations are those of
:mod:`rnnbench.cell`."""

from __future__ import annotations

import triton
import triton.language as tl

from rnnbench.kernels.triton_activation import activate, times_derivative


@triton.jit
def lstm_forward(
    z_i: tl.tensor, z_f: tl.tensor, z_g: tl.tensor, z_o: tl.tensor, c: tl.tensor
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return ``(i, f, g, o, c', h')``, the arguments z including ``U h``."""
    i = activate(z_i, "sigmoid")
    f = activate(z_f, "sigmoid")
    g = activate(z_g, "tanh")
    o = activate(z_o, "sigmoid")
    c = f * c + i * g
    return i, f, g, o, c, o * activate(c, "tanh")


@triton.jit
def lstm_backward(
    d_h: tl.tensor,
    d_c: tl.tensor,
    i: tl.tensor,
    f: tl.tensor,
    g: tl.tensor,
    o: tl.tensor,
    c_before: tl.tensor,
    c: tl.tensor,
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return the gradients of ``(z_i, z_f, z_g, z_o)`` and of c before the step, from those of h and c after it."""
    squashed = activate(c, "tanh")
    d_c += times_derivative(d_h * o, squashed, "tanh")
    d_i = times_derivative(d_c * g, i, "sigmoid")
    d_f = times_derivative(d_c * c_before, f, "sigmoid")
    d_g = times_derivative(d_c * i, g, "tanh")
    d_o = times_derivative(d_h * squashed, o, "sigmoid")
    return d_i, d_f, d_g, d_o, d_c * f


@triton.jit
def gru_forward(
    z_r: tl.tensor, z_u: tl.tensor, z_n: tl.tensor, listened: tl.tensor, h: tl.tensor
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return ``(r, u, n, h')``; z_r and z_u include ``U h``, ``listened`` is ``U_n h + b_n``."""
    r = activate(z_r, "sigmoid")
    u = activate(z_u, "sigmoid")
    n = activate(z_n + r * listened, "tanh")
    return r, u, n, n + u * (h - n)


@triton.jit
def gru_backward(
    d_h: tl.tensor, r: tl.tensor, u: tl.tensor, n: tl.tensor, listened: tl.tensor, h_before: tl.tensor
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return the gradients of ``(z_r, z_u, z_n, listened)`` and of h before the step but for what passes through U."""
    d_n = times_derivative(d_h * (1.0 - u), n, "tanh")
    d_r = times_derivative(d_n * listened, r, "sigmoid")
    d_u = times_derivative(d_h * (h_before - n), u, "sigmoid")
    return d_r, d_u, d_n, d_n * r, d_h * u
