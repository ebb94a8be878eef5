"""Small dense blocks in lstm and gru on a GPU: one program holds a block's weights of all gates on chip and walks
through time with 16 rows, whose h and c stay in registers.

Products are those of :mod:`rnnbench.kernels.triton_blocks`.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.triton_block_gradient import block_gradient
from rnnbench.kernels.triton_blocks import ROWS, Launch, padded_size
from rnnbench.kernels.triton_cell import read_gates, read_step, step_backward, step_forward, write_gates
from rnnbench.kernels.triton_gated_arguments import backward_tensors, by_state, forward_tensors
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_walk import Carried, Span, SpanWalk, Sums


def launch_of(size: int) -> Launch:
    """Return the layout for blocks of ``size`` units: eight to a warp, the fewest a tensor core multiplies by."""
    padded = padded_size(size)
    return Launch(padded, padded // 8)


class GatedBlockWalk(SpanWalk):
    """The walk of lstm and gru with dense blocks."""

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> None:
        """Write the trace; see :meth:`Walk.forward`."""
        T, R, B, H = trace.h.shape
        gates, count, size = weights.stored.shape[1:4]
        launch = launch_of(size)
        _forward[(triton.cdiv(B, ROWS) * count * R,)](
            *forward_tensors(z, trace, weights, start, end), T, R * B * H, B, H, size, gates, ROWS, launch.padded,
            **options(launch.warps),
        )  # fmt: skip

    def backward(
        self, gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
    ) -> None:
        """Write the gradient of z; see :meth:`Walk.backward`."""
        T, R, B, H = trace.h.shape
        gates, count, size = weights.stored.shape[1:4]
        launch = launch_of(size)
        _backward[(triton.cdiv(B, ROWS) * count * R,)](
            *backward_tensors(gradient, trace, weights, before, carried, dz), T, R * B * H, B, H, size, gates, ROWS,
            launch.padded, **options(launch.warps),
        )  # fmt: skip

    def of_span(self, span: Span, weights: Weights) -> Sums:
        """Return the gradients of blocks and bias; see :meth:`SpanWalk.of_span`."""
        return block_gradient(span, weights.stored.shape[-2], weights.stored.shape[1])

    def by_state(self, carried: Carried, weights: Weights) -> Tensor:
        """Return the gradient of h before the first step of all; see :meth:`Walk.by_state`."""
        return by_state(carried, weights)


@triton.jit
def _place(
    B: int, H: int, SIZE: int, GATES: tl.constexpr, ROWS: tl.constexpr, PADDED: tl.constexpr
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """Return where this program's numbers are: in a state, in the gates, what of them is there, in ``bias``, in the
    weights of the first gate."""
    parts = tl.cdiv(B, ROWS)
    index = tl.program_id(0)
    count = H // SIZE
    replica = index // (parts * count)
    block = index // parts % count
    row = index % parts * ROWS + tl.arange(0, ROWS)[:, None]
    unit = block * SIZE + tl.arange(0, PADDED)[None, :]
    inside = (row < B) & (tl.arange(0, PADDED)[None, :] < SIZE)
    step_row = replica * B + row
    weights = (replica.to(tl.int64) * (GATES * count) + block) * SIZE * SIZE
    return step_row * H + unit, step_row * (GATES * H) + unit, inside, replica * H + unit, weights


@triton.jit
def _product(a: tl.tensor, weights: tl.tensor, total: tl.tensor, EXACT: tl.constexpr) -> tl.tensor:
    """Return ``a weights + total``.

    ``EXACT`` says that TF32 holds the weights as they are: those stored in 16 bits have no more digits than it. Two
    products with parts of ``a`` then say what else takes three, and the weights are one part in registers, not two.
    """
    if EXACT:
        high = (a.to(tl.int32, bitcast=True) & -8192).to(tl.float32, bitcast=True)
        low = tl.where(tl.abs(high) < float("inf"), a - high, 0.0)
        total = tl.dot(low, weights, total, input_precision="tf32")
        return tl.dot(high, weights, total, input_precision="tf32")
    return tl.dot(a, weights, total, input_precision="tf32x3")


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    gates: tl.tensor,
    inner: tl.tensor,
    states: tl.tensor,
    blocks: tl.tensor,
    bias: tl.tensor,
    start_h: tl.tensor,
    start_c: tl.tensor,
    end_h: tl.tensor,
    end_c: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    SIZE: int,
    GATES: tl.constexpr,
    ROWS: tl.constexpr,
    PADDED: tl.constexpr,
) -> None:
    place, at_gates, inside, at_bias, start = _place(B, H, SIZE, GATES, ROWS, PADDED)
    unit = tl.arange(0, PADDED)
    # Transposed: element [j, i] is U[i, j], so that a row of states times it is U h. Units that are not there have no
    # weights and no input, so that their states stay zero.
    there = (unit[None, :] < SIZE) & (unit[:, None] < SIZE)
    weights = blocks + start + unit[None, :] * SIZE + unit[:, None]
    w_0, w_1, w_2, w_3 = read_gates(weights, H * SIZE, there, GATES)
    h = read(start_h + place, inside)
    own = read(start_c + place, inside)
    b = read(bias + at_bias, inside)
    z_0, z_1, z_2, z_3 = read_gates(z + at_gates, H, inside, GATES)
    EXACT: tl.constexpr = blocks.dtype.element_ty.primitive_bitwidth == 16
    none = tl.zeros((ROWS, PADDED), tl.float32)
    for t in range(T):
        u_0 = _product(h, w_0, none, EXACT)
        u_1 = _product(h, w_1, none, EXACT)
        u_2 = _product(h, w_2, none, EXACT)
        # The next input is on its way during the products that are left (after the last step: any that exists). Before
        # the first of them, registers would not suffice for lstm's blocks of 64 units in 16 bits.
        z += tl.where(t + 1 < T, N * GATES, 0)
        next_0, next_1, next_2, next_3 = read_gates(z + at_gates, H, inside, GATES)
        u_3 = _product(h, w_3, none, EXACT) if GATES == 4 else u_2
        g_0, g_1, g_2, g_3, own, h = step_forward(z_0, z_1, z_2, z_3, u_0, u_1, u_2, u_3, b, h, own, GATES)
        write_gates(gates + at_gates, H, inside, g_0, g_1, g_2, g_3, GATES)
        tl.store(inner + place, own, mask=inside)
        tl.store(states + place, h, mask=inside)
        gates += N * GATES
        inner += N
        states += N
        z_0, z_1, z_2, z_3 = next_0, next_1, next_2, next_3
    tl.store(end_h + place, h, mask=inside)
    if GATES == 4:
        tl.store(end_c + place, own, mask=inside)


@triton.jit(do_not_specialize=["T"])
def _backward(
    gradient: tl.tensor,
    dz: tl.tensor,
    gates: tl.tensor,
    inner: tl.tensor,
    states: tl.tensor,
    blocks: tl.tensor,
    h_0: tl.tensor,
    c_0: tl.tensor,
    carried_u: tl.tensor,
    carried_past: tl.tensor,
    T: int,
    N: int,
    B: int,
    H: int,
    SIZE: int,
    GATES: tl.constexpr,
    ROWS: tl.constexpr,
    PADDED: tl.constexpr,
) -> None:
    place, at_gates, inside, _, start = _place(B, H, SIZE, GATES, ROWS, PADDED)
    unit = tl.arange(0, PADDED)
    there = (unit[None, :] < SIZE) & (unit[:, None] < SIZE)
    weights = blocks + start + unit[:, None] * SIZE + unit[None, :]
    w_0, w_1, w_2, w_3 = read_gates(weights, H * SIZE, there, GATES)
    last = tl.cast(T - 1, tl.int64) * N
    gradient += last
    inner += last
    gates += last * GATES
    dz += last * GATES
    if GATES == 4:
        earlier = inner - N
        first = c_0
    else:
        earlier = states + last - N
        first = h_0
    through_u = read(carried_u + place, inside)
    past_u = read(carried_past + place, inside)  # lstm: the gradient of c; gru: what reaches h past U
    own = read(inner + place, inside)
    by_state, before, g_0, g_1, g_2, g_3 = read_step(
        gradient + place, tl.where(T > 1, earlier, first) + place, gates + at_gates, H, inside, GATES
    )
    EXACT: tl.constexpr = blocks.dtype.element_ty.primitive_bitwidth == 16
    none = tl.zeros((ROWS, PADDED), tl.float32)
    for t in range(T):
        d_0, d_1, d_2, d_3, heard, past_u = step_backward(
            by_state + through_u, past_u, g_0, g_1, g_2, g_3, own, before, GATES
        )
        write_gates(dz + at_gates, H, inside, d_0, d_1, d_2, d_3, GATES)
        through_u = _product(d_0, w_0, none, EXACT)
        through_u = _product(d_1, w_1, through_u, EXACT)
        if GATES == 4:
            through_u = _product(heard, w_2, through_u, EXACT)
        # What the next step reads is on its way during the product that is left. Before the others, registers would not
        # suffice for blocks of 64 units in 16 bits.
        back = tl.where(t + 1 < T, N, 0)  # before the beginning, the first step once more
        gradient -= back
        gates -= back * GATES
        dz -= back * GATES
        inner -= back
        earlier -= N
        own = before if GATES == 4 else read(inner + place, inside)
        by_state, before, g_0, g_1, g_2, g_3 = read_step(
            gradient + place, tl.where(t + 2 < T, earlier, first) + place, gates + at_gates, H, inside, GATES
        )
        through_u = _product(d_3, w_3, through_u, EXACT) if GATES == 4 else _product(heard, w_2, through_u, EXACT)
    tl.store(carried_u + place, through_u, mask=inside)
    tl.store(carried_past + place, past_u, mask=inside)
