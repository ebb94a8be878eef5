"""Banded lstm and gru on a GPU: one program walks through time with a whole row of the state.

As in :mod:`rnnbench.kernels.triton_banded`, neighbours are read back, shifted, from where they were just stored; c, and
what a unit needs of itself alone, stay in registers. A neighbour's state is read once for all gates.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.triton_band_gradient import Band, gated_band_gradient, source_of
from rnnbench.kernels.triton_banded import exchange_of, launch_of
from rnnbench.kernels.triton_cell import read_gates, read_step, step_backward, step_forward, write_gates
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_shapes import GatedGradients


def forward(
    z: Tensor,
    gates: Tensor,
    inner: Tensor,
    states: Tensor,
    bands: Tensor,
    bias: Tensor,
    h_0: Tensor,
    c_0: Tensor,
    band: Band,
) -> None:
    """Write the gates, the inner values and the states.

    Parameters are those of :func:`rnnbench.kernels.triton_gated_diagonal.forward`, for ``bands`` ``[R, G, taps, H]``.
    """
    T, R, B, H = states.shape
    launch = launch_of(H)
    exchange, by_turns = exchange_of(states)
    _forward[(R * B,)](
        z, gates, inner, states, exchange, bands, bias, h_0.float(), c_0, T, R * B * H, B, H, *band, z.shape[-1] // H,
        launch.units, by_turns, **options(launch.warps),
    )  # fmt: skip


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
    band: Band,
) -> GatedGradients:
    """Write the gradient of z to ``dz`` and return the others.

    Parameters are those of :func:`rnnbench.kernels.triton_gated_diagonal.backward`.
    """
    T, R, B, H = states.shape
    launch, gate_count = launch_of(H), dz.shape[-1] // H
    # In two rows by turns whatever is stored: the gradient of gru's U_n h is not stored for the caller.
    exchange = dz.new_empty((2, R, B, gate_count * H), dtype=torch.float32)
    by_h, by_c = torch.empty_like(h_0), torch.empty_like(h_0)
    _backward[(R * B,)](
        gradient, dz, gates, inner, states, exchange, bands, h_0, c_0, by_last_c, by_h, by_c, T, R * B * H, B, H, *band,
        gate_count, launch.units, **options(launch.warps),
    )  # fmt: skip
    stored, bias = gated_band_gradient(dz, gates, states, h_0, band)
    return GatedGradients(stored, bias, by_h, by_c if gate_count == 4 else None)


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
        u_0 += read(weights, inside) * h
        u_1 += read(weights + TAPS * H, inside) * h
        u_2 += read(weights + 2 * TAPS * H, inside) * h
        if GATES == 4:
            u_3 += read(weights + 3 * TAPS * H, inside) * h
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
            total += read(weights + gate * TAPS * H, inside) * read(row + gate * H + source, inside)
    return total


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    gates: tl.tensor,
    inner: tl.tensor,
    states: tl.tensor,
    exchange: tl.tensor,
    bands: tl.tensor,
    bias: tl.tensor,
    h_0: tl.tensor,
    c_0: tl.tensor,
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
    before = h_0 + index * H
    exchange += index * H
    row = exchange
    gates += index * (GATES * H)
    inner += index * H
    states += index * H
    h = read(before + unit, inside)
    own = read(c_0 + index * H + unit, inside)
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


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    gates: tl.tensor,
    inner: tl.tensor,
    states: tl.tensor,
    exchange: tl.tensor,
    bands: tl.tensor,
    h_0: tl.tensor,
    c_0: tl.tensor,
    by_last_c: tl.tensor,
    by_h: tl.tensor,
    by_c: tl.tensor,
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
    through_u = tl.zeros((UNITS,), tl.float32)
    past_u = read(by_last_c + place, inside)  # lstm: the gradient of c; gru: what reaches h past U, zero at first
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
    if GATES == 4:
        tl.store(by_c + place, past_u, mask=inside)
    else:
        through_u += past_u
    tl.store(by_h + place, through_u, mask=inside)
