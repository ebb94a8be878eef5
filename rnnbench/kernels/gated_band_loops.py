"""Banded recurrences of lstm and gru in compiled loops: time outermost, then rows, then vectors of units, in which all
gates of a step are computed from registers. Bands of a gate are those of cell rnn (see ``fused_banded``): states and
gradients lie in padded buffers, so that a tap is a shifted load.

A sweep backward holds ``da``, the gradients of every gate's ``U h`` of the step after, in such buffers. Where it stops
between two pieces of time, these, lstm's gradient of c (gru's of h past U) and the sums of the bands stay in place.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rnnbench.kernels.band_buffers import begin_row, clear, flush, padded, transpose_bands, wrap
from rnnbench.kernels.cell_math import GRU, LSTM, gru_backward, gru_forward, lstm_backward, lstm_forward
from rnnbench.kernels.fused_banded import ANY, FLUSH_STEPS
from rnnbench.kernels.numba_setup import compiled, inlined
from rnnbench.kernels.vector import FLOAT64, fma, kept_if, lanes, load, pointer, store


@inlined
def _through(taps: int, bands: Any, band: int, pitch: int, count: int, state: Any, old: int, width: int, v: Any) -> Any:
    """Return ``v`` plus one gate's taps over the state."""
    for k in range(taps):
        v = fma(load(bands, band + k * pitch, count), load(state, old + k, width), v)
    return v


@lru_cache(maxsize=64)
def forward_sweep(element: int, cell: int, lower: int, upper: int, circular: bool) -> Any:  # noqa: C901 - one nest
    """Return the compiled forward sweep of one cell and bandwidth (:data:`ANY`: of all), for one dtype.

    ``forward(z, gates, inner, out, bands, bias, h, c, work, T, N, B, H, row, last_row, unit, last_unit, lower, upper)``
    writes the trace of rows ``row .. last_row`` and units ``unit .. last_unit``. Addresses: ``z`` and ``gates``
    ``[T, N, G, H]`` (they may be the same), ``inner`` and ``out`` ``[T, N, H]``, ``bands`` ``[N / B, G, taps, H]``,
    ``bias`` ``[N / B, H]`` or 0, ``h`` and ``c`` ``[N, H]`` or 0; ``work`` holds two padded rows of the state for each
    row, then a row of c.
    """
    width = lanes(element)
    G = 4 if cell == LSTM else 3

    @compiled
    def forward(  # type: ignore[no-untyped-def]
        z, gates, inner, out, bands, bias, h, c, work, T, N, B, H, row, last_row, unit, last_unit, lower_, upper_
    ):
        low = lower_ if lower == ANY else lower
        up = upper_ if lower == ANY else upper
        taps = low + up + 1
        z_, gates_, inner_ = pointer(z, element), pointer(gates, element), pointer(inner, element)
        out_, bands_, bias_ = pointer(out, element), pointer(bands, element), pointer(bias, element)
        h_, c_, state = pointer(h, element), pointer(c, element), pointer(work, element)
        rows, units = last_row - row, last_unit - unit
        left, span = padded(low, width), padded(units, width)
        pitch = left + span + padded(up, width)
        cells = 2 * rows * pitch
        clear(state, 0, cells + rows * span)
        for n in range(rows):
            at = (row + n) * H + unit
            if h != 0:
                begin_row(h_, at, state, n * pitch + left, units, low, up, circular)
            if c != 0:
                begin_row(c_, at, state, cells + n * span, units, 0, 0, False)
        for t in range(T):
            for n in range(rows):
                old = ((t & 1) * rows + n) * pitch + left - low
                new = ((~t & 1) * rows + n) * pitch + left
                at = (t * N + row + n) * H + unit
                gate = (t * N + row + n) * G * H + unit
                replica = (row + n) // B
                band, one = replica * G * taps * H + unit, taps * H
                for i in range(0, units, width):
                    count = min(width, units - i)
                    zero = load(z_, gate + i, 0)
                    if cell == LSTM:
                        a_i = _through(taps, bands_, band + i, H, count, state, old + i, width,
                                       load(z_, gate + i, count))  # fmt: skip
                        a_f = _through(taps, bands_, band + one + i, H, count, state, old + i, width,
                                       load(z_, gate + H + i, count))  # fmt: skip
                        a_g = _through(taps, bands_, band + 2 * one + i, H, count, state, old + i, width,
                                       load(z_, gate + 2 * H + i, count))  # fmt: skip
                        a_o = _through(taps, bands_, band + 3 * one + i, H, count, state, old + i, width,
                                       load(z_, gate + 3 * H + i, count))  # fmt: skip
                        place = cells + n * span + i
                        g_i, g_f, g_g, g_o, c_t, h_t = lstm_forward(a_i, a_f, a_g, a_o, load(state, place, width))
                        store(gates_, gate + 3 * H + i, count, g_o)
                        store(state, place, count, c_t)
                        store(inner_, at + i, count, c_t)
                    else:
                        a_r = _through(taps, bands_, band + i, H, count, state, old + i, width,
                                       load(z_, gate + i, count))  # fmt: skip
                        a_u = _through(taps, bands_, band + one + i, H, count, state, old + i, width,
                                       load(z_, gate + H + i, count))  # fmt: skip
                        if bias != 0:
                            zero = load(bias_, replica * H + unit + i, count)
                        listened = _through(taps, bands_, band + 2 * one + i, H, count, state, old + i, width, zero)
                        g_i, g_f, g_g, h_t = gru_forward(a_r, a_u, load(z_, gate + 2 * H + i, count), listened,
                                                         load(state, old + low + i, width))  # fmt: skip
                        store(inner_, at + i, count, listened)
                    store(gates_, gate + i, count, g_i)
                    store(gates_, gate + H + i, count, g_f)
                    store(gates_, gate + 2 * H + i, count, g_g)
                    store(out_, at + i, count, h_t)
                    store(state, new + i, count, h_t)
                if circular:
                    wrap(state, new, units, low, up)

    return forward


@inlined
def _back(
    taps: int, work: Any, old: int, band: int, sums: int, pitch: int, before: Any, width: int, d: Any
) -> Any:  # fmt: skip
    """Return ``d`` plus one gate's taps of U^T over its da, and add ``before da`` to the sums of its bands."""
    for k in range(taps):
        later = load(work, old + k, width)
        d = fma(load(work, band + k * pitch, width), later, d)
        place = sums + band + k * pitch
        store(work, place, width, fma(before, later, load(work, place, width)))
    return d


@lru_cache(maxsize=64)
def backward_sweep(element: int, cell: int, lower: int, upper: int, circular: bool) -> Any:  # noqa: C901 - one nest
    """Return the compiled backward sweep of a piece that belongs to :func:`forward_sweep`.

    ``backward(g, g_step, g_row, gates, inner, h, h_before, c_before, dz, work, total, first, T, steps, N, B, H, row,
    last_row, unit, last_unit, lower, upper)``: the piece has T steps from ``first`` on, of ``steps`` in all. ``work``
    (see :func:`begin`) and ``total`` stay as they are from piece to piece.
    """
    width = lanes(element)
    G = 4 if cell == LSTM else 3

    @compiled
    def backward(  # type: ignore[no-untyped-def]  # noqa: C901
        g, g_step, g_row, gates, inner, h, h_before, c_before, dz, work, total,
        first, T, steps, N, B, H, row, last_row, unit, last_unit, lower_, upper_,
    ):  # fmt: skip
        low = lower_ if lower == ANY else lower
        up = upper_ if lower == ANY else upper
        taps = low + up + 1
        g_, gates_, inner_, h_ = (
            pointer(g, element), pointer(gates, element), pointer(inner, element), pointer(h, element)
        )  # fmt: skip
        h_before_, c_before_ = pointer(h_before, element), pointer(c_before, element)
        dz_, work_, total_ = pointer(dz, element), pointer(work, element), pointer(total, FLOAT64)
        rows, units = last_row - row, last_unit - unit
        span, left = padded(units, width), padded(up, width)
        pitch = left + span + padded(low, width)
        one, start = taps * span, row // B
        each = G * one + (span if cell == GRU else 0)
        sums = ((last_row - 1) // B - start + 1) * each
        da = 2 * sums
        carry = da + 2 * rows * G * pitch
        for s in range(T - 1, -1, -1):
            t = first + s
            for n in range(rows):
                old = da + ((t & 1) * rows + n) * G * pitch + left - up
                new = da + ((~t & 1) * rows + n) * G * pitch + left
                at = (s * N + row + n) * H + unit
                gate = (s * N + row + n) * G * H + unit
                gradient = s * g_step + (row + n) * g_row + unit
                band = ((row + n) // B - start) * each
                for i in range(0, units, width):
                    count = min(width, units - i)
                    h_t = load(h_, at + i, count)
                    # Nothing follows the last state: not even an infinite one takes part in the sum.
                    known = kept_if(t < steps - 1, h_t)
                    d = load(g_, gradient + i, count)
                    for k in range(G):
                        d = _back(taps, work_, old + k * pitch + i, band + k * one + i, sums, span, known, width, d)
                    place = carry + n * span + i
                    own = load(work_, place, width)
                    if cell == LSTM:
                        if s > 0:
                            earlier = load(inner_, at - N * H + i, count)
                        else:
                            earlier = load(c_before_, (row + n) * H + unit + i, count if c_before != 0 else 0)
                        d_i, d_f, d_g, d_o, own = lstm_backward(
                            d, own, load(gates_, gate + i, count), load(gates_, gate + H + i, count),
                            load(gates_, gate + 2 * H + i, count), load(gates_, gate + 3 * H + i, count),
                            earlier, load(inner_, at + i, count),
                        )  # fmt: skip
                        store(work_, new + 2 * pitch + i, count, d_g)
                        store(work_, new + 3 * pitch + i, count, d_o)
                        store(dz_, gate + 3 * H + i, count, d_o)
                    else:
                        if s > 0:
                            earlier = load(h_, at - N * H + i, count)
                        else:
                            earlier = load(h_before_, (row + n) * H + unit + i, count if h_before != 0 else 0)
                        d_i, d_f, d_g, d_listened, own = gru_backward(
                            d + own, load(gates_, gate + i, count), load(gates_, gate + H + i, count),
                            load(gates_, gate + 2 * H + i, count), load(inner_, at + i, count), earlier,
                        )  # fmt: skip
                        store(work_, new + 2 * pitch + i, count, d_listened)
                        place_bias = sums + band + G * one + i
                        store(work_, place_bias, count, load(work_, place_bias, width) + d_listened)
                    store(work_, place, count, own)
                    store(work_, new + i, count, d_i)
                    store(work_, new + pitch + i, count, d_f)
                    store(dz_, gate + i, count, d_i)
                    store(dz_, gate + H + i, count, d_f)
                    store(dz_, gate + 2 * H + i, count, d_g)
                if circular:
                    for k in range(G):
                        wrap(work_, new + k * pitch, units, up, low)
            if t % FLUSH_STEPS == 0:
                flush(work_, sums, total_)

    return backward


@lru_cache(maxsize=4)
def begin(element: int, cell: int) -> Any:
    """Return the compiled function that prepares ``work`` and ``total`` for a sweep backward.

    ``begin(bands, d_c, work, total, B, H, row, last_row, unit, last_unit, lower, upper, circular)``. ``work`` holds, in
    this order: for every replica touched the bands of U^T of every gate (and for gru a row more), the same again for
    their sums, two rows of G padded rows of da for each row, and a row of what is carried, for lstm ``d_c`` (or 0).
    """
    width = lanes(element)
    G = 4 if cell == LSTM else 3

    @compiled
    def prepare(  # type: ignore[no-untyped-def]
        bands, d_c, work, total, B, H, row, last_row, unit, last_unit, low, up, circular
    ):
        taps = low + up + 1
        bands_, d_c_ = pointer(bands, element), pointer(d_c, element)
        work_, total_ = pointer(work, element), pointer(total, FLOAT64)
        rows, units = last_row - row, last_unit - unit
        span = padded(units, width)
        pitch = padded(up, width) + span + padded(low, width)
        one, first = taps * span, row // B
        each = G * one + (span if cell == GRU else 0)
        replicas = (last_row - 1) // B - first + 1
        carry = 2 * replicas * each + 2 * rows * G * pitch
        clear(work_, 0, carry + rows * span)
        clear(total_, 0, replicas * each)
        for r in range(replicas):
            for k in range(G):
                source = ((first + r) * G + k) * taps * H + unit
                transpose_bands(bands_, source, units, H, low, up, circular, work_, r * each + k * one, span)
        if d_c != 0:
            for n in range(rows):
                begin_row(d_c_, (row + n) * H + unit, work_, carry + n * span, units, 0, 0, False)

    return prepare


@lru_cache(maxsize=4)
def finish(element: int, cell: int) -> Any:  # noqa: C901 - one nest of loops
    """Return the compiled function that ends a sweep backward, for one share of rows and units.

    ``finish(work, total, h_0, d_h, d_c, d_bands, d_bias, B, H, row, last_row, unit, last_unit, lower, upper,
    circular)`` writes the gradients of h_0 (which may be address 0, for zero) and c_0, and adds the share's part of
    those of the bands and of gru's bias (address 0 for none). Padding gets nothing.
    """
    width = lanes(element)
    G = 4 if cell == LSTM else 3

    @compiled
    def end(  # type: ignore[no-untyped-def]  # noqa: C901
        work, total, h_0, d_h, d_c, d_bands, d_bias, B, H, row, last_row, unit, last_unit, low, up, circular
    ):
        taps = low + up + 1
        work_, total_, h_0_ = pointer(work, element), pointer(total, FLOAT64), pointer(h_0, element)
        d_h_, d_c_ = pointer(d_h, element), pointer(d_c, element)
        d_bands_, d_bias_ = pointer(d_bands, element), pointer(d_bias, element)
        rows, units = last_row - row, last_unit - unit
        span, left = padded(units, width), padded(up, width)
        pitch = left + span + padded(low, width)
        one, first = taps * span, row // B
        each = G * one + (span if cell == GRU else 0)
        replicas = (last_row - 1) // B - first + 1
        sums = replicas * each
        da = 2 * sums
        carry = da + 2 * rows * G * pitch
        for n in range(rows):
            # Step 0 left its da where step -1 would read it.
            old = da + (rows + n) * G * pitch + left - up
            at = (row + n) * H + unit
            band = ((row + n) // B - first) * each
            for i in range(0, units, width):
                count = min(width, units - i)
                h = load(h_0_, at + i, count if h_0 != 0 else 0)
                d = kept_if(False, h)
                for k in range(G):
                    d = _back(taps, work_, old + k * pitch + i, band + k * one + i, sums, span, h, width, d)
                own = load(work_, carry + n * span + i, width)
                if cell == GRU:
                    d = d + own
                else:
                    store(d_c_, at + i, count, own)
                store(d_h_, at + i, count, d)
        flush(work_, sums, total_)
        for r in range(replicas):
            for k in range(G * taps):
                gate, tap = k // taps, k % taps
                for j in range(units):
                    i = unit + j + tap - up
                    if circular:
                        i %= H
                    if 0 <= i < H:
                        to = (((first + r) * G + gate) * taps + low + up - tap) * H + i
                        d_bands_[to] += total_[r * each + k * span + j]
            if d_bias != 0:
                for j in range(units):
                    d_bias_[(first + r) * H + unit + j] += total_[r * each + G * one + j]

    return end
