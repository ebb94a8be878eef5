"""Diagonal recurrences on a GPU: every unit of every row is a chain of its own, kept in a register over all time steps.

Rows and units are one flat index of ``N = rows * H`` elements, so that no lane idles at an odd H.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.triton_activation import Activation, activate, times_derivative
from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_walk import Carried, UnitWalk

ELEMENTS = 128
"""Elements per program: four per lane of one warp. Small, so that B = 32, H = 512 already gives a program to each of
the 100-odd multiprocessors of a GPU."""
WARPS = 1
STAGES: tl.constexpr = tl.constexpr(8)
"""Time steps in flight: loads depend on no state, so they are started this many steps before their use."""


class DiagonalWalk(UnitWalk):
    """The walk of diagonal rnn. What is carried backward is the gradient of z of the step after, which u has yet to
    meet: product and sum round once."""

    sums = 1

    def __init__(self, activation: Activation) -> None:
        self._activation = activation

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> None:
        """Write the states; see :meth:`Walk.forward`."""
        (T, _, B, H), N = z.shape, start.h.numel()
        _forward[(triton.cdiv(N, ELEMENTS),)](
            z, trace.h, weights.stored, start.h, end.h, T, N, B, H, self._activation, ELEMENTS, **options(WARPS)
        )

    def backward(
        self, gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
    ) -> None:
        """Write the gradient of z; see :meth:`Walk.backward`."""
        (T, _, B, H), N = dz.shape, before.h.numel()
        _backward[(triton.cdiv(N, ELEMENTS),)](
            gradient, dz, trace.h, weights.stored, before.h, carried.through_u, carried.sums, T, N, B, H,
            self._activation, ELEMENTS, **options(WARPS),
        )  # fmt: skip

    def by_state(self, carried: Carried, weights: Weights) -> Tensor:
        """Return the gradient of h before the first step of all; see :meth:`Walk.by_state`."""
        return carried.through_u * weights.stored


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
    ACTIVATION: tl.constexpr,
    ELEMENTS: tl.constexpr,
) -> None:
    element = tl.program_id(0) * ELEMENTS + tl.arange(0, ELEMENTS)
    inside = element < N
    u = read(bands + element // (B * H) * H + element % H, inside)
    h = read(start_h + element, inside)
    source = z + element
    target = states + element
    for _ in tl.range(0, T, num_stages=STAGES):
        h = activate(tl.fma(u, h, read(source, inside)), ACTIVATION)
        tl.store(target, h, mask=inside)
        source += N
        target += N
    tl.store(end_h + element, h, mask=inside)


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
    by_z = read(carried + element, inside)
    by_band = read(sums + element, inside)
    for _ in tl.range(1, T, num_stages=STAGES):
        state -= N
        before = read(state, inside)
        by_z = times_derivative(tl.fma(u, by_z, read(source, inside)), h, ACTIVATION)
        tl.store(target, by_z, mask=inside)
        by_band = tl.fma(by_z, before, by_band)
        h = before
        source -= N
        target -= N
    by_z = times_derivative(tl.fma(u, by_z, read(source, inside)), h, ACTIVATION)
    tl.store(target, by_z, mask=inside)
    by_band = tl.fma(by_z, read(h_0 + element, inside), by_band)
    tl.store(sums + element, by_band, mask=inside)
    tl.store(carried + element, by_z, mask=inside)
