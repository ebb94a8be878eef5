"""Small dense blocks in lstm and gru on a GPU: one program holds a block's weights of all gates on chip and walks
through time with 16 rows, whose h and c stay in registers.

Products are those of :mod:`rnnbench.kernels.triton_blocks`.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.pieces import spans
from rnnbench.kernels.triton_blocks import ROWS, WIDENED, Launch, padded_size
from rnnbench.kernels.triton_cell import read_gates, read_step, step_backward, step_forward, write_gates
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_shapes import GatedGradients


def launch_of(size: int) -> Launch:
    """Return the layout for blocks of ``size`` units: eight to a warp, the fewest a tensor core multiplies by."""
    padded = padded_size(size)
    return Launch(padded, padded // 8)


def forward(
    z: Tensor, gates: Tensor, inner: Tensor, states: Tensor, blocks: Tensor, bias: Tensor, h_0: Tensor, c_0: Tensor
) -> None:
    """Write the gates, the inner values and the states.

    Parameters are those of :func:`rnnbench.kernels.triton_gated_diagonal.forward`, for ``blocks``
    ``[R, G, n, H/n, H/n]``.
    """
    T, R, B, H = states.shape
    gate_count, count, size = blocks.shape[1:4]
    launch = launch_of(size)
    _forward[(triton.cdiv(B, ROWS) * count * R,)](
        z, gates, inner, states, blocks, bias, h_0, c_0, T, R * B * H, B, H, size, gate_count, ROWS, launch.padded,
        **options(launch.warps),
    )  # fmt: skip


def backward(
    gradient: Tensor,
    gates: Tensor,
    inner: Tensor,
    states: Tensor,
    blocks: Tensor,
    h_0: Tensor,
    c_0: Tensor,
    by_last_c: Tensor,
    dz: Tensor,
) -> GatedGradients:
    """Write the gradient of z to ``dz`` and return the others.

    Parameters are those of :func:`rnnbench.kernels.triton_gated_diagonal.backward`.
    """
    T, R, B, H = states.shape
    gate_count, count, size = blocks.shape[1:4]
    launch = launch_of(size)
    by_h, by_c = torch.empty_like(h_0), torch.empty_like(h_0)
    _backward[(triton.cdiv(B, ROWS) * count * R,)](
        gradient, dz, gates, inner, states, blocks, h_0, c_0, by_last_c, by_h, by_c, T, R * B * H, B, H, size,
        gate_count, ROWS, launch.padded, **options(launch.warps),
    )  # fmt: skip
    stored, bias = _weight_gradients(dz, gates, states, h_0, blocks.shape)
    return GatedGradients(stored, bias, by_h, by_c if gate_count == 4 else None)


def _weight_gradients(
    dz: Tensor, gates: Tensor, states: Tensor, h_0: Tensor, shape: torch.Size
) -> tuple[Tensor, Tensor | None]:
    """Return the gradients of blocks of that ``shape`` and of gru's bias, in float32: GEMMs over many steps at once."""
    T, R, _, H = states.shape
    gate_count, count, size = shape[1:4]
    blocks = states.new_zeros(shape, dtype=torch.float32)
    bias = blocks.new_zeros(R, H) if gate_count == 3 else None
    # Halves are widened for the GEMM, so many steps at a time that the memory for it stays small.
    steps = max(1, WIDENED // dz[0].numel())
    for first, last in [(0, 1), *spans(1, T, steps)]:
        by_gate = torch.unflatten(dz[first:last], -1, (gate_count, H)).float()
        if bias is not None:  # what reaches U_n h + b_n passes r
            by_r, by_u, by_n = by_gate.unbind(-2)
            heard = by_n * gates[first:last, ..., :H].float()
            by_gate = torch.stack((by_r, by_u, heard), dim=-2)
            bias += heard.sum((0, 2))
        before = h_0.unsqueeze(0) if first == 0 else states[first - 1 : last - 1]
        by_block, before = (torch.unflatten(each, -1, (count, size)) for each in (by_gate, before.float()))
        blocks += torch.einsum("trbgni,trbnj->rgnij", by_block, before)
    return blocks, bias


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


@triton.jit(do_not_specialize=["T"])
def _forward(
    z: tl.tensor,
    gates: tl.tensor,
    inner: tl.tensor,
    states: tl.tensor,
    blocks: tl.tensor,
    bias: tl.tensor,
    h_0: tl.tensor,
    c_0: tl.tensor,
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
    h = read(h_0 + place, inside)
    own = read(c_0 + place, inside)
    b = read(bias + at_bias, inside)
    z_0, z_1, z_2, z_3 = read_gates(z + at_gates, H, inside, GATES)
    for t in range(T):
        # The next input is on its way during the products (after the last step: any that exists).
        z += tl.where(t + 1 < T, N * GATES, 0)
        next_0, next_1, next_2, next_3 = read_gates(z + at_gates, H, inside, GATES)
        u_0 = tl.dot(h, w_0, input_precision="tf32x3")
        u_1 = tl.dot(h, w_1, input_precision="tf32x3")
        u_2 = tl.dot(h, w_2, input_precision="tf32x3")
        u_3 = tl.dot(h, w_3, input_precision="tf32x3") if GATES == 4 else u_2
        g_0, g_1, g_2, g_3, own, h = step_forward(z_0, z_1, z_2, z_3, u_0, u_1, u_2, u_3, b, h, own, GATES)
        write_gates(gates + at_gates, H, inside, g_0, g_1, g_2, g_3, GATES)
        tl.store(inner + place, own, mask=inside)
        tl.store(states + place, h, mask=inside)
        gates += N * GATES
        inner += N
        states += N
        z_0, z_1, z_2, z_3 = next_0, next_1, next_2, next_3


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
    by_last_c: tl.tensor,
    by_h: tl.tensor,
    by_c: tl.tensor,
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
    through_u = tl.zeros((ROWS, PADDED), tl.float32)
    past_u = read(by_last_c + place, inside)  # lstm: the gradient of c; gru: what reaches h past U, zero at first
    own = read(inner + place, inside)
    by_state, before, g_0, g_1, g_2, g_3 = read_step(
        gradient + place, tl.where(T > 1, earlier, first) + place, gates + at_gates, H, inside, GATES
    )
    for t in range(T):
        d_0, d_1, d_2, d_3, heard, past_u = step_backward(
            by_state + through_u, past_u, g_0, g_1, g_2, g_3, own, before, GATES
        )
        write_gates(dz + at_gates, H, inside, d_0, d_1, d_2, d_3, GATES)
        through_u = tl.dot(d_0, w_0, input_precision="tf32x3")
        through_u = tl.dot(d_1, w_1, through_u, input_precision="tf32x3")
        # What the next step reads is on its way during the products that are left. Before the first of them, registers
        # would not suffice for lstm's blocks of 64 units in 16 bits.
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
        through_u = tl.dot(heard, w_2, through_u, input_precision="tf32x3")
        if GATES == 4:
            through_u = tl.dot(d_3, w_3, through_u, input_precision="tf32x3")
    if GATES == 4:
        tl.store(by_c + place, past_u, mask=inside)
    else:
        through_u += past_u
    tl.store(by_h + place, through_u, mask=inside)
