"""Diagonal recurrences on a GPU: every unit of every row is a chain of its own, kept in a register over all time steps.

Rows and units are one flat index of ``N = rows * H`` elements, so that no lane idles at an odd H.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.triton_activation import Activation, activate, times_derivative
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read

ELEMENTS = 128
"""Elements per program: four per lane of one warp. Small, so that B = 32, H = 512 already gives a program to each of
the 100-odd multiprocessors of a GPU."""
WARPS = 1
STAGES: tl.constexpr = tl.constexpr(8)
"""Time steps in flight: loads depend on no state, so they are started this many steps before their use."""


def forward(z: Tensor, states: Tensor, bands: Tensor, initial: Tensor, activation: Activation) -> None:
    """Write the states.

    Parameters
    ----------
    z, states
        ``[T, R, B, H]``, contiguous; they may be the same.
    bands
        ``[R, 1, H]``.
    initial
        ``h_0`` ``[R, B, H]``.
    """
    T, _, B, H = z.shape
    N = initial.numel()
    _forward[(triton.cdiv(N, ELEMENTS),)](z, states, bands, initial, T, N, B, H, activation, ELEMENTS, **options(WARPS))


def backward(
    gradient: Tensor, states: Tensor, bands: Tensor, initial: Tensor, dz: Tensor, activation: Activation
) -> tuple[Tensor, Tensor]:
    """Write the gradient of ``z`` to ``dz``; ``gradient`` is that of the states, and may be ``dz`` itself.

    Returns
    -------
    tuple[Tensor, Tensor]
        The gradients of ``bands``, in float32, and of ``initial``. Each row's part is summed over time by the program
        that owns it, the parts over the batch afterwards: an order that never changes.
    """
    T, R, B, H = gradient.shape
    N = initial.numel()
    by_row = torch.empty_like(initial, dtype=torch.float32)
    by_initial = torch.empty_like(initial)
    _backward[(triton.cdiv(N, ELEMENTS),)](
        gradient, dz, states, bands, initial, by_row, by_initial, T, N, B, H, activation, ELEMENTS, **options(WARPS)
    )
    return by_row.sum(-2).view(R, 1, H), by_initial


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
    ACTIVATION: tl.constexpr,
    ELEMENTS: tl.constexpr,
) -> None:
    element = tl.program_id(0) * ELEMENTS + tl.arange(0, ELEMENTS)
    inside = element < N
    u = read(bands + element // (B * H) * H + element % H, inside)
    h = read(initial + element, inside)
    source = z + element
    target = states + element
    for _ in tl.range(0, T, num_stages=STAGES):
        h = activate(read(source, inside) + u * h, ACTIVATION)
        tl.store(target, h, mask=inside)
        source += N
        target += N


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
    ACTIVATION: tl.constexpr,
    ELEMENTS: tl.constexpr,
) -> None:
    element = tl.program_id(0) * ELEMENTS + tl.arange(0, ELEMENTS)
    inside = element < N
    u = read(bands + element // (B * H) * H + element % H, inside)
    last = tl.cast(T - 1, tl.int64) * N
    source = gradient + last + element
    target = dz + last + element
    state = states + last + element
    h = read(state, inside)
    carry = tl.zeros_like(h)
    by_band = tl.zeros_like(h)
    for _ in tl.range(1, T, num_stages=STAGES):
        state -= N
        before = read(state, inside)
        by_z = times_derivative(read(source, inside) + carry, h, ACTIVATION)
        tl.store(target, by_z, mask=inside)
        by_band += by_z * before
        carry = by_z * u
        h = before
        source -= N
        target -= N
    by_z = times_derivative(read(source, inside) + carry, h, ACTIVATION)
    tl.store(target, by_z, mask=inside)
    by_band += by_z * read(initial + element, inside)
    tl.store(by_row + element, by_band, mask=inside)
    tl.store(by_initial + element, by_z * u, mask=inside)
