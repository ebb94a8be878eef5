"""Small dense blocks on a GPU: one program holds a block's weights on chip and walks through time with 16 rows.

A block is a head of a block-diagonal matrix, or a whole small dense one. Products run on tensor cores, each float32
operand in two TF32 parts (``tf32x3``: three products of parts): TF32 alone would round the state to ten bits per step.
Weights stored in 16 bits are widened, so that the state keeps its 24.
"""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.triton_activation import Activation, activate, times_derivative
from rnnbench.kernels.triton_block_gradient import block_gradient
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_walk import Carried, Span, SpanWalk, Sums

ROWS = 16
"""Rows per program: the least a tensor core multiplies."""


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


class BlockWalk(SpanWalk):
    """The walk of rnn with dense blocks."""

    def __init__(self, activation: Activation) -> None:
        self._activation = activation

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> None:
        """Write the states; see :meth:`Walk.forward`."""
        T, R, B, H = z.shape
        count, size = weights.stored.shape[1:3]
        launch = launch_of(size)
        _forward[(triton.cdiv(B, ROWS) * count * R,)](
            z, trace.h, weights.stored, start.h, end.h, T, R * B * H, B, H, size, self._activation, ROWS,
            launch.padded, **options(launch.warps),
        )  # fmt: skip

    def backward(
        self, gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
    ) -> None:
        """Write the gradient of z; see :meth:`Walk.backward`."""
        T, R, B, H = dz.shape
        count, size = weights.stored.shape[1:3]
        launch = launch_of(size)
        _backward[(triton.cdiv(B, ROWS) * count * R,)](
            gradient, dz, trace.h, weights.stored, carried.through_u, T, R * B * H, B, H, size, self._activation, ROWS,
            launch.padded, **options(launch.warps),
        )  # fmt: skip

    def of_span(self, span: Span, weights: Weights) -> Sums:
        """Return the gradient of the blocks; see :meth:`SpanWalk.of_span`."""
        return block_gradient(span, weights.stored.shape[-2], 1)


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
    start_h: tl.tensor,
    end_h: tl.tensor,
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
    h = read(start_h + place, inside)
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
    tl.store(end_h + place, h, mask=inside)


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    states: tl.tensor,
    blocks: tl.tensor,
    carried: tl.tensor,
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
    carry = read(carried + place, inside)
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
    tl.store(carried + place, carry, mask=inside)
