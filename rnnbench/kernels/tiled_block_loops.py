"""Block-diagonal recurrences of any cell in compiled loops, for blocks of any size: time outermost, then blocks, then
panels of units, then rows, as many at a time as a tile of sums has. A panel is one vector of units with all of its
gates, or, where there is one output a unit, as many vectors of units as a tile has. What is elementwise is done while
the tile is in the first cache.

Of gradients of U, a few steps are summed at once: their factors wait in a history, whose slots are taken by turns.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rnnbench.kernels.band_buffers import clear, padded
from rnnbench.kernels.cell_math import GRU, LSTM, RNN, gru_backward, gru_forward, lstm_backward, lstm_forward
from rnnbench.kernels.numba_setup import compiled, inlined
from rnnbench.kernels.tile import TALL, WIDE, correlations, products
from rnnbench.kernels.vector import FLOAT64, lanes, load, pointer, store, transpose
from rnnbench.kernels.vector_math import activate, times_derivative

FLUSH_STEPS = 64
"""Steps whose gradients are summed in the dtype before they are added to float64: rounding does not grow with T."""

GATES = {RNN: 1, LSTM: 4, GRU: 3}


@inlined
def _pack_transposed(
    blocks: Any, begin: int, apart: int, gates: int, size: int, across: int, to: Any, at: int, width: int
) -> None:
    """Write the matrices of all gates of a block, ``apart`` elements apart, so that tiles read a panel from end to end.

    Vectors of outputs are in the order of units, then gates; pairs of them (see ``WIDE``) lie side by side, input after
    input.
    """
    for unit in range(0, size, across * width):
        inside = min(across, (size - unit + width - 1) // width)
        vectors = inside * gates
        panel = at + unit * gates * size
        for x in range(vectors):
            first = x - x % WIDE
            pitch = min(WIDE, vectors - first) * width
            place = panel + first * size * width + (x - first) * width
            here = unit + x // gates * width
            source = begin + x % gates * apart + here * size
            for k in range(0, size, width):
                columns = min(width, size - k)
                transpose(blocks, source + k, size, min(width, size - here), columns, to, place + k * pitch, pitch)


@inlined
def _pack(blocks: Any, begin: int, apart: int, gates: int, size: int, to: Any, at: int, width: int) -> None:
    """Write the matrices of all gates of a block below each other, so that tiles of U^T read panels from end to end."""
    depth = gates * size
    for unit in range(0, size, WIDE * width):
        inside = min(WIDE, (size - unit + width - 1) // width)
        for gate in range(gates):
            for j in range(size):
                place = at + unit * depth + (gate * size + j) * inside * width
                source = begin + gate * apart + j * size + unit
                for v in range(inside):
                    count = min(width, size - unit - v * width)
                    store(to, place + v * width, width, load(blocks, source + v * width, count))


@inlined
def _multiply(
    weights: Any, panel: int, depth: int, vectors: int, state: Any, begin: int, out: Any, to: int,
    rows: int, width: int,
) -> None:  # fmt: skip
    """Add the products of a panel with ``rows`` rows of states to ``out[to ..]``, ``vectors`` vectors a row."""
    for x in range(0, vectors, WIDE):
        wide = min(WIDE, vectors - x)
        places = panel + x * depth * width, to + x * width
        products(weights, places[0], wide * width, state, begin, depth, depth, out, places[1], vectors * width,
                 rows, wide)  # fmt: skip


@lru_cache(maxsize=32)
def forward_sweep(element: int, cell: int, activation: int) -> Any:  # noqa: C901 - one nest of loops
    """Return the compiled forward sweep for one dtype, cell and (for rnn) activation.

    ``forward(z, gates, inner, out, blocks, bias, h, c, work, T, N, B, H, size, row, last_row, block, last_block)``
    writes the trace of rows ``row .. last_row`` of the batch and of blocks ``block .. last_block``, counted through all
    replicas. Addresses: ``z`` and ``gates`` ``[T, N, G, H]`` (they may be the same), ``inner`` and ``out``
    ``[T, N, H]`` (rnn: ``out`` alone, which may be ``z``), ``blocks`` ``[N / B, G, H / size, size, size]``, ``bias``
    ``[N / B, H]`` or 0, ``h`` and ``c`` ``[N, H]`` or 0. ``work`` holds, for every block, its weights, two states of
    every row and its c (gru and rnn: nothing); then a tile.
    """
    width = lanes(element)
    G = GATES[cell]
    across = WIDE if cell == RNN else 1

    @compiled
    def forward(  # type: ignore[no-untyped-def]  # noqa: C901
        z, gates, inner, out, blocks, bias, h, c, work, T, N, B, H, size, row, last_row, block, last_block
    ):
        z_, gates_, inner_, out_ = (
            pointer(z, element), pointer(gates, element), pointer(inner, element), pointer(out, element)
        )  # fmt: skip
        blocks_, bias_ = pointer(blocks, element), pointer(bias, element)
        h_, c_, work_ = pointer(h, element), pointer(c, element), pointer(work, element)
        rows, count, each = last_row - row, last_block - block, H // size
        weights = G * size * padded(size, width)
        states = count * weights
        cells = states + 2 * count * rows * size
        tile = cells + (count * rows * size if cell == LSTM else 0)
        clear(work_, 0, tile)
        for q in range(count):
            replica, place = (block + q) // each, (block + q) % each
            begin = (replica * G * each + place) * size * size
            _pack_transposed(blocks_, begin, each * size * size, G, size, across, work_, q * weights, width)
            for n in range(rows):
                at = (replica * B + row + n) * H + place * size
                for i in range(size):
                    if h != 0:
                        work_[states + (2 * q * rows + n) * size + i] = h_[at + i]
                    if cell == LSTM and c != 0:
                        work_[cells + (q * rows + n) * size + i] = c_[at + i]
        groups = (rows + TALL - 1) // TALL
        for t in range(T):
            for q in range(count):
                replica, place = (block + q) // each, (block + q) % each
                old, new = states + (2 * q + (t & 1)) * rows * size, states + (2 * q + (~t & 1)) * rows * size
                for unit in range(0, size, across * width):
                    vectors = min(across, (size - unit + width - 1) // width) * G
                    for group in range(groups):
                        n = rows * group // groups
                        height = rows * (group + 1) // groups - n
                        first = t * N + replica * B + row + n
                        for r in range(height):
                            gate = (first + r) * G * H + place * size + unit
                            for x in range(vectors):
                                valid = min(width, size - unit - x // G * width)
                                to = tile + (r * vectors + x) * width
                                if cell != GRU or x < 2:
                                    store(work_, to, width, load(z_, gate + x // G * width + x % G * H, valid))
                                elif bias != 0:
                                    store(work_, to, width, load(bias_, replica * H + place * size + unit, valid))
                                else:
                                    store(work_, to, width, load(z_, gate, 0))
                        _multiply(work_, q * weights + unit * G * size, size, vectors, work_,
                                  old + n * size, work_, tile, height, width)  # fmt: skip
                        for r in range(height):
                            at = (first + r) * H + place * size + unit
                            gate = (first + r) * G * H + place * size + unit
                            to, state = tile + r * vectors * width, (n + r) * size + unit
                            valid = min(width, size - unit)
                            if cell == RNN:
                                for x in range(vectors):
                                    valid = min(width, size - unit - x * width)
                                    v = activate(activation, load(work_, to + x * width, width))
                                    store(out_, at + x * width, valid, v)
                                    store(work_, new + state + x * width, valid, v)
                            elif cell == LSTM:
                                own = cells + q * rows * size + state
                                i, f, g, o, c_t, h_t = lstm_forward(
                                    load(work_, to, width), load(work_, to + width, width),
                                    load(work_, to + 2 * width, width), load(work_, to + 3 * width, width),
                                    load(work_, own, valid),
                                )  # fmt: skip
                                store(gates_, gate, valid, i)
                                store(gates_, gate + H, valid, f)
                                store(gates_, gate + 2 * H, valid, g)
                                store(gates_, gate + 3 * H, valid, o)
                                store(work_, own, valid, c_t)
                                store(inner_, at, valid, c_t)
                                store(out_, at, valid, h_t)
                                store(work_, new + state, valid, h_t)
                            else:
                                listened = load(work_, to + 2 * width, width)
                                i, f, g, h_t = gru_forward(
                                    load(work_, to, width), load(work_, to + width, width),
                                    load(z_, gate + 2 * H, valid), listened, load(work_, old + state, valid),
                                )  # fmt: skip
                                store(gates_, gate, valid, i)
                                store(gates_, gate + H, valid, f)
                                store(gates_, gate + 2 * H, valid, g)
                                store(inner_, at, valid, listened)
                                store(out_, at, valid, h_t)
                                store(work_, new + state, valid, h_t)

    return forward


@inlined
def _correlate(work: Any, history: int, states: int, sums: int, terms: int, depth: int, size: int, width: int) -> None:
    """Add the sum over ``terms`` rows of (da, h) to a block's sums ``[depth, padded size]``."""
    pitch = padded(size, width)
    for unit in range(0, pitch, WIDE * width):
        wide = min(WIDE, (pitch - unit) // width)
        for j in range(0, depth, TALL):
            correlations(work, states + unit, pitch, work, history + j, depth, terms, work, sums + j * pitch + unit,
                         pitch, min(TALL, depth - j), wide)  # fmt: skip


@lru_cache(maxsize=32)
def backward_sweep(element: int, cell: int, activation: int) -> Any:  # noqa: C901 - one nest of loops
    """Return the compiled backward sweep of a piece that belongs to :func:`forward_sweep`.

    ``backward(g, g_step, g_row, gates, inner, h, h_before, c_before, blocks, last_c, d_h, d_c, dz, work, total, first,
    T, steps, N, B, H, size, slots, row, last_row, block, last_block)``: the piece has T steps from ``first`` on, of
    ``steps`` in all; g is the gradient of ``h``, and g_step and g_row are its strides in elements. ``work`` and
    ``total`` stay as they are from piece to piece, the last in time first; ``last_c`` is read by that one. The piece of
    step 0 writes the gradients of the initial state, ``d_h`` and ``d_c``, and leaves the share of the gradients of the
    blocks in ``total``, float64: for every block ``[G, size, padded size]``, and for gru one row more, of the bias.

    ``work`` holds, for every block: its weights; these sums, in the dtype; the gradients of ``U h`` of ``slots`` (a
    power of two, at least 2) steps, and the states that they belong to; what is carried. Then a tile.
    """
    width = lanes(element)
    G = GATES[cell]

    @compiled
    def backward(  # type: ignore[no-untyped-def]  # noqa: C901
        g, g_step, g_row, gates, inner, h, h_before, c_before, blocks, last_c, d_h, d_c, dz, work, total,
        first, T, steps, N, B, H, size, slots, row, last_row, block, last_block,
    ):  # fmt: skip
        g_, gates_, inner_, h_ = (
            pointer(g, element), pointer(gates, element), pointer(inner, element), pointer(h, element)
        )  # fmt: skip
        h_before_, c_before_ = pointer(h_before, element), pointer(c_before, element)
        blocks_, last_c_ = pointer(blocks, element), pointer(last_c, element)
        d_h_, d_c_, dz_ = pointer(d_h, element), pointer(d_c, element), pointer(dz, element)
        work_, total_ = pointer(work, element), pointer(total, FLOAT64)
        rows, count, each = last_row - row, last_block - block, H // size
        pitch, depth = padded(size, width), G * size
        weights, sums_each = depth * pitch, depth * pitch + (pitch if cell == GRU else 0)
        sums = count * weights
        history = sums + count * sums_each
        states = history + count * slots * rows * depth
        carried = states + count * slots * rows * pitch
        tile = carried + (count * rows * pitch if cell != RNN else 0)
        if first + T == steps:
            clear(work_, 0, tile)
            clear(total_, 0, count * sums_each)
            for q in range(count):
                replica, place = (block + q) // each, (block + q) % each
                begin = (replica * G * each + place) * size * size
                _pack(blocks_, begin, each * size * size, G, size, work_, q * weights, width)
                for n in range(rows):
                    for i in range(size):
                        if last_c != 0:
                            given = last_c_[(replica * B + row + n) * H + place * size + i]
                            work_[carried + (q * rows + n) * pitch + i] = given
        groups = (rows + TALL - 1) // TALL
        # The step before the first turns the gradient of the first U h into that of the initial state.
        for s in range(T - 1, -2 if first == 0 else -1, -1):
            t = first + s
            now, following = t & (slots - 1), (t - 1) & (slots - 1)
            for q in range(count):
                replica, place = (block + q) // each, (block + q) % each
                here = history + (q * slots + now) * rows * depth
                kept = states + (q * slots + now) * rows * pitch
                known = t < steps - 1 and (t >= 0 or h_before != 0)
                if known:
                    for n in range(rows):
                        for i in range(0, size, width):
                            valid = min(width, size - i)
                            at = (replica * B + row + n) * H + place * size + i
                            v = load(h_, s * N * H + at, valid) if t >= 0 else load(h_before_, at, valid)
                            store(work_, kept + n * pitch + i, width, v)
                # A window of steps is summed when its first one is there: nothing follows the last state.
                if known and (now == 0 or t < 0):
                    terms = min(slots, steps - 1 - t) if t >= 0 else 1
                    _correlate(work_, here, kept, sums + q * sums_each, terms * rows, depth, size, width)
                for unit in range(0, size, WIDE * width):
                    vectors = min(WIDE, (size - unit + width - 1) // width)
                    for group in range(groups):
                        n = rows * group // groups
                        height = rows * (group + 1) // groups - n
                        for r in range(height):
                            index = replica * B + row + n + r
                            from_g = s * g_step + index * g_row + place * size + unit
                            for x in range(vectors):
                                valid = min(width, size - unit - x * width)
                                store(work_, tile + (r * vectors + x) * width, width,
                                      load(g_, from_g + x * width, valid if t >= 0 else 0))  # fmt: skip
                        if t < steps - 1:
                            _multiply(work_, q * weights + unit * depth, depth, vectors, work_,
                                      here + n * depth, work_, tile, height, width)  # fmt: skip
                        for r in range(height):
                            index = replica * B + row + n + r
                            for x in range(vectors):
                                i = unit + x * width
                                valid = min(width, size - i)
                                to = place * size + i
                                at = (s * N + index) * H + to
                                gate = (s * N + index) * G * H + to
                                before = index * H + to
                                d = load(work_, tile + (r * vectors + x) * width, width)
                                own = carried + (q * rows + n + r) * pitch + i
                                new = history + ((q * slots + following) * rows + n + r) * depth + i
                                if t < 0:
                                    if cell == GRU:
                                        d = d + load(work_, own, width)
                                    if cell == LSTM:
                                        store(d_c_, before, valid, load(work_, own, width))
                                    store(d_h_, before, valid, d)
                                elif cell == RNN:
                                    d = times_derivative(activation, d, load(h_, at, valid))
                                    store(dz_, at, valid, d)
                                    store(work_, new, valid, d)
                                elif cell == LSTM:
                                    if s > 0:
                                        earlier = load(inner_, at - N * H, valid)
                                    else:
                                        earlier = load(c_before_, before, valid if c_before != 0 else 0)
                                    d_i, d_f, d_g, d_o, d_before = lstm_backward(
                                        d, load(work_, own, width), load(gates_, gate, valid),
                                        load(gates_, gate + H, valid), load(gates_, gate + 2 * H, valid),
                                        load(gates_, gate + 3 * H, valid), earlier, load(inner_, at, valid),
                                    )  # fmt: skip
                                    store(work_, own, valid, d_before)
                                    store(work_, new, valid, d_i)
                                    store(work_, new + size, valid, d_f)
                                    store(work_, new + 2 * size, valid, d_g)
                                    store(work_, new + 3 * size, valid, d_o)
                                    store(dz_, gate, valid, d_i)
                                    store(dz_, gate + H, valid, d_f)
                                    store(dz_, gate + 2 * H, valid, d_g)
                                    store(dz_, gate + 3 * H, valid, d_o)
                                else:
                                    if s > 0:
                                        earlier = load(h_, at - N * H, valid)
                                    else:
                                        earlier = load(h_before_, before, valid if h_before != 0 else 0)
                                    d_r, d_u, d_n, d_listened, d_before = gru_backward(
                                        d + load(work_, own, width), load(gates_, gate, valid),
                                        load(gates_, gate + H, valid), load(gates_, gate + 2 * H, valid),
                                        load(inner_, at, valid), earlier,
                                    )  # fmt: skip
                                    store(work_, own, valid, d_before)
                                    store(work_, new, valid, d_r)
                                    store(work_, new + size, valid, d_u)
                                    store(work_, new + 2 * size, valid, d_listened)
                                    store(dz_, gate, valid, d_r)
                                    store(dz_, gate + H, valid, d_u)
                                    store(dz_, gate + 2 * H, valid, d_n)
                                    by_bias = sums + q * sums_each + depth * pitch + i
                                    store(work_, by_bias, valid, load(work_, by_bias, width) + d_listened)
            if t < 0 or t % max(FLUSH_STEPS, slots) == 0:
                for i in range(count * sums_each):
                    total_[i] += work_[sums + i]
                    work_[sums + i] = 0

    return backward
