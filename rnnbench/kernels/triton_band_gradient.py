"""The gradient of a band's taps: a correlation of two sequences, without any order in time, so it runs after the sweep.

``d bands[k, i] = sum over t and rows of dz_t[i] h_{t-1}[i + k - lower]``. Every program sums a chunk of rows, torch
sums the chunks: no atomics, the same order every time.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl

from rnnbench.kernels.triton_launch import options
from rnnbench.kernels.triton_memory import read
from rnnbench.kernels.triton_walk import Span, Sums

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


def band_gradient(span: Span, band: Band, gate_count: int) -> Sums:
    """Return the gradients of the bands ``[R, G, lower + upper + 1, H]`` and of gru's bias ``[R, H]``.

    In gru, what reaches ``U_n h + b_n`` is the gradient of its gate n times the gate r.
    """
    T, R, B, H = span.h.shape
    taps = gate_count * (band.lower + band.upper + 1)
    chunks = triton.cdiv(T * B, ROWS)
    parts = span.dz.new_empty((R, chunks, taps + (gate_count == 3), H), dtype=torch.float32)
    gates = span.dz if span.gates is None else span.gates
    _by_chunk[(chunks * gate_count, triton.cdiv(H, UNITS), R)](
        span.dz, gates, span.h, span.before, parts, T, R, B, H, chunks, *band, gate_count, ROWS, UNITS,
        **options(WARPS),
    )  # fmt: skip
    total = parts.sum(dim=1)
    stored = total[:, :taps].reshape(R, gate_count, -1, H)
    return Sums(stored, total[:, taps] if gate_count == 3 else None)


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
