"""The elementwise part of one time step of lstm and gru in compiled loops, for steps whose ``U h`` is a GEMM.

Addresses (integers) of contiguous rows come in: N rows of H units, or of G H, gate after gate.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rnnbench.kernels.cell_math import gru_backward, gru_forward, lstm_backward, lstm_forward
from rnnbench.kernels.numba_setup import compiled
from rnnbench.kernels.vector import lanes, load, pointer, store


@lru_cache(maxsize=4)
def lstm_steps(element: int) -> tuple[Any, Any]:
    """Return the step of lstm and its gradient.

    ``forward(z, gates, c_before, c, h, N, H)`` takes z with ``U h``, ``[N, 4 H]``, and writes the gates (which may be
    z), c and h. ``backward(d_h, d_c, gates, c_before, c, dz, N, H)`` writes the gradient of z, and replaces that of c
    by the one of ``c_before``.
    """
    width = lanes(element)

    @compiled
    def forward(z, gates, c_before, c, h, N, H):  # type: ignore[no-untyped-def]
        z_, gates_, before_ = pointer(z, element), pointer(gates, element), pointer(c_before, element)
        c_, h_ = pointer(c, element), pointer(h, element)
        for row in range(N):
            for unit in range(0, H, width):
                valid, at, gate = min(width, H - unit), row * H + unit, 4 * row * H + unit
                i, f, g, o, c_new, h_new = lstm_forward(
                    load(z_, gate, valid),
                    load(z_, gate + H, valid),
                    load(z_, gate + 2 * H, valid),
                    load(z_, gate + 3 * H, valid),
                    load(before_, at, valid),
                )
                store(gates_, gate, valid, i)
                store(gates_, gate + H, valid, f)
                store(gates_, gate + 2 * H, valid, g)
                store(gates_, gate + 3 * H, valid, o)
                store(c_, at, valid, c_new)
                store(h_, at, valid, h_new)

    @compiled
    def backward(d_h, d_c, gates, c_before, c, dz, N, H):  # type: ignore[no-untyped-def]
        d_h_, d_c_, gates_ = pointer(d_h, element), pointer(d_c, element), pointer(gates, element)
        before_, c_, dz_ = pointer(c_before, element), pointer(c, element), pointer(dz, element)
        for row in range(N):
            for unit in range(0, H, width):
                valid, at, gate = min(width, H - unit), row * H + unit, 4 * row * H + unit
                d_i, d_f, d_g, d_o, d_before = lstm_backward(
                    load(d_h_, at, valid),
                    load(d_c_, at, valid),
                    load(gates_, gate, valid),
                    load(gates_, gate + H, valid),
                    load(gates_, gate + 2 * H, valid),
                    load(gates_, gate + 3 * H, valid),
                    load(before_, at, valid),
                    load(c_, at, valid),
                )
                store(dz_, gate, valid, d_i)
                store(dz_, gate + H, valid, d_f)
                store(dz_, gate + 2 * H, valid, d_g)
                store(dz_, gate + 3 * H, valid, d_o)
                store(d_c_, at, valid, d_before)

    return forward, backward


@lru_cache(maxsize=4)
def gru_steps(element: int) -> tuple[Any, Any]:
    """Return the step of gru and its gradient.

    ``forward(z, product, bias, gates, inner, h_before, h, N, B, H)`` takes z and the product ``U h`` apart,
    ``[N, 3 H]``, adds ``bias`` (``[N / B, H]``, or address 0) to that of gate n, and writes the gates (which may be z),
    ``U_n h + b_n`` and h. ``backward(d_h, direct, gates, inner, h_before, dz, da, N, H)`` takes the gradient of h in
    two parts, of which it replaces ``direct`` by what reaches ``h_before`` past U, and writes the gradients of z and of
    ``U h``.
    """
    width = lanes(element)

    @compiled
    def forward(z, product, bias, gates, inner, h_before, h, N, B, H):  # type: ignore[no-untyped-def]
        z_, product_, bias_ = pointer(z, element), pointer(product, element), pointer(bias, element)
        gates_, inner_ = pointer(gates, element), pointer(inner, element)
        before_, h_ = pointer(h_before, element), pointer(h, element)
        for row in range(N):
            for unit in range(0, H, width):
                valid, at, gate = min(width, H - unit), row * H + unit, 3 * row * H + unit
                listened = load(product_, gate + 2 * H, valid)
                if bias != 0:
                    listened = listened + load(bias_, row // B * H + unit, valid)
                r, u, n, h_new = gru_forward(
                    load(z_, gate, valid) + load(product_, gate, valid),
                    load(z_, gate + H, valid) + load(product_, gate + H, valid),
                    load(z_, gate + 2 * H, valid),
                    listened,
                    load(before_, at, valid),
                )
                store(gates_, gate, valid, r)
                store(gates_, gate + H, valid, u)
                store(gates_, gate + 2 * H, valid, n)
                store(inner_, at, valid, listened)
                store(h_, at, valid, h_new)

    @compiled
    def backward(d_h, direct, gates, inner, h_before, dz, da, N, H):  # type: ignore[no-untyped-def]
        d_h_, direct_, gates_ = pointer(d_h, element), pointer(direct, element), pointer(gates, element)
        inner_, before_ = pointer(inner, element), pointer(h_before, element)
        dz_, da_ = pointer(dz, element), pointer(da, element)
        for row in range(N):
            for unit in range(0, H, width):
                valid, at, gate = min(width, H - unit), row * H + unit, 3 * row * H + unit
                d_r, d_u, d_n, d_listened, d_before = gru_backward(
                    load(d_h_, at, valid) + load(direct_, at, valid),
                    load(gates_, gate, valid),
                    load(gates_, gate + H, valid),
                    load(gates_, gate + 2 * H, valid),
                    load(inner_, at, valid),
                    load(before_, at, valid),
                )
                store(dz_, gate, valid, d_r)
                store(dz_, gate + H, valid, d_u)
                store(dz_, gate + 2 * H, valid, d_n)
                store(da_, gate, valid, d_r)
                store(da_, gate + H, valid, d_u)
                store(da_, gate + 2 * H, valid, d_listened)
                store(direct_, at, valid, d_before)

    return forward, backward
