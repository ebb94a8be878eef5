"""Banded recurrences in compiled loops: time outermost, then rows (one sequence of one replica), then vectors of units.

What the next step reads and writes is fetched while this one is computed: it lies a whole step away, further than the
hardware looks ahead (a tenth to a third of the time on one Xeon).

The state of a row lies in a buffer of its own, padded on both sides, so that a tap is a shifted load: zeros around a
plain band, copies of the other end around a circular one. Each bandwidth up to :data:`UNROLLED` taps a side is a
function of its own, in which the loop over taps is unrolled; wider bands share one that takes the width as argument.

The gradient of the bands is summed with the roles of the two ends exchanged: the sweep backward holds dz_{t+1} in such
a padded buffer anyway, and ``sum over t of h_t[j] dz_{t+1}[j + s]`` is the gradient of ``U[j + s, j]``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rnnbench.kernels.band_buffers import begin_row, clear, flush, padded, transpose_bands, wrap
from rnnbench.kernels.numba_setup import compiled, inlined
from rnnbench.kernels.prefetch import prefetch, prefetch_to_write
from rnnbench.kernels.vector import FLOAT64, fma, kept_if, lanes, load, pointer, store
from rnnbench.kernels.vector_math import activate, times_derivative

UNROLLED = 16
ANY = -1
"""A bandwidth that the function takes as an argument instead; it is then negative in its place among the constants."""
FLUSH_STEPS = 64
"""Steps whose gradients are summed in the dtype before they are added to float64: rounding does not grow with T."""


@inlined
def _states(
    activation: int, taps: int, z: Any, at: int, step: int, out: Any, bands: Any, band: int, H: int,
    state: Any, old: int, new: int, count: int, width: int,
) -> None:  # fmt: skip
    """Compute one vector of states: ``count`` units from z at ``at``; the next time they are ``step`` further."""
    prefetch(z, at + step)
    prefetch_to_write(out, at + step)
    v = load(z, at, count)
    for k in range(taps):
        v = fma(load(bands, band + k * H, count), load(state, old + k, width), v)
    v = activate(activation, v)
    store(out, at, count, v)
    store(state, new, count, v)


@lru_cache(maxsize=128)
def forward_sweep(element: int, activation: int, lower: int, upper: int, circular: bool) -> Any:
    """Return the compiled forward sweep of one bandwidth (:data:`ANY`: of all), for one dtype and activation.

    ``forward(z, out, bands, initial, work, T, N, B, H, row, last_row, unit, last_unit, lower, upper)`` computes the
    states of rows ``row .. last_row`` and units ``unit .. last_unit``. Addresses: ``z`` and ``out`` ``[T, N, H]`` (they
    may be the same), ``bands`` ``[N / B, taps, H]``, ``initial`` ``[N, H]`` or 0; ``work`` holds, for each of two
    successive steps, the padded rows of the state.
    """
    width = lanes(element)

    @compiled
    def forward(  # type: ignore[no-untyped-def]
        z, out, bands, initial, work, T, N, B, H, row, last_row, unit, last_unit, lower_, upper_
    ):
        low = lower_ if lower == ANY else lower
        up = upper_ if lower == ANY else upper
        taps = low + up + 1
        turns = 1 if taps > 1 else 0  # who has no neighbours may write where it read
        z_, out_, bands_ = pointer(z, element), pointer(out, element), pointer(bands, element)
        initial_, state = pointer(initial, element), pointer(work, element)
        rows, units = last_row - row, last_unit - unit
        left, whole = padded(low, width), units // width * width
        pitch = left + padded(units, width) + padded(up, width)
        clear(state, 0, 2 * rows * pitch)
        if initial != 0:
            for n in range(rows):
                begin_row(initial_, (row + n) * H + unit, state, n * pitch + left, units, low, up, circular)
        for t in range(T):
            for n in range(rows):
                old = ((t & turns) * rows + n) * pitch + left - low
                new = ((~t & turns) * rows + n) * pitch + left
                at = (t * N + row + n) * H + unit
                band = (row + n) // B * taps * H + unit
                for i in range(0, whole, width):
                    _states(activation, taps, z_, at + i, N * H, out_, bands_, band + i, H,
                            state, old + i, new + i, width, width)  # fmt: skip
                if whole < units:
                    _states(activation, taps, z_, at + whole, N * H, out_, bands_, band + whole, H,
                            state, old + whole, new + whole, units - whole, width)  # fmt: skip
                if circular:
                    wrap(state, new, units, low, up)

    return forward


@inlined
def _through_taps(
    taps: int, d: Any, before: Any, work: Any, old: int, band: int, sums: int, pitch: int, width: int
) -> Any:
    """Return ``d + U^T dz_{t+1}`` of one vector of units, and add ``before dz_{t+1}`` to the sums of the bands."""
    for k in range(taps):
        later = load(work, old + k, width)
        d = fma(load(work, band + k * pitch, width), later, d)
        place = sums + band + k * pitch
        store(work, place, width, fma(before, later, load(work, place, width)))
    return d


@inlined
def _gradients(
    activation: int, taps: int, last: bool, g: Any, gradient: int, g_step: int, dz: Any, h: Any, at: int, step: int,
    work: Any, old: int, new: int, band: int, sums: int, pitch: int, count: int, width: int,
) -> None:  # fmt: skip
    """Compute one vector of dz: ``count`` units of h at ``at``, their gradient at ``gradient``.

    The next time, they are ``step`` and ``g_step`` before that.
    """
    prefetch(g, gradient - g_step)
    prefetch(h, at - step)
    prefetch_to_write(dz, at - step)
    h_t = load(h, at, count)
    # Nothing follows the last state: not even an infinite one takes part in the sum.
    d = _through_taps(taps, load(g, gradient, count), kept_if(not last, h_t), work, old, band, sums, pitch, width)
    d = times_derivative(activation, d, h_t)
    store(dz, at, count, d)
    store(work, new, count, d)


@inlined
def _turn_bands(
    bands: Any, start: int, replicas: int, unit: int, units: int, H: int, low: int, up: int, circular: bool,
    work: Any, span: int,
) -> None:  # fmt: skip
    """Write the bands of U^T of ``replicas`` from ``start`` on to ``work``."""
    taps = low + up + 1
    for r in range(replicas):
        source = (start + r) * taps * H + unit
        transpose_bands(bands, source, units, H, low, up, circular, work, r * taps * span, span)


@inlined
def _gradients_of_initial(
    taps: int, initial: Any, given: bool, d_initial: Any, at: int, units: int,
    work: Any, old: int, band: int, sums: int, pitch: int, width: int,
) -> None:  # fmt: skip
    """Compute one row of the gradient of the initial state; one that was not ``given`` is zero."""
    for i in range(0, units, width):
        count = min(width, units - i)
        h_0 = load(initial, at + i, count if given else 0)
        d = _through_taps(taps, kept_if(False, h_0), h_0, work, old + i, band + i, sums, pitch, width)
        store(d_initial, at + i, count, d)


@lru_cache(maxsize=128)
def backward_sweep(element: int, activation: int, lower: int, upper: int, circular: bool) -> Any:  # noqa: C901 - one nest
    """Return the compiled backward sweep of a piece that belongs to :func:`forward_sweep`.

    ``backward(g, g_step, g_row, dz, h, bands, initial, d_initial, work, total, first, T, steps, N, B, H, row, last_row,
    unit, last_unit, lower, upper)`` turns the gradient ``g`` of the states ``h`` (``g_step`` and ``g_row`` are its
    strides in elements) into that of z, in place where ``dz`` is ``g``. The piece has T steps from ``first`` on, of
    ``steps`` in all; ``work`` and ``total`` stay as they are from piece to piece, the last in time first. The piece of
    step 0 writes the gradient of the initial state, too (``initial`` and ``d_initial`` are its own), and leaves the
    share of the gradient of the bands of U^T in ``total``, float64, ``[replicas touched, taps, units padded to whole
    vectors]``. ``work`` holds, in this order: the bands of U^T and the sums in the dtype, both like ``total``; then for
    each of two successive steps the padded rows of dz.
    """
    width = lanes(element)

    @compiled
    def backward(  # type: ignore[no-untyped-def]
        g, g_step, g_row, dz, h, bands, initial, d_initial, work, total,
        first, T, steps, N, B, H, row, last_row, unit, last_unit, lower_, upper_,
    ):  # fmt: skip
        low = lower_ if lower == ANY else lower
        up = upper_ if lower == ANY else upper
        taps = low + up + 1
        turns = 1 if taps > 1 else 0
        g_, dz_, h_ = pointer(g, element), pointer(dz, element), pointer(h, element)
        bands_, initial_, d_initial_ = pointer(bands, element), pointer(initial, element), pointer(d_initial, element)
        work_, total_ = pointer(work, element), pointer(total, FLOAT64)
        rows, units = last_row - row, last_unit - unit
        span, left, whole = padded(units, width), padded(up, width), units // width * width
        pitch = left + span + padded(low, width)
        start, one = row // B, taps * span
        replicas = (last_row - 1) // B - start + 1
        sums = replicas * one
        later = 2 * sums
        if first + T == steps:
            clear(work_, 0, later + 2 * rows * pitch)
            clear(total_, 0, sums)
            _turn_bands(bands_, start, replicas, unit, units, H, low, up, circular, work_, span)
        for s in range(T - 1, -1, -1):
            t = first + s
            for n in range(rows):
                old = later + ((t & turns) * rows + n) * pitch + left - up
                new = later + ((~t & turns) * rows + n) * pitch + left
                at = (s * N + row + n) * H + unit
                gradient = s * g_step + (row + n) * g_row + unit
                band = ((row + n) // B - start) * one
                for i in range(0, whole, width):
                    _gradients(activation, taps, t == steps - 1, g_, gradient + i, g_step, dz_, h_, at + i, N * H,
                               work_, old + i, new + i, band + i, sums, span, width, width)  # fmt: skip
                if whole < units:
                    _gradients(activation, taps, t == steps - 1, g_, gradient + whole, g_step, dz_, h_, at + whole,
                               N * H, work_, old + whole, new + whole, band + whole, sums, span,
                               units - whole, width)  # fmt: skip
                if circular:
                    wrap(work_, new, units, up, low)
            if t % FLUSH_STEPS == 0:
                flush(work_, sums, total_)
        if first == 0:
            for n in range(rows):
                # Step 0 left its dz where step -1 would read it.
                old = later + (turns * rows + n) * pitch + left - up
                at = (row + n) * H + unit
                band = ((row + n) // B - start) * one
                _gradients_of_initial(taps, initial_, initial != 0, d_initial_, at, units,
                                      work_, old, band, sums, span, width)  # fmt: skip
            flush(work_, sums, total_)

    return backward


@lru_cache(maxsize=2)
def add_share(element: int) -> Any:
    """Return the compiled function that adds one backward sweep's ``total`` to the gradient of the bands.

    ``add(total, d_bands, B, H, row, last_row, unit, last_unit, lower, upper, circular)``; padding gets nothing.
    """
    width = lanes(element)

    @compiled
    def add(total, d_bands, B, H, row, last_row, unit, last_unit, low, up, circular):  # type: ignore[no-untyped-def]
        total_, d_bands_ = pointer(total, FLOAT64), pointer(d_bands, element)
        taps = low + up + 1
        span = padded(last_unit - unit, width)
        first, last = row // B, (last_row - 1) // B
        for r in range(last - first + 1):
            for k in range(taps):
                for j in range(last_unit - unit):
                    i = unit + j + k - up
                    if circular:
                        i %= H
                    if 0 <= i < H:
                        at = ((first + r) * taps + low + up - k) * H + i
                        d_bands_[at] += total_[(r * taps + k) * span + j]

    return add
