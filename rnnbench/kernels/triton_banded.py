"""Banded recurrences on a GPU: one program walks through time with a whole row of the state.

A unit's neighbours belong to other lanes. They are read back, shifted, from where the state was just stored for the
caller anyway: one barrier and one trip to the cache per step whatever the width, where an exchange in shared memory
takes two barriers for each tap. Where the caller's is stored in 16 bits, neighbours find it in float32 elsewhere, in
two rows by turns: while a slow lane still reads one, a fast lane writes the other.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.triton_activation import Activation, activate, times_derivative
from rnnbench.kernels.triton_band_gradient import Band, band_gradient, source_of
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_walk import Carried, Span, SpanWalk, Sums

UNROLLED: tl.constexpr = tl.constexpr(4)
"""Taps whose loads are in flight together."""


class Launch(NamedTuple):
    """How a program is laid out."""

    units: int
    """H, rounded up to a power of two."""
    warps: int


def launch_of(hidden: int) -> Launch:
    """Return the layout for ``hidden`` units: four per lane, in 16 warps at most."""
    units = max(32, triton.next_power_of_2(hidden))
    return Launch(units, min(max(units // 128, 1), 16))


class BandWalk(SpanWalk):
    """The walk of banded rnn."""

    def __init__(self, band: Band, activation: Activation) -> None:
        self._band, self._activation = band, activation

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> None:
        """Write the states; see :meth:`Walk.forward`."""
        T, R, B, H = z.shape
        launch = launch_of(H)
        exchange, by_turns = exchange_of(trace.h)
        _forward[(R * B,)](
            z, trace.h, exchange, weights.stored, start.h, end.h, T, R * B * H, B, H, *self._band, self._activation,
            launch.units, by_turns, **options(launch.warps),
        )  # fmt: skip

    def backward(
        self, gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
    ) -> None:
        """Write the gradient of z; see :meth:`Walk.backward`."""
        T, R, B, H = dz.shape
        launch = launch_of(H)
        exchange, by_turns = exchange_of(dz)
        _backward[(R * B,)](
            gradient, dz, exchange, trace.h, weights.stored, carried.through_u, T, R * B * H, B, H, *self._band,
            self._activation, launch.units, by_turns, **options(launch.warps),
        )  # fmt: skip

    def of_span(self, span: Span, weights: Weights) -> Sums:
        """Return the gradient of the bands; see :meth:`SpanWalk.of_span`."""
        return band_gradient(span, self._band, 1)


def exchange_of(stored: Tensor) -> tuple[Tensor, bool]:
    """Return (where neighbours find each other's float32: in ``stored`` itself if it is, whether in two rows by turns).

    Parameters
    ----------
    stored
        What is stored for the caller, ``[T, R, B, H]``.
    """
    if stored.dtype == torch.float32:
        return stored, False
    return stored.new_empty((2, *stored.shape[1:]), dtype=torch.float32), True


@triton.jit
def _taps(
    bands: tl.tensor,
    row: tl.tensor,
    unit: tl.tensor,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    TRANSPOSED: tl.constexpr,
) -> tl.tensor:
    """Return ``U v`` for the vector ``v`` at ``row``; ``U^T v`` if transposed.

    ``U^T`` is a band of the reach (upper, lower) whose tap k at unit j is tap ``lower + upper - k`` of ``U`` at j's
    source.
    """
    TAPS: tl.constexpr = LOWER + UPPER + 1
    total = tl.zeros(unit.shape, tl.float32)
    for k in tl.range(0, TAPS, loop_unroll_factor=UNROLLED):
        if TRANSPOSED:
            source, inside = source_of(unit, k - UPPER, H, CIRCULAR)
            weight = read(bands + (TAPS - 1 - k) * H + source, inside)
        else:
            source, inside = source_of(unit, k - LOWER, H, CIRCULAR)
            weight = read(bands + k * H + unit, inside)
        total = tl.fma(weight, read(row + source, inside), total)
    return total


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    states: tl.tensor,
    exchange: tl.tensor,
    bands: tl.tensor,
    start_h: tl.tensor,
    end_h: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    ACTIVATION: tl.constexpr,
    UNITS: tl.constexpr,
    BY_TURNS: tl.constexpr,
) -> None:
    index = tl.program_id(0)
    unit = tl.arange(0, UNITS)
    inside = unit < H
    bands += (index // B).to(tl.int64) * (LOWER + UPPER + 1) * H
    before = start_h + index * H
    exchange += index * H
    row = exchange
    states += index * H
    # The input is loaded two steps ahead: a step lasts as long as a trip to the cache, one to memory takes twice that.
    z += index * H
    now = read(z + unit, inside)
    h = now
    z += tl.where(T > 1, N, 0)
    following = read(z + unit, inside)
    for t in range(T):
        z += tl.where(t + 2 < T, N, 0)  # past the end, the last input once more
        later = read(z + unit, inside)
        h = activate(now + _taps(bands, before, unit, H, LOWER, UPPER, CIRCULAR, False), ACTIVATION)
        tl.store(row + unit, h, mask=inside)
        if BY_TURNS:
            tl.store(states + unit, h, mask=inside)
            states += N
        tl.debug_barrier()  # every lane's units are stored before any lane reads them
        before = row
        row = exchange + (t + 1) % 2 * N if BY_TURNS else row + N
        now = following
        following = later
    tl.store(end_h + index * H + unit, h, mask=inside)


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    exchange: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    carried: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    ACTIVATION: tl.constexpr,
    UNITS: tl.constexpr,
    BY_TURNS: tl.constexpr,
) -> None:
    index = tl.program_id(0)
    unit = tl.arange(0, UNITS)
    inside = unit < H
    bands += (index // B).to(tl.int64) * (LOWER + UPPER + 1) * H
    last = tl.cast(T - 1, tl.int64) * N + index * H
    gradient += last
    states += last
    dz += last
    exchange += index * H if BY_TURNS else last
    row = exchange
    carried += index * H
    carry = read(carried + unit, inside)
    by_state = read(gradient + unit, inside)
    h = read(states + unit, inside)
    for t in range(T):
        back = tl.where(t + 1 < T, N, 0)  # before the beginning, the first step once more
        gradient -= back
        states -= back
        next_by_state = read(gradient + unit, inside)
        next_h = read(states + unit, inside)
        by_z = times_derivative(by_state + carry, h, ACTIVATION)
        tl.store(row + unit, by_z, mask=inside)
        if BY_TURNS:
            tl.store(dz + unit, by_z, mask=inside)
            dz -= back
        tl.debug_barrier()  # every lane's units are stored before any lane reads them
        carry = _taps(bands, row, unit, H, LOWER, UPPER, CIRCULAR, True)
        row = exchange + (t + 1) % 2 * N if BY_TURNS else row - back
        by_state = next_by_state
        h = next_h
    tl.store(carried + unit, carry, mask=inside)
