"""Diagonal lstm and gru on a GPU: every unit of every row is a chain of its own, whose h and c stay in registers over
all time steps.

As in :mod:`rnnbench.kernels.triton_diagonal`, rows and units are one flat index of ``N = rows * H`` elements.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.triton_cell import gru_backward, gru_forward, lstm_backward, lstm_forward
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_shapes import GatedGradients

ELEMENTS = 64
"""Elements per program: two per lane of one warp, each with the gates of several steps in flight."""
WARPS = 1
STAGES: tl.constexpr = tl.constexpr(4)
"""Time steps in flight: loads depend on no state, so they are started this many steps before their use."""


def forward(
    z: Tensor, gates: Tensor, inner: Tensor, states: Tensor, bands: Tensor, bias: Tensor, h_0: Tensor, c_0: Tensor
) -> None:
    """Write the gates, the inner values (lstm: c; gru: ``U_n h + b_n``) and the states.

    Parameters
    ----------
    z, gates
        ``[T, R, B, G H]``, contiguous; they may be the same. G says which cell it is: 4 lstm, 3 gru.
    inner, states
        ``[T, R, B, H]``, contiguous.
    bands
        ``[R, G, 1, H]``.
    bias
        gru's ``b_n`` ``[R, H]``; lstm: anything.
    h_0, c_0
        ``[R, B, H]``; gru: c_0 is not read.
    """
    T, _, B, H = states.shape
    N = h_0.numel()
    _forward[(triton.cdiv(N, ELEMENTS),)](
        z, gates, inner, states, bands, bias, h_0, c_0, T, N, B, H, z.shape[-1] // H, ELEMENTS, **options(WARPS)
    )


def backward(
    gradient: Tensor,
    gates: Tensor,
    inner: Tensor,
    states: Tensor,
    bands: Tensor,
    h_0: Tensor,
    c_0: Tensor,
    by_last_c: Tensor,
    dz: Tensor,
) -> GatedGradients:
    """Write the gradient of z to ``dz`` ``[T, R, B, G H]``; ``gradient`` is that of the states, and ``by_last_c`` that
    of the last c ``[R, B, H]``.

    Each row's part of the gradients of weights is summed over time by the program that owns it, the parts over the
    batch afterwards: an order that never changes.
    """
    T, R, B, H = states.shape
    N, gate_count = h_0.numel(), dz.shape[-1] // H
    by_row = torch.empty((4, R, B, H), dtype=torch.float32, device=h_0.device)
    by_h, by_c = torch.empty_like(h_0), torch.empty_like(h_0)
    _backward[(triton.cdiv(N, ELEMENTS),)](
        gradient, dz, gates, inner, states, bands, h_0, c_0, by_last_c, by_row, by_h, by_c, T, N, B, H, gate_count,
        ELEMENTS, **options(WARPS),
    )  # fmt: skip
    total = by_row.sum(-2).transpose(0, 1)
    stored = total[:, :gate_count].unsqueeze(-2)
    if gate_count == 3:
        return GatedGradients(stored, total[:, 3], by_h, None)
    return GatedGradients(stored, None, by_h, by_c)


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    gates: tl.tensor,
    inner: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    bias: tl.tensor,
    h_0: tl.tensor,
    c_0: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    GATES: tl.constexpr,
    ELEMENTS: tl.constexpr,
) -> None:
    element = tl.program_id(0) * ELEMENTS + tl.arange(0, ELEMENTS)
    inside = element < N
    unit = element % H
    weights = bands + element // (B * H) * (GATES * H) + unit
    u_0 = read(weights, inside)
    u_1 = read(weights + H, inside)
    u_2 = read(weights + 2 * H, inside)
    u_3 = read(weights + (GATES - 1) * H, inside)
    h = read(h_0 + element, inside)
    if GATES == 4:
        c = read(c_0 + element, inside)
    else:
        b = read(bias + element // (B * H) * H + unit, inside)
    place = element // H * (GATES * H) + unit
    source = z + place
    target = gates + place
    own = inner + element
    out = states + element
    for _ in tl.range(0, T, num_stages=STAGES):
        a_0 = read(source, inside) + u_0 * h
        a_1 = read(source + H, inside) + u_1 * h
        a_2 = read(source + 2 * H, inside)
        if GATES == 4:
            a_3 = read(source + 3 * H, inside) + u_3 * h
            g_0, g_1, g_2, g_3, c, h = lstm_forward(a_0, a_1, a_2 + u_2 * h, a_3, c)
            tl.store(target + 3 * H, g_3, mask=inside)
            tl.store(own, c, mask=inside)
        else:
            listened = u_2 * h + b
            g_0, g_1, g_2, h = gru_forward(a_0, a_1, a_2, listened, h)
            tl.store(own, listened, mask=inside)
        tl.store(target, g_0, mask=inside)
        tl.store(target + H, g_1, mask=inside)
        tl.store(target + 2 * H, g_2, mask=inside)
        tl.store(out, h, mask=inside)
        source += N * GATES
        target += N * GATES
        own += N
        out += N


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    gates: tl.tensor,
    inner: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    h_0: tl.tensor,
    c_0: tl.tensor,
    by_last_c: tl.tensor,
    by_row: tl.tensor,
    by_h: tl.tensor,
    by_c: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    GATES: tl.constexpr,
    ELEMENTS: tl.constexpr,
) -> None:
    element = tl.program_id(0) * ELEMENTS + tl.arange(0, ELEMENTS)
    inside = element < N
    weights = bands + element // (B * H) * (GATES * H) + element % H
    u_0 = read(weights, inside)
    u_1 = read(weights + H, inside)
    u_2 = read(weights + 2 * H, inside)
    u_3 = read(weights + (GATES - 1) * H, inside)
    last = tl.cast(T - 1, tl.int64) * N
    place = last * GATES + element // H * (GATES * H) + element % H
    source = gates + place
    target = dz + place
    by_state = gradient + last + element
    state = states + last + element
    own = inner + last + element
    first = read(h_0 + element, inside)
    through_u = tl.zeros((ELEMENTS,), tl.float32)
    past_u = tl.zeros((ELEMENTS,), tl.float32)  # lstm: the gradient of c; gru: what reaches h past U
    if GATES == 4:
        past_u = read(by_last_c + element, inside)
        first_c = read(c_0 + element, inside)
    sum_0 = tl.zeros((ELEMENTS,), tl.float32)
    sum_1 = tl.zeros((ELEMENTS,), tl.float32)
    sum_2 = tl.zeros((ELEMENTS,), tl.float32)
    sum_3 = tl.zeros((ELEMENTS,), tl.float32)  # gru: of its bias
    for t in tl.range(0, T, num_stages=STAGES):
        earlier = inside & (t < T - 1)  # h_0 comes before the first step, which is the last here
        before = read(state - N, earlier)
        before = tl.where(t < T - 1, before, first)
        g_0 = read(source, inside)
        g_1 = read(source + H, inside)
        g_2 = read(source + 2 * H, inside)
        d = read(by_state, inside) + through_u
        if GATES == 4:
            c_before = tl.where(t < T - 1, read(own - N, earlier), first_c)
            g_3 = read(source + 3 * H, inside)
            d_0, d_1, d_2, d_3, past_u = lstm_backward(d, past_u, g_0, g_1, g_2, g_3, c_before, read(own, inside))
            tl.store(target + 2 * H, d_2, mask=inside)
            tl.store(target + 3 * H, d_3, mask=inside)
            through_u = u_0 * d_0 + u_1 * d_1 + u_2 * d_2 + u_3 * d_3
            sum_3 += d_3 * before
        else:
            d_0, d_1, d_n, d_2, past_u = gru_backward(d + past_u, g_0, g_1, g_2, read(own, inside), before)
            tl.store(target + 2 * H, d_n, mask=inside)
            through_u = u_0 * d_0 + u_1 * d_1 + u_2 * d_2
            sum_3 += d_2
        tl.store(target, d_0, mask=inside)
        tl.store(target + H, d_1, mask=inside)
        sum_0 += d_0 * before
        sum_1 += d_1 * before
        sum_2 += d_2 * before
        source -= N * GATES
        target -= N * GATES
        by_state -= N
        state -= N
        own -= N
    total = by_row + element
    step = tl.cast(N, tl.int64)
    tl.store(total, sum_0, mask=inside)
    tl.store(total + step, sum_1, mask=inside)
    tl.store(total + 2 * step, sum_2, mask=inside)
    tl.store(total + 3 * step, sum_3, mask=inside)
    if GATES == 4:
        tl.store(by_h + element, through_u, mask=inside)
        tl.store(by_c + element, past_u, mask=inside)
    else:
        tl.store(by_h + element, through_u + past_u, mask=inside)
