"""Dense recurrences in compiled loops over all steps of a piece: between two steps no call of Python, and what is
elementwise is shared like the products.

Each thread has rows of its own, and meets no other; or units of its own, all gates of them, and then the threads that
have the same rows meet after each step. Units are what large matrices are shared by: a thread reads its part of the
weights only.

The matrix of a step is cut into panels of outputs, packed so that tiles read each from end to end (see
:func:`pack_panels`). A panel meets all rows of a thread, a few inputs at a time, while these weights and the rows' part
of the state stay in the caches. Every sum is taken input after input, whatever the share.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from rnnbench.kernels.band_buffers import clear
from rnnbench.kernels.cell_math import GRU, LSTM, RNN
from rnnbench.kernels.cell_steps import gru_step, gru_step_gradient, lstm_step, lstm_step_gradient
from rnnbench.kernels.meeting import meet
from rnnbench.kernels.numba_setup import compiled, inlined
from rnnbench.kernels.tile import TALL, WIDE, products
from rnnbench.kernels.vector import FLOAT32, INT64, lanes, load, pointer, store
from rnnbench.kernels.vector_math import IDENTITY, activate, times_derivative

GATES = {RNN: 1, LSTM: 4, GRU: 3}
DEPTH = 512
"""Inputs that are multiplied at a time: 64 KB of a panel of float32."""


def pitch_of(element: int) -> int:
    """Return how many outputs a panel has."""
    return WIDE * lanes(element)


def pack_panels(transposed: Tensor, pitch: int) -> Tensor:
    """Return matrices M, given as ``M^T`` ``[*, J, K]``, in panels ``[*, J / pitch, K, pitch]``, padded with zeros."""
    *leading, outputs, inputs = transposed.shape
    padded = torch.nn.functional.pad(transposed, (0, 0, 0, -outputs % pitch))
    return padded.reshape(*leading, -1, pitch, inputs).mT.contiguous()


@inlined
def _multiply(
    base: Any, source: int, base_pitch: int, given: bool, weights: Any, at: int, depth: int, known: bool,
    outputs: int, state: Any, begin: int, panel: int, rows: int, work: Any, width: int,
) -> None:  # fmt: skip
    """Put ``base + state M`` of the outputs of a panel for all rows at the beginning of ``work``, ``WIDE`` vectors a
    row; without the base or the product where one is not ``given`` or not ``known``."""
    pitch = WIDE * width
    vectors = min(WIDE, (outputs - panel + width - 1) // width)
    for r in range(rows):
        for x in range(vectors):
            valid = min(width, outputs - panel - x * width) if given else 0
            store(work, r * pitch + x * width, width, load(base, source + r * base_pitch + panel + x * width, valid))
    if known:
        groups = (rows + TALL - 1) // TALL
        for first in range(0, depth, DEPTH):
            terms = min(DEPTH, depth - first)
            for group in range(groups):
                n = rows * group // groups
                products(weights, at + panel * depth + first * pitch, pitch, state, begin + n * depth + first, depth,
                         terms, work, n * pitch, pitch, rows * (group + 1) // groups - n, vectors)  # fmt: skip


@inlined
def _put(work: Any, out: Any, to: int, apart: int, outputs: int, panel: int, rows: int, width: int, kind: int) -> None:
    """Write ``f`` of a panel's sums to ``out``."""
    vectors = min(WIDE, (outputs - panel + width - 1) // width)
    for r in range(rows):
        for x in range(vectors):
            i = panel + x * width
            v = activate(kind, load(work, r * WIDE * width + x * width, width))
            store(out, to + r * apart + i, min(width, outputs - i), v)


@lru_cache(maxsize=32)
def forward_sweep(element: int, cell: int, activation: int) -> Any:  # noqa: C901 - one nest of loops
    """Return the compiled forward sweep for one dtype, cell and (for rnn) activation.

    ``forward(z, gates, inner, out, packed, bias, h, c, work, arrivals, parties, T, N, B, H, row, last_row, unit,
    last_unit)`` writes the trace of rows ``row .. last_row`` of units ``unit .. last_unit``, whose first is the first
    of a panel. Addresses: ``z`` and ``gates`` ``[T, N, G, H]`` (they may be the same), ``inner`` and ``out``
    ``[T, N, H]`` (rnn: ``out`` alone, which may be ``z``), ``packed`` the panels of ``U^T`` of every replica, gate
    after gate, ``bias`` ``[N / B, H]`` or 0, ``h`` and ``c`` ``[N, H]`` or 0. ``work`` holds a panel of the rows, then
    lstm's first c or gru's ``U h``. ``arrivals`` counts how often the ``parties`` that have the same rows met; it is 0
    where there is one.
    """
    width, size = lanes(element), 4 if element == FLOAT32 else 8
    G = GATES[cell]
    kind = activation if cell == RNN else IDENTITY

    @compiled
    def forward(  # type: ignore[no-untyped-def]  # noqa: C901
        z, gates, inner, out, packed, bias, h, c, work, arrivals, parties, T, N, B, H, row, last_row, unit, last_unit
    ):
        z_, gates_, out_ = pointer(z, element), pointer(gates, element), pointer(out, element)
        packed_, h_, work_ = pointer(packed, element), pointer(h, element), pointer(work, element)
        J, pitch = G * H, WIDE * width
        gate_each = (H + pitch - 1) // pitch * pitch * H
        beside = (last_row - row) * pitch
        clear(work_, beside, beside + (last_row - row) * (H if cell == LSTM else J if cell == GRU else 0))
        for t in range(T):
            n = row
            while n < last_row:
                replica = n // B
                rows = min(last_row, (replica + 1) * B) - n
                here, known = t * N + n, t > 0 or h != 0
                for index in range(G):
                    weights, first = (replica * G + index) * gate_each, index * H
                    for panel in range(unit, last_unit, pitch):
                        source = here * J + first
                        if t > 0:
                            _multiply(z_, source, J, cell != GRU, packed_, weights, H, known, last_unit,
                                      out_, (here - N) * H, panel, rows, work_, width)  # fmt: skip
                        else:
                            _multiply(z_, source, J, cell != GRU, packed_, weights, H, known, last_unit,
                                      h_, n * H, panel, rows, work_, width)  # fmt: skip
                        if cell == RNN:
                            _put(work_, out_, here * H, H, last_unit, panel, rows, width, kind)
                        elif cell == LSTM:
                            _put(work_, gates_, source, J, last_unit, panel, rows, width, kind)
                        else:
                            _put(work_, work_, beside + first, J, last_unit, panel, rows, width, kind)
                at, gate = here * H * size, here * J * size
                if cell == LSTM:
                    before = inner + at - N * H * size
                    if t == 0:
                        before = c + n * H * size if c != 0 else work + beside * size
                    lstm_step(
                        pointer(gates + gate, element), pointer(gates + gate, element), pointer(before, element),
                        pointer(inner + at, element), pointer(out + at, element), rows, H, unit, last_unit,
                    )  # fmt: skip
                elif cell == GRU:
                    before = out + at - N * H * size
                    if t == 0:
                        # A zero state: the products with it are zeros, too.
                        before = h + n * H * size if h != 0 else work + beside * size
                    heard = bias + replica * H * size if bias != 0 else 0
                    gru_step(
                        pointer(z + gate, element), pointer(work + beside * size, element), pointer(heard, element),
                        heard != 0, pointer(gates + gate, element), pointer(inner + at, element),
                        pointer(before, element), pointer(out + at, element), rows, rows, H, unit, last_unit,
                    )  # fmt: skip
                n += rows
            if parties > 1:
                meet(pointer(arrivals, INT64), (t + 1) * parties)

    return forward


@lru_cache(maxsize=32)
def backward_sweep(element: int, cell: int, activation: int) -> Any:  # noqa: C901 - one nest of loops
    """Return the compiled backward sweep of a piece that belongs to :func:`forward_sweep`.

    ``backward(g, g_step, g_row, later, packed, carry, gates, inner, h, h_before, c_before, dz, da, work, arrivals,
    parties, T, N, B, H, row, last_row, unit, last_unit)`` turns the gradient ``g`` of the states ``h`` (``g_step`` and
    ``g_row`` are its strides in elements) into that of z, ``dz``, and that of ``U h``, ``da`` (the same but for gru;
    for rnn they may be ``g``). Addresses: ``later`` da of the step after the piece or 0, ``packed`` the panels of U of
    every replica, ``carry`` the gradient of c, or what reaches h past U (rnn: 0), ``h_before`` and ``c_before``
    ``[N, H]`` or 0. ``work`` holds a panel of the rows, their gradient of h, and zeros.
    """
    width, size = lanes(element), 4 if element == FLOAT32 else 8
    G = GATES[cell]

    @compiled
    def backward(  # type: ignore[no-untyped-def]  # noqa: C901
        g, g_step, g_row, later, packed, carry, gates, inner, h, h_before, c_before, dz, da, work,
        arrivals, parties, T, N, B, H, row, last_row, unit, last_unit,
    ):  # fmt: skip
        g_, later_, packed_ = pointer(g, element), pointer(later, element), pointer(packed, element)
        h_, dz_, da_, work_ = pointer(h, element), pointer(dz, element), pointer(da, element), pointer(work, element)
        J, pitch = G * H, WIDE * width
        each = (H + pitch - 1) // pitch * pitch * J
        d_h = (last_row - row) * pitch
        zeros = d_h + (last_row - row) * H
        clear(work_, zeros, zeros + (last_row - row) * H)
        for t in range(T - 1, -1, -1):
            n = row
            while n < last_row:
                replica = n // B
                rows = min(last_row, (replica + 1) * B) - n
                here, known = t * N + n, t < T - 1 or later != 0
                for panel in range(unit, last_unit, pitch):
                    source = t * g_step + n * g_row
                    if t < T - 1:
                        _multiply(g_, source, g_row, True, packed_, replica * each, J, known, last_unit,
                                  da_, (here + N) * J, panel, rows, work_, width)  # fmt: skip
                    else:
                        _multiply(g_, source, g_row, True, packed_, replica * each, J, known, last_unit,
                                  later_, n * J, panel, rows, work_, width)  # fmt: skip
                    if cell != RNN:
                        _put(work_, work_, d_h, H, last_unit, panel, rows, width, IDENTITY)
                        continue
                    for r in range(rows):
                        for i in range(panel, min(last_unit, panel + pitch), width):
                            valid, at = min(width, last_unit - i), (here + r) * H + i
                            v = load(work_, r * pitch + i - panel, width)
                            store(dz_, at, valid, times_derivative(activation, v, load(h_, at, valid)))
                at, gate, own = here * H * size, here * J * size, n * H * size
                if cell == LSTM:
                    before = inner + at - N * H * size
                    if t == 0:
                        before = c_before + own if c_before != 0 else work + zeros * size
                    lstm_step_gradient(
                        pointer(work + d_h * size, element), pointer(carry + own, element),
                        pointer(gates + gate, element), pointer(before, element), pointer(inner + at, element),
                        pointer(dz + gate, element), rows, H, unit, last_unit,
                    )  # fmt: skip
                elif cell == GRU:
                    before = h + at - N * H * size
                    if t == 0:
                        before = h_before + own if h_before != 0 else work + zeros * size
                    gru_step_gradient(
                        pointer(work + d_h * size, element), pointer(carry + own, element),
                        pointer(gates + gate, element), pointer(inner + at, element), pointer(before, element),
                        pointer(dz + gate, element), pointer(da + gate, element), rows, H, unit, last_unit,
                    )  # fmt: skip
                n += rows
            if parties > 1:
                meet(pointer(arrivals, INT64), (T - t) * parties)

    return backward
