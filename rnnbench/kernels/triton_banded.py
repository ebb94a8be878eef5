"""Banded recurrences on a GPU: one program walks through time with a whole row of the state.

A unit's neighbours belong to other lanes. They are read back, shifted, from where the state was just stored for the
caller anyway: one barrier and one trip to the cache per step whatever the width, where an exchange in shared memory
takes two barriers for each tap.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.triton_activation import Activation, activate, times_derivative
from rnnbench.kernels.triton_band_gradient import Band, band_gradient, source_of
from rnnbench.kernels.triton_launch import options

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


def forward(z: Tensor, states: Tensor, bands: Tensor, initial: Tensor, band: Band, activation: Activation) -> None:
    """Write the states.

    Parameters
    ----------
    z, states
        ``[T, R, B, H]``, contiguous; they may be the same.
    bands
        ``[R, lower + upper + 1, H]``.
    initial
        ``h_0`` ``[R, B, H]``.
    """
    T, R, B, H = z.shape
    launch = launch_of(H)
    _forward[(R * B,)](
        z, states, bands, initial, T, R * B * H, B, H, *band, activation, launch.units, **options(launch.warps)
    )


def backward(
    gradient: Tensor, states: Tensor, bands: Tensor, initial: Tensor, dz: Tensor, band: Band, activation: Activation
) -> tuple[Tensor, Tensor]:
    """Write the gradient of ``z`` to ``dz`` (which may be ``gradient``); return those of ``bands`` and h_0."""
    T, R, B, H = gradient.shape
    launch = launch_of(H)
    by_initial = torch.empty_like(initial)
    shape = T, R * B * H, B, H
    _backward[(R * B,)](
        gradient, dz, states, bands, by_initial, *shape, *band, activation, launch.units, **options(launch.warps)
    )
    return band_gradient(dz, states, initial, band), by_initial


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
            weight = tl.load(bands + (TAPS - 1 - k) * H + source, mask=inside, other=0.0)
        else:
            source, inside = source_of(unit, k - LOWER, H, CIRCULAR)
            weight = tl.load(bands + k * H + unit, mask=inside, other=0.0)
        total += weight * tl.load(row + source, mask=inside, other=0.0)
    return total


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    initial: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    ACTIVATION: tl.constexpr,
    UNITS: tl.constexpr,
) -> None:
    index = tl.program_id(0)
    unit = tl.arange(0, UNITS)
    inside = unit < H
    bands += (index // B).to(tl.int64) * (LOWER + UPPER + 1) * H
    before = initial + index * H
    row = states + index * H
    # The input is loaded two steps ahead: a step lasts as long as a trip to the cache, one to memory takes twice that.
    z += index * H
    now = tl.load(z + unit, mask=inside, other=0.0)
    z += tl.where(T > 1, N, 0)
    following = tl.load(z + unit, mask=inside, other=0.0)
    for t in range(T):
        z += tl.where(t + 2 < T, N, 0)  # past the end, the last input once more
        later = tl.load(z + unit, mask=inside, other=0.0)
        h = activate(now + _taps(bands, before, unit, H, LOWER, UPPER, CIRCULAR, False), ACTIVATION)
        tl.store(row + unit, h, mask=inside)
        tl.debug_barrier()  # every lane's units are stored before any lane reads them
        before = row
        row += N
        now = following
        following = later


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    by_initial: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    ACTIVATION: tl.constexpr,
    UNITS: tl.constexpr,
) -> None:
    index = tl.program_id(0)
    unit = tl.arange(0, UNITS)
    inside = unit < H
    bands += (index // B).to(tl.int64) * (LOWER + UPPER + 1) * H
    last = tl.cast(T - 1, tl.int64) * N + index * H
    gradient += last
    states += last
    row = dz + last
    carry = tl.zeros((UNITS,), tl.float32)
    by_state = tl.load(gradient + unit, mask=inside, other=0.0)
    h = tl.load(states + unit, mask=inside, other=0.0)
    for t in range(T):
        back = tl.where(t + 1 < T, N, 0)  # before the beginning, the first step once more
        gradient -= back
        states -= back
        next_by_state = tl.load(gradient + unit, mask=inside, other=0.0)
        next_h = tl.load(states + unit, mask=inside, other=0.0)
        by_z = times_derivative(by_state + carry, h, ACTIVATION)
        tl.store(row + unit, by_z, mask=inside)
        tl.debug_barrier()  # every lane's units are stored before any lane reads them
        carry = _taps(bands, row, unit, H, LOWER, UPPER, CIRCULAR, True)
        row -= back
        by_state = next_by_state
        h = next_h
    tl.store(by_initial + index * H + unit, carry, mask=inside)
