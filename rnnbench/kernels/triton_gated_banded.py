"""Banded lstm and gru on a GPU: one program walks through time with a whole row of the state.

As in :mod:`rnnbench.kernels.triton_banded`, neighbours are read back, shifted, from where they were just stored; c, and
what a unit needs of itself alone, stay in registers. A neighbour's state is read once for all gates.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.triton_band_gradient import Band, band_gradient, source_of
from rnnbench.kernels.triton_banded import exchange_of, launch_of
from rnnbench.kernels.triton_cell import read_gates, read_step, step_backward, step_forward, write_gates
from rnnbench.kernels.triton_gated_arguments import backward_tensors, by_state, forward_tensors, gate_count
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_walk import Carried, Span, SpanWalk, Sums


class GatedBandWalk(SpanWalk):
    """The walk of banded lstm and gru."""

    def __init__(self, band: Band) -> None:
        self._band = band

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> None:
        """Write the trace; see :meth:`Walk.forward`."""
        T, R, B, H = trace.h.shape
        launch = launch_of(H)
        exchange, by_turns = exchange_of(trace.h)
        _forward[(R * B,)](
            *forward_tensors(z, trace, weights, start, end), exchange, T, R * B * H, B, H, *self._band,
            gate_count(trace), launch.units, by_turns, **options(launch.warps),
        )  # fmt: skip

    def backward(
        self, gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
    ) -> None:
        """Write the gradient of z; see :meth:`Walk.backward`."""
        T, R, B, H = trace.h.shape
        launch, gates = launch_of(H), gate_count(trace)
        # In two rows by turns whatever is stored: the gradient of gru's U_n h is not stored for the caller.
        exchange = dz.new_empty((2, R, B, gates * H), dtype=torch.float32)
        _backward[(R * B,)](
            *backward_tensors(gradient, trace, weights, before, carried, dz), exchange, T, R * B * H, B, H,
            *self._band, gates, launch.units, **options(launch.warps),
        )  # fmt: skip

    def of_span(self, span: Span, weights: Weights) -> Sums:
        """Return the gradients of bands and bias; see :meth:`SpanWalk.of_span`."""
        return band_gradient(span, self._band, weights.stored.shape[1])

    def by_state(self, carried: Carried, weights: Weights) -> Tensor:
        """Return the gradient of h before the first step of all; see :meth:`Walk.by_state`."""
        return by_state(carried, weights)


@triton.jit
def _heard(
    bands: tl.tensor,
    row: tl.tensor,
    unit: tl.tensor,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    GATES: tl.constexpr,
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return ``U h`` of every gate for the ``h`` at ``row``; gru's fourth is zero."""
    TAPS: tl.constexpr = LOWER + UPPER + 1
    u_0 = tl.zeros(unit.shape, tl.float32)
    u_1 = tl.zeros(unit.shape, tl.float32)
    u_2 = tl.zeros(unit.shape, tl.float32)
    u_3 = tl.zeros(unit.shape, tl.float32)
    for k in range(TAPS):  # not unrolled: the loads of all gates are in flight together
        source, inside = source_of(unit, k - LOWER, H, CIRCULAR)
        h = read(row + source, inside)
        weights = bands + k * H + unit
        u_0 = tl.fma(read(weights, inside), h, u_0)
        u_1 = tl.fma(read(weights + TAPS * H, inside), h, u_1)
        u_2 = tl.fma(read(weights + 2 * TAPS * H, inside), h, u_2)
        if GATES == 4:
            u_3 = tl.fma(read(weights + 3 * TAPS * H, inside), h, u_3)
    return u_0, u_1, u_2, u_3


@triton.jit
def _told(
    bands: tl.tensor,
    row: tl.tensor,
    unit: tl.tensor,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    GATES: tl.constexpr,
) -> tl.tensor:
    """Return the sum over gates of ``U^T d`` for the ``d`` of every gate at ``row``.

    ``U^T`` is a band of the reach (upper, lower) whose tap k at unit j is tap ``lower + upper - k`` of ``U`` at j's
    source.
    """
    TAPS: tl.constexpr = LOWER + UPPER + 1
    total = tl.zeros(unit.shape, tl.float32)
    for k in range(TAPS):
        source, inside = source_of(unit, k - UPPER, H, CIRCULAR)
        weights = bands + (TAPS - 1 - k) * H + source
        for gate in tl.static_range(GATES):
            total = tl.fma(read(weights + gate * TAPS * H, inside), read(row + gate * H + source, inside), total)
    return total


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
    exchange: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    GATES: tl.constexpr,
    UNITS: tl.constexpr,
    BY_TURNS: tl.constexpr,
) -> None:
    TAPS: tl.constexpr = LOWER + UPPER + 1
    index = tl.program_id(0)
    unit = tl.arange(0, UNITS)
    inside = unit < H
    bands += (index // B).to(tl.int64) * (GATES * TAPS) * H
    before = start_h + index * H
    exchange += index * H
    row = exchange
    gates += index * (GATES * H)
    inner += index * H
    states += index * H
    h = read(before + unit, inside)
    own = read(start_c + index * H + unit, inside)
    b = read(bias + index // B * H + unit, inside)
    # The input is loaded a step ahead.
    z += index * (GATES * H)
    z_0, z_1, z_2, z_3 = read_gates(z + unit, H, inside, GATES)
    for t in range(T):
        z += tl.where(t + 1 < T, N * GATES, 0)  # past the end, the last input once more
        next_0, next_1, next_2, next_3 = read_gates(z + unit, H, inside, GATES)
        u_0, u_1, u_2, u_3 = _heard(bands, before, unit, H, LOWER, UPPER, CIRCULAR, GATES)
        g_0, g_1, g_2, g_3, own, h = step_forward(z_0, z_1, z_2, z_3, u_0, u_1, u_2, u_3, b, h, own, GATES)
        tl.store(row + unit, h, mask=inside)
        if BY_TURNS:
            tl.store(states + unit, h, mask=inside)
            states += N
        tl.debug_barrier()  # every lane's units are stored before any lane reads them
        write_gates(gates + unit, H, inside, g_0, g_1, g_2, g_3, GATES)
        tl.store(inner + unit, own, mask=inside)
        before = row
        row = exchange + (t + 1) % 2 * N if BY_TURNS else row + N
        gates += N * GATES
        inner += N
        z_0, z_1, z_2, z_3 = next_0, next_1, next_2, next_3
    tl.store(end_h + index * H + unit, h, mask=inside)
    if GATES == 4:
        tl.store(end_c + index * H + unit, own, mask=inside)


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
    exchange: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    GATES: tl.constexpr,
    UNITS: tl.constexpr,
) -> None:
    TAPS: tl.constexpr = LOWER + UPPER + 1
    index = tl.program_id(0)
    unit = tl.arange(0, UNITS)
    inside = unit < H
    bands += (index // B).to(tl.int64) * (GATES * TAPS) * H
    place = index * H + unit
    last = tl.cast(T - 1, tl.int64) * N
    gradient += last
    inner += last
    gates += last * GATES + index * (GATES * H)
    dz += last * GATES + index * (GATES * H)
    exchange += index * (GATES * H)
    if GATES == 4:
        earlier = inner - N
        first = c_0
    else:
        earlier = states + last - N
        first = h_0
    through_u = read(carried_u + place, inside)
    past_u = read(carried_past + place, inside)  # lstm: the gradient of c; gru: what reaches h past U
    # What a step reads is loaded a step ahead.
    own = read(inner + place, inside)
    by_state, before, g_0, g_1, g_2, g_3 = read_step(
        gradient + place, tl.where(T > 1, earlier, first) + place, gates + unit, H, inside, GATES
    )
    for t in range(T):
        back = tl.where(t + 1 < T, N, 0)  # before the beginning, the first step once more
        gradient -= back
        gates -= back * GATES
        inner -= back
        earlier -= N
        following = read_step(
            gradient + place, tl.where(t + 2 < T, earlier, first) + place, gates + unit, H, inside, GATES
        )
        row = exchange + t % 2 * (N * GATES)
        d_0, d_1, d_2, d_3, heard, past_u = step_backward(
            by_state + through_u, past_u, g_0, g_1, g_2, g_3, own, before, GATES
        )
        write_gates(row + unit, H, inside, d_0, d_1, heard, d_3, GATES)
        tl.debug_barrier()  # every lane's units are stored before any lane reads them
        write_gates(dz + unit, H, inside, d_0, d_1, d_2, d_3, GATES)
        through_u = _told(bands, row, unit, H, LOWER, UPPER, CIRCULAR, GATES)
        dz -= back * GATES
        own = before if GATES == 4 else read(inner + place, inside)
        by_state, before, g_0, g_1, g_2, g_3 = following
    tl.store(carried_u + place, through_u, mask=inside)
    tl.store(carried_past + place, past_u, mask=inside)
