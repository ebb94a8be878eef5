"""One step of lstm and gru inside Triton kernels, forward and backward, in float32. The equations are those of
:mod:`rnnbench.cell`."""

from __future__ import annotations

import triton
import triton.language as tl

from rnnbench.kernels.triton_activation import activate, times_derivative
from rnnbench.kernels.triton_memory import read


@triton.jit
def lstm_forward(
    z_i: tl.tensor, z_f: tl.tensor, z_g: tl.tensor, z_o: tl.tensor, c: tl.tensor
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return ``(i, f, g, o, c', h')``, the arguments z including ``U h``."""
    i = activate(z_i, "sigmoid")
    f = activate(z_f, "sigmoid")
    g = activate(z_g, "tanh")
    o = activate(z_o, "sigmoid")
    c = tl.fma(f, c, i * g)
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
    d_c = tl.fma(d_h * o, 1.0 - squashed * squashed, d_c)
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
    n = activate(tl.fma(r, listened, z_n), "tanh")
    return r, u, n, tl.fma(u, h - n, n)


@triton.jit
def gru_backward(
    d_h: tl.tensor, r: tl.tensor, u: tl.tensor, n: tl.tensor, listened: tl.tensor, h_before: tl.tensor
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return the gradients of ``(z_r, z_u, z_n, listened)`` and of h before the step but for what passes through U."""
    d_n = times_derivative(d_h * (1.0 - u), n, "tanh")
    d_r = times_derivative(d_n * listened, r, "sigmoid")
    d_u = times_derivative(d_h * (h_before - n), u, "sigmoid")
    return d_r, d_u, d_n, d_n * r, d_h * u


@triton.jit
def step_forward(
    z_0: tl.tensor,
    z_1: tl.tensor,
    z_2: tl.tensor,
    z_3: tl.tensor,
    u_0: tl.tensor,
    u_1: tl.tensor,
    u_2: tl.tensor,
    u_3: tl.tensor,
    b: tl.tensor,
    h: tl.tensor,
    own: tl.tensor,
    GATES: tl.constexpr,
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return (the gates, the inner value, h) after a step of lstm (four gates) or gru (three; the fourth is not used).

    ``u`` is ``U h`` of every gate, ``b`` gru's bias, ``own`` the inner value before the step: lstm's c.
    """
    if GATES == 4:
        g_0, g_1, g_2, g_3, own, h = lstm_forward(z_0 + u_0, z_1 + u_1, z_2 + u_2, z_3 + u_3, own)
    else:
        own = u_2 + b
        g_0, g_1, g_2, h = gru_forward(z_0 + u_0, z_1 + u_1, z_2, own, h)
        g_3 = g_2
    return g_0, g_1, g_2, g_3, own, h


@triton.jit
def step_backward(
    through_u: tl.tensor,
    past_u: tl.tensor,
    g_0: tl.tensor,
    g_1: tl.tensor,
    g_2: tl.tensor,
    g_3: tl.tensor,
    own: tl.tensor,
    before: tl.tensor,
    GATES: tl.constexpr,
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return the gradients of (every gate's z; ``U h`` of the third gate; what reaches the step before past U).

    ``through_u`` and ``past_u`` reach this step: that of h, and lstm's of c or gru's of h beside U. ``own`` is the
    step's inner value; ``before`` is lstm's c, or gru's h, before it.
    """
    if GATES == 4:
        d_0, d_1, d_2, d_3, past_u = lstm_backward(through_u, past_u, g_0, g_1, g_2, g_3, before, own)
        heard = d_2
    else:
        d_0, d_1, d_2, heard, past_u = gru_backward(through_u + past_u, g_0, g_1, g_2, own, before)
        d_3 = d_2
    return d_0, d_1, d_2, d_3, heard, past_u


@triton.jit
def read_gates(
    address: tl.tensor, H: int, inside: tl.tensor, GATES: tl.constexpr
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return the numbers of every gate, which lie H apart, as :func:`read` does; gru's fourth is its third."""
    return (
        read(address, inside),
        read(address + H, inside),
        read(address + 2 * H, inside),
        read(address + (GATES - 1) * H, inside),
    )


@triton.jit
def read_step(
    by_state: tl.tensor,
    before: tl.tensor,
    gates: tl.tensor,
    H: int,
    inside: tl.tensor,
    GATES: tl.constexpr,
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return what a step backward reads: the gradient of its h; lstm's c, or gru's h, before it; its gates."""
    g_0, g_1, g_2, g_3 = read_gates(gates, H, inside, GATES)
    return read(by_state, inside), read(before, inside), g_0, g_1, g_2, g_3


@triton.jit
def write_gates(
    address: tl.tensor,
    H: int,
    inside: tl.tensor,
    g_0: tl.tensor,
    g_1: tl.tensor,
    g_2: tl.tensor,
    g_3: tl.tensor,
    GATES: tl.constexpr,
) -> None:
    """Store the numbers of every gate, H apart."""
    tl.store(address, g_0, mask=inside)
    tl.store(address + H, g_1, mask=inside)
    tl.store(address + 2 * H, g_2, mask=inside)
    if GATES == 4:
        tl.store(address + 3 * H, g_3, mask=inside)
