"""Sparse recurrences in compiled loops: vectors run over rows of the batch, and each weight is one multiply-add on one.

Rows are taken in groups of as many as a vector has lanes (of one replica); the state of a group is held transposed,
``[units, lanes]``, so that a unit's inputs are whole vectors wherever they lie. Squares of z and h are transposed in
registers on their way in and out. The gradient of a weight is summed lane by lane, and over lanes now and then.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rnnbench.kernels.band_buffers import clear
from rnnbench.kernels.numba_setup import compiled, inlined
from rnnbench.kernels.vector import FLOAT64, INT64, fma, kept_if, lanes, load, pointer, store, transpose
from rnnbench.kernels.vector_math import activate, times_derivative

FLUSH_STEPS = 64
"""Steps whose gradients are summed in the dtype before they are added to float64: rounding does not grow with T."""


@inlined
def _turn_in(source: Any, at: int, pitch: int, rows: int, units: int, target: Any, to: int, width: int) -> None:
    """Write ``rows`` rows of ``units`` elements as ``[units, lanes]``; lanes without a row are left as they are."""
    for i in range(0, units, width):
        transpose(source, at + i, pitch, rows, min(width, units - i), target, to + i * width, width)


@inlined
def _turn_out(source: Any, at: int, rows: int, units: int, target: Any, to: int, pitch: int, width: int) -> None:
    """Undo :func:`_turn_in`."""
    for i in range(0, units, width):
        transpose(source, at + i * width, width, min(width, units - i), rows, target, to + i, pitch)


@lru_cache(maxsize=8)
def forward_sweep(element: int, activation: int) -> Any:
    """Return the compiled forward sweep for one dtype and activation.

    ``forward(z, out, values, begins, sources, initial, work, T, N, B, H, weights, row, last_row)``: addresses of ``z``
    and ``out`` ``[T, N, H]`` (they may be the same), ``values`` ``[N / B, weights]`` row by row, ``begins`` ``[H + 1]``
    where a unit's weights begin, ``sources`` ``[weights]`` the units they come from, ``initial`` ``[N, H]`` or 0, and
    ``work`` of ``2 H`` vectors. Computes the states of rows ``row .. last_row``, all of one replica, at most a vector.
    """
    width = lanes(element)

    @compiled
    def forward(  # type: ignore[no-untyped-def]
        z, out, values, begins, sources, initial, work, T, N, B, H, weights, row, last_row
    ):
        z_, out_, initial_, state = (
            pointer(z, element), pointer(out, element), pointer(initial, element), pointer(work, element),
        )  # fmt: skip
        values_, begins_, sources_ = pointer(values, element), pointer(begins, INT64), pointer(sources, INT64)
        rows, first = last_row - row, row // B * weights
        clear(state, 0, 2 * H * width)
        if initial != 0:
            _turn_in(initial_, row * H, H, rows, H, state, 0, width)
        for t in range(T):
            old, new = (t & 1) * H * width, (~t & 1) * H * width
            at = (t * N + row) * H
            _turn_in(z_, at, H, rows, H, state, new, width)
            for i in range(H):
                v = load(state, new + i * width, width)
                for e in range(begins_[i], begins_[i + 1]):
                    v = fma(load(state, old + sources_[e] * width, width), values_[first + e], v)
                store(state, new + i * width, width, activate(activation, v))
            _turn_out(state, new, rows, H, out_, at, H, width)

    return forward


@inlined
def _flush(sums: Any, total: Any, weights: int, width: int) -> None:
    """Add the lanes of each weight's sum to its total, and clear them."""
    for e in range(weights):
        for lane in range(width):
            total[e] += sums[e * width + lane]
            sums[e * width + lane] = 0


@inlined
def _through_weights(
    d: Any, before: Any, later: Any, at: int, values: Any, sums: Any,
    targets: Any, places: Any, begin: int, end: int, width: int,
) -> Any:  # fmt: skip
    """Return ``d + U^T dz_{t+1}`` of one unit, and add ``before dz_{t+1}`` to the sums of its outgoing weights."""
    for e in range(begin, end):
        dz_later = load(later, at + targets[e] * width, width)
        d = fma(dz_later, values[places[e]], d)
        store(sums, e * width, width, fma(before, dz_later, load(sums, e * width, width)))
    return d


@lru_cache(maxsize=8)
def backward_sweep(element: int, activation: int) -> Any:
    """Return the compiled backward sweep of a piece that belongs to :func:`forward_sweep`.

    ``backward(g, g_step, g_row, dz, h, values, begins, targets, places, initial, d_initial, work, total, first, T,
    steps, N, B, H, weights, row, last_row)``: the piece has T steps from ``first`` on, of ``steps`` in all. ``g`` is
    the gradient of ``h``, of the given strides; ``begins``, ``targets`` and ``places`` hold the weights by the unit
    they leave: where they begin, the units they go to, their places in ``values``. ``work`` has ``3 H + weights``
    vectors; ``total`` ``[weights]``, float64 in that order, gets the share of these rows in the gradient of the
    weights. Both stay as they are from piece to piece, the last in time first. The piece of step 0 writes the gradient
    of the initial state, too (``initial`` and ``d_initial`` are its own).
    """
    width = lanes(element)
    size = 8 if element == FLOAT64 else 4

    @compiled
    def backward(  # type: ignore[no-untyped-def]
        g, g_step, g_row, dz, h, values, begins, targets, places, initial, d_initial, work, total,
        first, T, steps, N, B, H, weights, row, last_row,
    ):  # fmt: skip
        g_, dz_, h_ = pointer(g, element), pointer(dz, element), pointer(h, element)
        initial_, d_initial_ = pointer(initial, element), pointer(d_initial, element)
        begins_, targets_, places_ = pointer(begins, INT64), pointer(targets, INT64), pointer(places, INT64)
        vectors = H * width
        values_ = pointer(values + row // B * weights * size, element)
        later, state = pointer(work, element), pointer(work + 2 * vectors * size, element)
        sums, total_ = pointer(work + 3 * vectors * size, element), pointer(total, FLOAT64)
        rows = last_row - row
        if first + T == steps:
            clear(later, 0, (3 * H + weights) * width)
            clear(total_, 0, weights)
        for s in range(T - 1, -1, -1):
            t = first + s
            old, new = (t & 1) * vectors, (~t & 1) * vectors
            at = (s * N + row) * H
            _turn_in(h_, at, H, rows, H, state, 0, width)
            _turn_in(g_, s * g_step + row * g_row, g_row, rows, H, later, new, width)
            for j in range(H):
                h_t = load(state, j * width, width)
                # Nothing follows the last state: not even an infinite one takes part in the sum.
                d = _through_weights(load(later, new + j * width, width), kept_if(t < steps - 1, h_t), later, old,
                                     values_, sums, targets_, places_, begins_[j], begins_[j + 1], width)  # fmt: skip
                store(later, new + j * width, width, times_derivative(activation, d, h_t))
            _turn_out(later, new, rows, H, dz_, at, H, width)
            if t % FLUSH_STEPS == 0:
                _flush(sums, total_, weights, width)
        if first == 0:
            clear(state, 0, vectors)
            if initial != 0:
                _turn_in(initial_, row * H, H, rows, H, state, 0, width)
            for j in range(H):
                h_0 = load(state, j * width, width)
                d = _through_weights(kept_if(False, h_0), h_0, later, vectors,
                                     values_, sums, targets_, places_, begins_[j], begins_[j + 1], width)  # fmt: skip
                store(later, j * width, width, d)
            _turn_out(later, 0, rows, H, d_initial_, row * H, H, width)
            _flush(sums, total_, weights, width)

    return backward
