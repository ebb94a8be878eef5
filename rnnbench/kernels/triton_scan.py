"""Linear diagonal recurrences on a GPU, parallel in time: an associative scan over tiles of time steps.

``h_t = u h_{t-1} + z_t`` composes: two steps ``h -> a h + b`` are again one, ``(a_1 a_2, a_2 b_1 + b_2)``. A tile of
steps is scanned in logarithmic depth, tiles follow each other. (Blelloch, "Prefix sums and their applications", 1990.)
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read

STEPS = 64
"""Time steps per tile."""
ELEMENTS = 32
"""Elements of the flat index (rows times H) per program: one 128-byte line of each step."""
WARPS = 4


def forward(z: Tensor, states: Tensor, bands: Tensor, initial: Tensor) -> None:
    """Write ``states`` ``[T, R, B, H]`` (they may be ``z``), for ``bands`` ``[R, 1, H]`` and ``h_0`` ``[R, B, H]``."""
    T, _, B, H = z.shape
    N = initial.numel()
    _forward[(triton.cdiv(N, ELEMENTS),)](z, states, bands, initial, T, N, B, H, STEPS, ELEMENTS, **options(WARPS))


def backward(gradient: Tensor, states: Tensor, bands: Tensor, initial: Tensor, dz: Tensor) -> tuple[Tensor, Tensor]:
    """Write the gradient of z to ``dz`` (which may be ``gradient``); return those of ``bands`` (float32) and h_0."""
    T, R, B, H = gradient.shape
    N = initial.numel()
    by_row = torch.empty_like(initial, dtype=torch.float32)
    by_initial = torch.empty_like(initial)
    _backward[(triton.cdiv(N, ELEMENTS),)](
        gradient, dz, states, bands, initial, by_row, by_initial, T, N, B, H, STEPS, ELEMENTS, **options(WARPS)
    )
    return by_row.sum(-2).view(R, 1, H), by_initial


@triton.jit
def _compose(
    a_first: tl.tensor, b_first: tl.tensor, a_second: tl.tensor, b_second: tl.tensor
) -> tuple[tl.tensor, tl.tensor]:
    """Return the step that does the first, then the second."""
    return a_first * a_second, a_second * b_first + b_second


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
    STEPS: tl.constexpr,
    ELEMENTS: tl.constexpr,
) -> None:
    element = tl.program_id(0) * ELEMENTS + tl.arange(0, ELEMENTS)
    step = tl.arange(0, STEPS)[:, None]
    u = read(bands + element // (B * H) * H + element % H, element < N)
    factor = tl.broadcast_to(u[None, :], (STEPS, ELEMENTS))
    carry = read(initial + element, element < N)
    for start in range(0, T, STEPS):
        place = (start + step).to(tl.int64) * N + element[None, :]
        inside = (start + step < T) & (element[None, :] < N)
        power, alone = tl.associative_scan((factor, read(z + place, inside)), 0, _compose)
        h = alone + power * carry[None, :]
        tl.store(states + place, h, mask=inside)
        carry = tl.sum(tl.where(step == STEPS - 1, h, 0.0), axis=0)


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    states: tl.tensor,
    bands: tl.tensor,
    initial: tl.tensor,
    by_row: tl.tensor,
    by_initial: tl.tensor,
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
    first = read(initial + element, element < N)
    carry = tl.zeros((ELEMENTS,), tl.float32)
    by_band = tl.zeros((ELEMENTS,), tl.float32)
    tiles = tl.cdiv(T, STEPS)
    for tile in range(tiles):
        t = (tiles - 1 - tile) * STEPS + step
        place = t.to(tl.int64) * N + element[None, :]
        inside = (t < T) & (element[None, :] < N)
        by_state = read(gradient + place, inside)
        before = read(states + place - N, inside & (t > 0))
        before += tl.where(t == 0, first[None, :], 0.0)
        power, alone = tl.associative_scan((factor, by_state), 0, _compose, reverse=True)
        by_z = alone + power * carry[None, :]
        tl.store(dz + place, by_z, mask=inside)
        by_band += tl.sum(by_z * before, axis=0)
        carry = tl.sum(tl.where(step == 0, by_z, 0.0), axis=0)
    tl.store(by_row + element, by_band, mask=element < N)
    tl.store(by_initial + element, carry * u, mask=element < N)
