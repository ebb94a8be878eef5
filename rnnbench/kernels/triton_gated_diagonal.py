"""Diagonal lstm and gru on a GPU: every unit of every row is a chain of its own, whose h and c stay in registers over
all time steps.

As in :mod:`rnnbench.kernels.triton_diagonal`, rows and units are one flat index of ``N = rows * H`` elements.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.triton_cell import gru_backward, gru_forward, lstm_backward, lstm_forward
from rnnbench.kernels.triton_gated_arguments import backward_tensors, by_state, forward_tensors, gate_count
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_walk import Carried, UnitWalk

ELEMENTS = 64
"""Elements per program: two per lane of one warp, each with the gates of several steps in flight."""
WARPS = 1
STAGES: tl.constexpr = tl.constexpr(4)
"""Time steps in flight: loads depend on no state, so they are started this many steps before their use."""


class GatedDiagonalWalk(UnitWalk):
    """The walk of diagonal lstm and gru."""

    sums = 4

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> None:
        """Write the trace; see :meth:`Walk.forward`."""
        (T, _, B, H), N = trace.h.shape, start.h.numel()
        _forward[(triton.cdiv(N, ELEMENTS),)](
            *forward_tensors(z, trace, weights, start, end), T, N, B, H, gate_count(trace), ELEMENTS, **options(WARPS)
        )

    def backward(
        self, gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
    ) -> None:
        """Write the gradient of z; see :meth:`Walk.backward`."""
        (T, _, B, H), N = trace.h.shape, before.h.numel()
        tensors = backward_tensors(gradient, trace, weights, before, carried, dz)
        _backward[(triton.cdiv(N, ELEMENTS),)](
            *tensors, carried.sums, T, N, B, H, gate_count(trace), ELEMENTS, **options(WARPS)
        )

    def by_state(self, carried: Carried, weights: Weights) -> Tensor:
        """Return the gradient of h before the first step of all; see :meth:`Walk.by_state`."""
        return by_state(carried, weights)


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    gates: tl.tensor,
    inner: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    bias: tl.tensor,
    start_h: tl.tensor,
    start_c: tl.tensor,
    end_h: tl.tensor,
    end_c: tl.tensor,
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
    h = read(start_h + element, inside)
    if GATES == 4:
        c = read(start_c + element, inside)
    else:
        b = read(bias + element // (B * H) * H + unit, inside)
    place = element // H * (GATES * H) + unit
    source = z + place
    target = gates + place
    own = inner + element
    out = states + element
    for _ in tl.range(0, T, num_stages=STAGES):
        a_0 = tl.fma(u_0, h, read(source, inside))
        a_1 = tl.fma(u_1, h, read(source + H, inside))
        a_2 = read(source + 2 * H, inside)
        if GATES == 4:
            a_3 = tl.fma(u_3, h, read(source + 3 * H, inside))
            g_0, g_1, g_2, g_3, c, h = lstm_forward(a_0, a_1, tl.fma(u_2, h, a_2), a_3, c)
            tl.store(target + 3 * H, g_3, mask=inside)
            tl.store(own, c, mask=inside)
        else:
            listened = tl.fma(u_2, h, b)
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
    tl.store(end_h + element, h, mask=inside)
    if GATES == 4:
        tl.store(end_c + element, c, mask=inside)


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
    carried_u: tl.tensor,
    carried_past: tl.tensor,
    sums: tl.tensor,
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
    through_u = read(carried_u + element, inside)
    past_u = read(carried_past + element, inside)  # lstm: the gradient of c; gru: what reaches h past U
    if GATES == 4:
        first_c = read(c_0 + element, inside)
    total = sums + element
    step = tl.cast(N, tl.int64)
    sum_0 = read(total, inside)
    sum_1 = read(total + step, inside)
    sum_2 = read(total + 2 * step, inside)
    sum_3 = read(total + 3 * step, inside)  # gru: of its bias
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
            through_u = tl.fma(u_3, d_3, tl.fma(u_2, d_2, tl.fma(u_1, d_1, u_0 * d_0)))
            sum_3 = tl.fma(d_3, before, sum_3)
        else:
            d_0, d_1, d_n, d_2, past_u = gru_backward(d + past_u, g_0, g_1, g_2, read(own, inside), before)
            tl.store(target + 2 * H, d_n, mask=inside)
            through_u = tl.fma(u_2, d_2, tl.fma(u_1, d_1, u_0 * d_0))
            sum_3 += d_2
        tl.store(target, d_0, mask=inside)
        tl.store(target + H, d_1, mask=inside)
        sum_0 = tl.fma(d_0, before, sum_0)
        sum_1 = tl.fma(d_1, before, sum_1)
        sum_2 = tl.fma(d_2, before, sum_2)
        source -= N * GATES
        target -= N * GATES
        by_state -= N
        state -= N
        own -= N
    tl.store(total, sum_0, mask=inside)
    tl.store(total + step, sum_1, mask=inside)
    tl.store(total + 2 * step, sum_2, mask=inside)
    tl.store(total + 3 * step, sum_3, mask=inside)
    tl.store(carried_u + element, through_u, mask=inside)
    tl.store(carried_past + element, past_u, mask=inside)
