"""Linear diagonal recurrences on a GPU, parallel in time: an associative scan over tiles of time steps.

``h_t = u h_{t-1} + z_t`` composes: two steps ``h -> a h + b`` are again one, ``(a_1 a_2, a_2 b_1 + b_2)``. A tile of
steps is scanned in logarithmic depth, tiles follow each other. (Blelloch, "Prefix sums and their applications", 1990.)

How a tile is scanned groups its sums: tiles are not parted, and pieces of time begin where tiles do.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_walk import Carried, UnitWalk

STEPS = 64
"""Time steps per tile."""
ELEMENTS = 32
"""Elements of the flat index (rows times H) per program: one 128-byte line of each step."""
WARPS = 4


class ScanWalk(UnitWalk):
    """The walk of linear diagonal rnn, in tiles. What is carried backward is the gradient of z of the step after."""

    grain = STEPS
    sums = 1

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> None:
        """Write the states; see :meth:`Walk.forward`."""
        (T, _, B, H), N = z.shape, start.h.numel()
        _forward[(triton.cdiv(N, ELEMENTS),)](
            z, trace.h, weights.stored, start.h, end.h, T, N, B, H, STEPS, ELEMENTS, **options(WARPS)
        )

    def backward(
        self, gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
    ) -> None:
        """Write the gradient of z; see :meth:`Walk.backward`."""
        (T, _, B, H), N = dz.shape, before.h.numel()
        _backward[(triton.cdiv(N, ELEMENTS),)](
            gradient, dz, trace.h, weights.stored, before.h, carried.through_u, carried.sums, T, N, B, H, STEPS,
            ELEMENTS, **options(WARPS),
        )  # fmt: skip

    def by_state(self, carried: Carried, weights: Weights) -> Tensor:
        """Return the gradient of h before the first step of all; see :meth:`Walk.by_state`."""
        return carried.through_u * weights.stored


@triton.jit
def _compose(
    a_first: tl.tensor, b_first: tl.tensor, a_second: tl.tensor, b_second: tl.tensor
) -> tuple[tl.tensor, tl.tensor]:
    """Return the step that does the first, then the second."""
    return a_first * a_second, tl.fma(a_second, b_first, b_second)


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    start_h: tl.tensor,
    end_h: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    STEPS: tl.constexpr,
    ELEMENTS: tl.constexpr,
) -> None:
    element = tl.program_id(0) * ELEMENTS + tl.arange(0, ELEMENTS)
    step = tl.arange(0, STEPS)[:, None]
    u = read(bands + element // (B * H) * H + element % H, element < N)
    factor = tl.broadcast_to(u[None, :], (STEPS, ELEMENTS))
    carry = read(start_h + element, element < N)
    for first in range(0, T, STEPS):
        place = (first + step).to(tl.int64) * N + element[None, :]
        inside = (first + step < T) & (element[None, :] < N)
        power, alone = tl.associative_scan((factor, read(z + place, inside)), 0, _compose)
        h = tl.fma(power, carry[None, :], alone)
        tl.store(states + place, h, mask=inside)
        carry = tl.sum(tl.where(step == tl.minimum(T - first, STEPS) - 1, h, 0.0), axis=0)
    tl.store(end_h + element, carry, mask=element < N)


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    h_0: tl.tensor,
    carried: tl.tensor,
    sums: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    STEPS: tl.constexpr,
    ELEMENTS: tl.constexpr,
) -> None:
    element = tl.program_id(0) * ELEMENTS + tl.arange(0, ELEMENTS)
    step = tl.arange(0, STEPS)[:, None]
    u = read(bands + element // (B * H) * H + element % H, element < N)
    factor = tl.broadcast_to(u[None, :], (STEPS, ELEMENTS))
    first = read(h_0 + element, element < N)
    carry = read(carried + element, element < N)
    by_band = read(sums + element, element < N)
    tiles = tl.cdiv(T, STEPS)
    for tile in range(tiles):
        t = (tiles - 1 - tile) * STEPS + step
        place = t.to(tl.int64) * N + element[None, :]
        inside = (t < T) & (element[None, :] < N)
        by_state = read(gradient + place, inside)
        before = read(states + place - N, inside & (t > 0))
        before += tl.where(t == 0, first[None, :], 0.0)
        power, alone = tl.associative_scan((factor, by_state), 0, _compose, reverse=True)
        by_z = tl.fma(power, carry[None, :], alone)
        tl.store(dz + place, by_z, mask=inside)
        by_band += tl.sum(by_z * before, axis=0)
        carry = tl.sum(tl.where(step == 0, by_z, 0.0), axis=0)
    tl.store(sums + element, by_band, mask=element < N)
    tl.store(carried + element, carry, mask=element < N)
