"""Small dense blocks on a GPU: one program holds a block's weights on chip and walks through time with 16 rows.

A block is a head of a block-diagonal matrix, or a whole small dense one. Products run on tensor cores, each float32
operand in two TF32 parts (``tf32x3``: three products of parts): TF32 alone would round the state to ten bits per step.
Weights stored in 16 bits are widened, so that the state keeps its 24.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.pieces import spans
from rnnbench.kernels.triton_activation import Activation, activate, times_derivative
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read

ROWS = 16
"""Rows per program: the least a tensor core multiplies."""
WIDENED = 2**22
"""Elements of dz, and as many states, that the GEMMs of the gradient take at once: 16 MiB each in float32."""


class Launch(NamedTuple):
    """How a program is laid out."""

    padded: int
    """The block's size, rounded up to a power of two of at least 16."""
    warps: int


def padded_size(size: int) -> int:
    """Return :attr:`Launch.padded` for blocks of ``size`` units."""
    return int(max(16, triton.next_power_of_2(size)))


def launch_of(size: int) -> Launch:
    """Return the layout for blocks of ``size`` units."""
    padded = padded_size(size)
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
    """Write the gradient of z to ``dz`` (which may be ``gradient``); return those of ``blocks`` (float32) and h_0."""
    T, R, B, H = gradient.shape
    count, size = blocks.shape[1:3]
    by_initial = torch.empty_like(initial)
    launch = launch_of(size)
    _backward[(triton.cdiv(B, ROWS) * count * R,)](
        gradient, dz, states, blocks, by_initial, T, R * B * H, B, H, size, activation, ROWS, launch.padded,
        **options(launch.warps),
    )  # fmt: skip
    return _block_gradient(dz, states, initial, count), by_initial


def _block_gradient(dz: Tensor, states: Tensor, initial: Tensor, count: int) -> Tensor:
    """Return the gradient of ``count`` blocks a replica, in float32: GEMMs over many steps at once."""
    T, R, B, H = dz.shape
    by_z, before = (tensor.view(T, R, B, count, H // count) for tensor in (dz, states))
    total = _product(by_z[:1], initial.view(1, R, B, count, H // count))
    # Halves are widened for the GEMM, so many steps at a time that the memory for it stays small.
    for first, last in spans(1, T, max(1, WIDENED // initial.numel())):
        total += _product(by_z[first:last], before[first - 1 : last - 1])
    return total


def _product(by_z: Tensor, before: Tensor) -> Tensor:
    return torch.einsum("trbni,trbnj->rnij", by_z.float(), before.float())


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
    there = (unit[None, :] < SIZE) & (unit[:, None] < SIZE)
    transposed = read(blocks + start + unit[None, :] * SIZE + unit[:, None], there)
    h = read(initial + place, inside)
    now = read(z + place, inside)
    for t in range(T):
        # The next input is on its way during the product (after the last step: any that exists).
        z += tl.where(t + 1 < T, N, 0)
        following = read(z + place, inside)
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
    there = (unit[None, :] < SIZE) & (unit[:, None] < SIZE)
    u = read(blocks + start + unit[:, None] * SIZE + unit[None, :], there)
    last = tl.cast(T - 1, tl.int64) * N
    gradient += last
    states += last
    dz += last
    by_state = read(gradient + place, inside)
    h = read(states + place, inside)
    carry = tl.zeros((ROWS, PADDED), tl.float32)
    for t in range(T):
        back = tl.where(t + 1 < T, N, 0)
        gradient -= back
        states -= back
        next_by_state = read(gradient + place, inside)
        next_h = read(states + place, inside)
        by_z = times_derivative(by_state + carry, h, ACTIVATION)
        tl.store(dz + place, by_z, mask=inside)
        dz -= back
        carry = tl.dot(by_z, u, input_precision="tf32x3")
        by_state = next_by_state
        h = next_h
    tl.store(by_initial + place, carry, mask=inside)
