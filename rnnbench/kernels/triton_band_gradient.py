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
    return _summed(by_z, by_z, states, initial, band, 1)


def gated_band_gradient(
    by_z: Tensor, gates: Tensor, states: Tensor, initial: Tensor, band: Band
) -> tuple[Tensor, Tensor | None]:
    """Return the gradients of lstm's or gru's bands ``[R, G, lower + upper + 1, H]`` and of gru's bias ``[R, H]``.

    Both are float32. In gru, what reaches ``U_n h + b_n`` is the gradient of its gate n times the gate r.

    Parameters
    ----------
    by_z, gates
        Gradient of ``z``, and the gates: ``[T, R, B, G H]``, contiguous.
    states, initial
        As for :func:`band_gradient`.
    """
    R, _, H = initial.shape
    gate_count = by_z.shape[-1] // H
    total = _summed(by_z, gates, states, initial, band, gate_count)
    taps = gate_count * (band.lower + band.upper + 1)
    return total[:, :taps].view(R, gate_count, -1, H), total[:, taps] if gate_count == 3 else None


def _summed(by_z: Tensor, gates: Tensor, states: Tensor, initial: Tensor, band: Band, gate_count: int) -> Tensor:
    """Return the gradients of all taps, gate after gate, and, for gru, of its bias: ``[R, rows, H]``."""
    T, R, B, H = states.shape
    chunks = triton.cdiv(T * B, ROWS)
    rows = gate_count * (band.lower + band.upper + 1) + (gate_count == 3)
    parts = by_z.new_empty((R, chunks, rows, H), dtype=torch.float32)
    _by_chunk[(chunks * gate_count, triton.cdiv(H, UNITS), R)](
        by_z, gates, states, initial, parts, T, R, B, H, chunks, *band, gate_count, ROWS, UNITS, **options(WARPS)
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
    gates: tl.tensor,
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
    GATES: tl.constexpr,
    ROWS: tl.constexpr,
    UNITS: tl.constexpr,
) -> None:
    TAPS: tl.constexpr = LOWER + UPPER + 1
    SUMS: tl.constexpr = GATES * TAPS + (1 if GATES == 3 else 0)
    chunk = tl.program_id(0) // GATES  # the gates of a chunk, which read the same states, run at about the same time
    gate = tl.program_id(0) % GATES
    replica = tl.program_id(2)
    unit = tl.program_id(1) * UNITS + tl.arange(0, UNITS)[None, :]
    step = (chunk.to(tl.int64) * ROWS + tl.arange(0, ROWS))[:, None]
    t = step // B
    row = (t * R + replica) * B + step % B
    present = t < T
    by_here = read(by_z + (row * GATES + gate) * H + unit, present & (unit < H))
    part = parts + (replica.to(tl.int64) * chunks + chunk) * SUMS * H + unit
    if GATES == 3:
        of_n = gate == 2
        r = read(gates + row * GATES * H + unit, present & (unit < H) & of_n)
        by_here *= tl.where(of_n, r, 1.0)
        tl.store(part + GATES * TAPS * H, tl.sum(by_here, axis=0)[None, :], mask=(unit < H) & of_n)
    part += gate * TAPS * H
    # h_{t-1} lies R * B rows before h_t; for the first step it is h_0.
    earlier = states + (row - R * B) * H
    first = initial + (row % (R * B)) * H
    for k in range(TAPS):
        source, inside = source_of(unit, k - LOWER, H, CIRCULAR)
        before = read(earlier + source, present & inside & (t > 0))
        before += read(first + source, present & inside & (t == 0))
        total = tl.sum(by_here * before, axis=0)[None, :]
        tl.store(part + k * H, tl.where(inside, total, 0.0), mask=unit < H)
