"""The elementwise part of one time step of lstm and gru in compiled loops, for steps whose ``U h`` is a GEMM.

Contiguous rows come in: N rows of H units, or of G H, gate after gate. The four steps take typed pointers, do units
``first .. last``, and are part of other compiled loops; :func:`lstm_steps` and :func:`gru_steps` take addresses
(integers), for callers in Python.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rnnbench.kernels.cell_math import gru_backward, gru_forward, lstm_backward, lstm_forward
from rnnbench.kernels.numba_setup import compiled
from rnnbench.kernels.vector import lanes_at, load, pointer, store


@compiled
def lstm_step(z, gates, c_before, c, h, N, H, first, last):  # type: ignore[no-untyped-def]
    """Write the gates (which may be z), c and h of a step of lstm; ``z`` is with ``U h``, ``[N, 4 H]``."""
    width = lanes_at(z)
    for row in range(N):
        for unit in range(first, last, width):
            valid, at, gate = min(width, last - unit), row * H + unit, 4 * row * H + unit
            i, f, g, o, c_new, h_new = lstm_forward(
                load(z, gate, valid),
                load(z, gate + H, valid),
                load(z, gate + 2 * H, valid),
                load(z, gate + 3 * H, valid),
                load(c_before, at, valid),
            )
            store(gates, gate, valid, i)
            store(gates, gate + H, valid, f)
            store(gates, gate + 2 * H, valid, g)
            store(gates, gate + 3 * H, valid, o)
            store(c, at, valid, c_new)
            store(h, at, valid, h_new)


@compiled
def lstm_step_gradient(d_h, d_c, gates, c_before, c, dz, N, H, first, last):  # type: ignore[no-untyped-def]
    """Write the gradient of z of a step of lstm, and replace that of c, ``d_c``, by the one of ``c_before``."""
    width = lanes_at(d_h)
    for row in range(N):
        for unit in range(first, last, width):
            valid, at, gate = min(width, last - unit), row * H + unit, 4 * row * H + unit
            d_i, d_f, d_g, d_o, d_before = lstm_backward(
                load(d_h, at, valid),
                load(d_c, at, valid),
                load(gates, gate, valid),
                load(gates, gate + H, valid),
                load(gates, gate + 2 * H, valid),
                load(gates, gate + 3 * H, valid),
                load(c_before, at, valid),
                load(c, at, valid),
            )
            store(dz, gate, valid, d_i)
            store(dz, gate + H, valid, d_f)
            store(dz, gate + 2 * H, valid, d_g)
            store(dz, gate + 3 * H, valid, d_o)
            store(d_c, at, valid, d_before)


@compiled
def gru_step(z, product, bias, heard, gates, inner, h_before, h, N, B, H, first, last):  # type: ignore[no-untyped-def]
    """Write the gates (which may be z), ``U_n h + b_n`` and h of a step of gru.

    z and the product ``U h`` come apart, ``[N, 3 H]``; ``bias``, ``[N / B, H]`` (or ``heard`` false), is added to that
    of gate n.
    """
    width = lanes_at(z)
    for row in range(N):
        for unit in range(first, last, width):
            valid, at, gate = min(width, last - unit), row * H + unit, 3 * row * H + unit
            listened = load(product, gate + 2 * H, valid)
            if heard:
                listened = listened + load(bias, row // B * H + unit, valid)
            r, u, n, h_new = gru_forward(
                load(z, gate, valid) + load(product, gate, valid),
                load(z, gate + H, valid) + load(product, gate + H, valid),
                load(z, gate + 2 * H, valid),
                listened,
                load(h_before, at, valid),
            )
            store(gates, gate, valid, r)
            store(gates, gate + H, valid, u)
            store(gates, gate + 2 * H, valid, n)
            store(inner, at, valid, listened)
            store(h, at, valid, h_new)


@compiled
def gru_step_gradient(d_h, direct, gates, inner, h_before, dz, da, N, H, first, last):  # type: ignore[no-untyped-def]
    """Write the gradients of z and of ``U h`` of a step of gru.

    The gradient of h comes in two parts, of which ``direct`` is replaced by what reaches ``h_before`` past U.
    """
    width = lanes_at(d_h)
    for row in range(N):
        for unit in range(first, last, width):
            valid, at, gate = min(width, last - unit), row * H + unit, 3 * row * H + unit
            d_r, d_u, d_n, d_listened, d_before = gru_backward(
                load(d_h, at, valid) + load(direct, at, valid),
                load(gates, gate, valid),
                load(gates, gate + H, valid),
                load(gates, gate + 2 * H, valid),
                load(inner, at, valid),
                load(h_before, at, valid),
            )
            store(dz, gate, valid, d_r)
            store(dz, gate + H, valid, d_u)
            store(dz, gate + 2 * H, valid, d_n)
            store(da, gate, valid, d_r)
            store(da, gate + H, valid, d_u)
            store(da, gate + 2 * H, valid, d_listened)
            store(direct, at, valid, d_before)


@lru_cache(maxsize=4)
def lstm_steps(element: int) -> tuple[Any, Any]:
    """Return :func:`lstm_step` and :func:`lstm_step_gradient` of addresses of elements of one type."""

    @compiled
    def forward(z, gates, c_before, c, h, N, H):  # type: ignore[no-untyped-def]
        lstm_step(
            pointer(z, element), pointer(gates, element), pointer(c_before, element), pointer(c, element),
            pointer(h, element), N, H, 0, H,
        )  # fmt: skip

    @compiled
    def backward(d_h, d_c, gates, c_before, c, dz, N, H):  # type: ignore[no-untyped-def]
        lstm_step_gradient(
            pointer(d_h, element), pointer(d_c, element), pointer(gates, element), pointer(c_before, element),
            pointer(c, element), pointer(dz, element), N, H, 0, H,
        )  # fmt: skip

    return forward, backward


@lru_cache(maxsize=4)
def gru_steps(element: int) -> tuple[Any, Any]:
    """Return :func:`gru_step` and :func:`gru_step_gradient` of addresses of elements of one type.

    An address of 0 for the bias stands for none.
    """

    @compiled
    def forward(z, product, bias, gates, inner, h_before, h, N, B, H):  # type: ignore[no-untyped-def]
        gru_step(
            pointer(z, element), pointer(product, element), pointer(bias, element), bias != 0, pointer(gates, element),
            pointer(inner, element), pointer(h_before, element), pointer(h, element), N, B, H, 0, H,
        )  # fmt: skip

    @compiled
    def backward(d_h, direct, gates, inner, h_before, dz, da, N, H):  # type: ignore[no-untyped-def]
        gru_step_gradient(
            pointer(d_h, element), pointer(direct, element), pointer(gates, element), pointer(inner, element),
            pointer(h_before, element), pointer(dz, element), pointer(da, element), N, H, 0, H,
        )  # fmt: skip

    return forward, backward
