"""The gradient of a band's taps: a correlation of two sequences, without any order in time, so it runs after the sweep.

``d bands[k, i] = sum over t and rows of dz_t[i] h_{t-1}[i + k - lower]``. Every program sums a chunk of rows, torch
sums the chunks: no atomics, the same order every time.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read

ROWS = 64
"""Rows (time steps times batch) per program."""
UNITS = 32
"""Units per program: one 128-byte line of each row."""
WARPS = 4


class Band(NamedTuple):
    """Which neighbours feed a unit."""

    lower: int
    upper: int
    circular: bool


def band_gradient(by_z: Tensor, states: Tensor, initial: Tensor, band: Band) -> Tensor:
    """Return the gradient of the bands ``[R, lower + upper + 1, H]``, float32.

    Parameters
    ----------
    by_z, states
        Gradient of ``z``, and ``h_1 .. h_T``: ``[T, R, B, H]``, contiguous.
    initial
        ``h_0`` ``[R, B, H]``.
    """
    T, R, B, H = by_z.shape
    chunks = triton.cdiv(T * B, ROWS)
    parts = by_z.new_empty((R, chunks, band.lower + band.upper + 1, H), dtype=torch.float32)
    _by_chunk[(chunks, triton.cdiv(H, UNITS), R)](
        by_z, states, initial, parts, T, R, B, H, chunks, *band, ROWS, UNITS, **options(WARPS)
    )
    return torch.sum(parts, dim=1)


@triton.jit
def source_of(unit: tl.tensor, shift: int, H: int, CIRCULAR: tl.constexpr) -> tuple[tl.tensor, tl.tensor]:
    """Return (the unit that lies ``shift`` away, whether both exist)."""
    source = unit + shift
    if CIRCULAR:  # a band no wider than H: one turn is enough
        source = tl.where(source < 0, source + H, tl.where(source >= H, source - H, source))
    return source, (unit < H) & (source >= 0) & (source < H)


@triton.jit(do_not_specialize=["T", "chunks"])
def _by_chunk(
    by_z: tl.tensor,
    states: tl.tensor,
    initial: tl.tensor,
    parts: tl.tensor,
    T: int,
    R: int,
    B: int,
    H: int,
    chunks: int,
    LOWER: tl.constexpr,
    UPPER: tl.constexpr,
    CIRCULAR: tl.constexpr,
    ROWS: tl.constexpr,
    UNITS: tl.constexpr,
) -> None:
    TAPS: tl.constexpr = LOWER + UPPER + 1
    chunk = tl.program_id(0)
    replica = tl.program_id(2)
    unit = tl.program_id(1) * UNITS + tl.arange(0, UNITS)[None, :]
    step = (chunk.to(tl.int64) * ROWS + tl.arange(0, ROWS))[:, None]
    t = step // B
    row = (t * R + replica) * B + step % B
    present = t < T
    by_here = read(by_z + row * H + unit, present & (unit < H))
    # h_{t-1} lies R * B rows before h_t; for the first step it is h_0.
    earlier = states + (row - R * B) * H
    first = initial + (row % (R * B)) * H
    part = parts + (replica.to(tl.int64) * chunks + chunk) * TAPS * H + unit
    for k in range(TAPS):
        source, inside = source_of(unit, k - LOWER, H, CIRCULAR)
        before = read(earlier + source, present & inside & (t > 0))
        before += read(first + source, present & inside & (t == 0))
        total = tl.sum(by_here * before, axis=0)[None, :]
        tl.store(part + k * H, tl.where(inside, total, 0.0), mask=unit < H)
