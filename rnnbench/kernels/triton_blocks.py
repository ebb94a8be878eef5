"""Small dense blocks on a GPU: one program holds a block's weights on chip and walks through time with 16 rows.

A block is a head of a block-diagonal matrix, or a whole small dense one. Products run on tensor cores, each float32
operand in two TF32 parts (``tf32x3``: three products of parts): TF32 alone would round the state to ten bits per step.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.triton_activation import Activation, activate, times_derivative
from rnnbench.kernels.triton_launch import options

ROWS = 16
"""Rows per program: the least a tensor core multiplies."""


class Launch(NamedTuple):
    """How a program is laid out."""

    padded: int
    """The block's size, rounded up to a power of two of at least 16."""
    warps: int


def launch_of(size: int) -> Launch:
    """Return the layout for blocks of ``size`` units."""
    padded = max(16, triton.next_power_of_2(size))
    return Launch(padded, min(padded // 16, 8))


def forward(z: Tensor, states: Tensor, blocks: Tensor, initial: Tensor, activation: Activation) -> None:
    """Write the states.

    Parameters
    ----------
    z, states
        ``[T, R, B, H]``, contiguous; they may be the same.
    blocks
        ``[R, n, H/n, H/n]``.
    initial
        ``h_0`` ``[R, B, H]``.
    """
    T, R, B, H = z.shape
    count, size = blocks.shape[1:3]
    launch = launch_of(size)
    _forward[(triton.cdiv(B, ROWS) * count * R,)](
        z, states, blocks, initial, T, R * B * H, B, H, size, activation, ROWS, launch.padded, **options(launch.warps)
    )


def backward(
    gradient: Tensor, states: Tensor, blocks: Tensor, initial: Tensor, dz: Tensor, activation: Activation
) -> tuple[Tensor, Tensor]:
    """Write the gradient of ``z`` to ``dz`` (which may be ``gradient``); return those of ``blocks`` and h_0."""
    T, R, B, H = gradient.shape
    count, size = blocks.shape[1:3]
    by_initial = torch.empty_like(initial)
    launch = launch_of(size)
    _backward[(triton.cdiv(B, ROWS) * count * R,)](
        gradient, dz, states, blocks, by_initial, T, R * B * H, B, H, size, activation, ROWS, launch.padded,
        **options(launch.warps),
    )  # fmt: skip
    by_z, before = dz.view(T, R, B, count, size), states.view(T, R, B, count, size)
    product = torch.einsum("trbni,trbnj->rnij", by_z[1:], before[:-1])
    first = torch.einsum("rbni,rbnj->rnij", by_z[0], initial.view(R, B, count, size))
    return product + first, by_initial


@triton.jit
def _place(
    B: int, H: int, SIZE: int, ROWS: tl.constexpr, PADDED: tl.constexpr
) -> tuple[tl.tensor, tl.tensor, tl.tensor]:
    """Return (this program's place in a step ``[R, B, H]``, what of it is there, where its block's weights start)."""
    parts = tl.cdiv(B, ROWS)
    index = tl.program_id(0)
    block = index // parts  # among the blocks of all replicas
    row = index % parts * ROWS + tl.arange(0, ROWS)[:, None]
    unit = tl.arange(0, PADDED)[None, :]
    count = H // SIZE
    place = (block // count * B + row) * H + block % count * SIZE + unit
    return place, (row < B) & (unit < SIZE), block.to(tl.int64) * SIZE * SIZE


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    states: tl.tensor,
    blocks: tl.tensor,
    initial: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    SIZE: int,
    ACTIVATION: tl.constexpr,
    ROWS: tl.constexpr,
    PADDED: tl.constexpr,
) -> None:
    place, inside, start = _place(B, H, SIZE, ROWS, PADDED)
    unit = tl.arange(0, PADDED)
    # Transposed: element [j, i] is U[i, j], so that a row of states times it is U h.
    transposed = tl.load(
        blocks + start + unit[None, :] * SIZE + unit[:, None],
        mask=(unit[None, :] < SIZE) & (unit[:, None] < SIZE),
        other=0.0,
    )
    h = tl.load(initial + place, mask=inside, other=0.0)
    now = tl.load(z + place, mask=inside, other=0.0)
    for t in range(T):
        # The next input is on its way during the product (after the last step: any that exists).
        z += tl.where(t + 1 < T, N, 0)
        following = tl.load(z + place, mask=inside, other=0.0)
        product = tl.dot(h, transposed, input_precision="tf32x3")
        h = tl.where(inside, activate(now + product, ACTIVATION), 0.0)
        tl.store(states + place, h, mask=inside)
        states += N
        now = following


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    states: tl.tensor,
    blocks: tl.tensor,
    by_initial: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    SIZE: int,
    ACTIVATION: tl.constexpr,
    ROWS: tl.constexpr,
    PADDED: tl.constexpr,
) -> None:
    place, inside, start = _place(B, H, SIZE, ROWS, PADDED)
    unit = tl.arange(0, PADDED)
    u = tl.load(
        blocks + start + unit[:, None] * SIZE + unit[None, :],
        mask=(unit[None, :] < SIZE) & (unit[:, None] < SIZE),
        other=0.0,
    )
    last = tl.cast(T - 1, tl.int64) * N
    gradient += last
    states += last
    dz += last
    by_state = tl.load(gradient + place, mask=inside, other=0.0)
    h = tl.load(states + place, mask=inside, other=0.0)
    carry = tl.zeros((ROWS, PADDED), tl.float32)
    for t in range(T):
        back = tl.where(t + 1 < T, N, 0)
        gradient -= back
        states -= back
        next_by_state = tl.load(gradient + place, mask=inside, other=0.0)
        next_h = tl.load(states + place, mask=inside, other=0.0)
        by_z = times_derivative(by_state + carry, h, ACTIVATION)
        tl.store(dz + place, by_z, mask=inside)
        dz -= back
        carry = tl.dot(by_z, u, input_precision="tf32x3")
        by_state = next_by_state
        h = next_h
    tl.store(by_initial + place, carry, mask=inside)
