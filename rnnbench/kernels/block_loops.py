"""Block-diagonal recurrences in compiled loops, for blocks whose weights stay in the first caches (small dense ones
included: one block). Time outermost, then blocks, then vectors of units, then rows four at a time: a vector of weights
that was loaded serves four rows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rnnbench.kernels.band_buffers import clear
from rnnbench.kernels.numba_setup import compiled, inlined
from rnnbench.kernels.vector import FLOAT64, fma, lanes, load, pointer, store
from rnnbench.kernels.vector_math import activate, times_derivative

FLUSH_STEPS = 64
"""Steps whose gradients are summed in the dtype before they are added to float64: rounding does not grow with T."""


@inlined
def _products(weights: Any, at: int, pitch: int, count: int, size: int, state: Any, row: int, v: Any) -> Any:
    """Return ``v`` plus the sum over k of ``weights[at + k pitch ..] state[row + k]``: one row, one vector of units."""
    for k in range(size):
        v = fma(load(weights, at + k * pitch, count), state[row + k], v)
    return v


@inlined
def _four_products(
    weights: Any,
    at: int,
    pitch: int,
    count: int,
    size: int,
    state: Any,
    row: int,
    step: int,
    a: Any,
    b: Any,
    c: Any,
    d: Any,
) -> Any:
    """Return :func:`_products` of four rows that lie ``step`` apart."""
    for k in range(size):
        w = load(weights, at + k * pitch, count)
        a = fma(w, state[row + k], a)
        b = fma(w, state[row + step + k], b)
        c = fma(w, state[row + 2 * step + k], c)
        d = fma(w, state[row + 3 * step + k], d)
    return a, b, c, d


@inlined
def _put_state(activation: int, out: Any, at: int, state: Any, place: int, count: int, v: Any) -> None:
    """Write ``f(v)`` to the states and to the row's buffer."""
    v = activate(activation, v)
    store(out, at, count, v)
    store(state, place, count, v)


@inlined
def _put_gradient(activation: int, h: Any, dz: Any, at: int, later: Any, place: int, count: int, v: Any) -> None:
    """Write ``v f'(z)`` to the gradient of z and to the row's buffer."""
    v = times_derivative(activation, v, load(h, at, count))
    store(dz, at, count, v)
    store(later, place, count, v)


@inlined
def _add_outer(
    sums: Any,
    at: int,
    size: int,
    later: Any,
    row: int,
    state: Any,
    place: int,
    count: int,
    i: int,
    rows: int,
    step: int,
) -> None:
    """Add ``dz[j] h[i ..]`` of ``rows`` (1 or 4) rows to row j of the block of sums at ``at``, for all j."""
    a = load(state, place, count)
    if rows == 4:
        b, c = load(state, place + step, count), load(state, place + 2 * step, count)
        d = load(state, place + 3 * step, count)
        for j in range(size):
            v = fma(a, later[row + j], load(sums, at + j * size + i, count))
            v = fma(b, later[row + step + j], v)
            v = fma(c, later[row + 2 * step + j], v)
            v = fma(d, later[row + 3 * step + j], v)
            store(sums, at + j * size + i, count, v)
    else:
        for j in range(size):
            v = fma(a, later[row + j], load(sums, at + j * size + i, count))
            store(sums, at + j * size + i, count, v)


@inlined
def _flush(work: Any, sums: int, total: Any) -> None:
    """Add the first ``sums`` elements of ``work`` to ``total``, and clear them."""
    for i in range(sums):
        total[i] += work[i]
        work[i] = 0


@lru_cache(maxsize=32)
def forward_sweep(element: int, activation: int) -> Any:  # noqa: C901 - one nest of loops
    """Return the compiled forward sweep for one dtype and activation.

    ``forward(z, out, blocks, initial, work, T, B, H, size, row, last_row)`` computes the states of rows
    ``row .. last_row``. Addresses: ``z`` and ``out`` ``[T, N, H]`` (they may be the same), ``blocks``
    ``[N / B, H / size, size, size]``, ``initial`` ``[N, H]`` or 0; ``work`` holds the transposed blocks of the replicas
    touched, then the states of two successive steps.
    """
    width = lanes(element)

    @compiled
    def forward(z, out, blocks, initial, work, T, N, B, H, size, row, last_row):  # type: ignore[no-untyped-def]
        z_, out_, blocks_ = pointer(z, element), pointer(out, element), pointer(blocks, element)
        initial_, work_ = pointer(initial, element), pointer(work, element)
        rows, first = last_row - row, row // B
        weights = ((last_row - 1) // B - first + 1) * H * size
        for at in range(0, weights, size * size):
            for j in range(size):
                for k in range(size):
                    work_[at + k * size + j] = blocks_[first * H * size + at + j * size + k]
        for i in range(2 * rows * H):
            work_[weights + i] = initial_[row * H + i] if initial != 0 and i < rows * H else 0
        for t in range(T):
            old, new = weights + (t & 1) * rows * H, weights + (~t & 1) * rows * H
            here = (t * N + row) * H
            n = 0
            while n < rows:
                replica = (row + n) // B
                four = n + 4 <= rows and (row + n + 3) // B == replica
                for block in range(0, H, size):
                    at = (replica - first) * H * size + block * size
                    for i in range(0, size, width):
                        count = min(width, size - i)
                        place = n * H + block + i
                        if four:
                            a, b, c, d = _four_products(
                                work_, at + i, size, count, size, work_, old + n * H + block, H,
                                load(z_, here + place, count), load(z_, here + place + H, count),
                                load(z_, here + place + 2 * H, count), load(z_, here + place + 3 * H, count),
                            )  # fmt: skip
                            a, b, c, d = (
                                activate(activation, a),
                                activate(activation, b),
                                activate(activation, c),
                                activate(activation, d),
                            )
                            store(out_, here + place, count, a)
                            store(out_, here + place + H, count, b)
                            store(out_, here + place + 2 * H, count, c)
                            store(out_, here + place + 3 * H, count, d)
                            store(work_, new + place, count, a)
                            store(work_, new + place + H, count, b)
                            store(work_, new + place + 2 * H, count, c)
                            store(work_, new + place + 3 * H, count, d)
                        else:
                            v = load(z_, here + place, count)
                            v = _products(work_, at + i, size, count, size, work_, old + n * H + block, v)
                            v = activate(activation, v)
                            store(out_, here + place, count, v)
                            store(work_, new + place, count, v)
                n += 4 if four else 1

    return forward


@inlined
def _gradients_of_initial(
    blocks: Any, initial: Any, given: bool, d_initial: Any, work: Any, sums: int,
    B: int, H: int, size: int, row: int, rows: int, width: int,
) -> None:  # fmt: skip
    """Compute the gradient of the initial state; one that was not ``given`` adds nothing to the sums."""
    for n in range(rows):
        replica = (row + n) // B
        for block in range(0, H, size):
            at, weights = (replica - row // B) * H * size + block * size, replica * H * size + block * size
            # Step 0 left its dz where step -1 would read it.
            later = sums + rows * H + n * H + block
            for i in range(0, size, width):
                count = min(width, size - i)
                place = (row + n) * H + block + i
                if given:
                    _add_outer(work, at, size, work, later, initial, place, count, i, 1, H)
                v = load(d_initial, place, 0)
                v = _products(blocks, weights + i, size, count, size, work, later, v)
                store(d_initial, place, count, v)


@lru_cache(maxsize=32)
def backward_sweep(element: int, activation: int) -> Any:  # noqa: C901 - one nest of loops
    """Return the compiled backward sweep of a piece that belongs to :func:`forward_sweep`.

    ``backward(g, g_step, g_row, dz, h, blocks, initial, d_initial, work, total, first, T, steps, N, B, H, size, row,
    last_row)`` turns the gradient ``g`` of the states ``h`` (``g_step`` and ``g_row`` are its strides in elements) into
    that of z, in place where ``dz`` is ``g``. The piece has T steps from ``first`` on, of ``steps`` in all; ``work``
    and ``total`` stay as they are from piece to piece, the last in time first. The piece of step 0 writes the gradient
    of the initial state, too (``initial`` and ``d_initial`` are its own), and leaves the share of the gradient of the
    blocks in ``total``, float64, ``[replicas touched, H / size, size, size]``. ``work`` holds that sum in the dtype,
    then dz of two successive steps.
    """
    width = lanes(element)

    @compiled
    def backward(  # type: ignore[no-untyped-def]  # noqa: C901
        g, g_step, g_row, dz, h, blocks, initial, d_initial, work, total,
        first, T, steps, N, B, H, size, row, last_row,
    ):  # fmt: skip
        g_, dz_, h_ = pointer(g, element), pointer(dz, element), pointer(h, element)
        blocks_, initial_, d_initial_ = pointer(blocks, element), pointer(initial, element), pointer(d_initial, element)
        work_, total_ = pointer(work, element), pointer(total, FLOAT64)
        rows, start = last_row - row, row // B
        sums = ((last_row - 1) // B - start + 1) * H * size
        if first + T == steps:
            clear(work_, 0, sums + 2 * rows * H)
            clear(total_, 0, sums)
        for s in range(T - 1, -1, -1):
            t = first + s
            old, new = sums + (t & 1) * rows * H, sums + (~t & 1) * rows * H
            here, gradient = (s * N + row) * H, s * g_step + row * g_row
            n = 0
            while n < rows:
                replica = (row + n) // B
                four = n + 4 <= rows and (row + n + 3) // B == replica
                for block in range(0, H, size):
                    at = (replica - start) * H * size + block * size
                    weights = replica * H * size + block * size
                    later = old + n * H + block
                    for i in range(0, size, width):
                        count = min(width, size - i)
                        place, from_g = n * H + block + i, gradient + n * g_row + block + i
                        # Nothing follows the last state: not even an infinite one takes part in the sum.
                        if four:
                            if t < steps - 1:
                                _add_outer(work_, at, size, work_, later, h_, here + place, count, i, 4, H)
                            a, b, c, d = _four_products(
                                blocks_, weights + i, size, count, size, work_, later, H,
                                load(g_, from_g, count), load(g_, from_g + g_row, count),
                                load(g_, from_g + 2 * g_row, count), load(g_, from_g + 3 * g_row, count),
                            )  # fmt: skip
                            to = new + place
                            _put_gradient(activation, h_, dz_, here + place, work_, to, count, a)
                            _put_gradient(activation, h_, dz_, here + place + H, work_, to + H, count, b)
                            _put_gradient(activation, h_, dz_, here + place + 2 * H, work_, to + 2 * H, count, c)
                            _put_gradient(activation, h_, dz_, here + place + 3 * H, work_, to + 3 * H, count, d)
                        else:
                            if t < steps - 1:
                                _add_outer(work_, at, size, work_, later, h_, here + place, count, i, 1, H)
                            v = load(g_, from_g, count)
                            v = _products(blocks_, weights + i, size, count, size, work_, later, v)
                            _put_gradient(activation, h_, dz_, here + place, work_, new + place, count, v)
                n += 4 if four else 1
            if t % FLUSH_STEPS == 0:
                _flush(work_, sums, total_)
        if first == 0:
            _gradients_of_initial(
                blocks_, initial_, initial != 0, d_initial_, work_, sums, B, H, size, row, rows, width
            )
            _flush(work_, sums, total_)

    return backward
