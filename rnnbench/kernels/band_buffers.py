"""Padded rows of states and gradients, and bands turned around: what sweeps over bands keep beside their tensors."""

from __future__ import annotations

from typing import Any

from rnnbench.kernels.numba_setup import inlined


@inlined
def padded(count: int, step: int) -> int:
    """Return ``count`` rounded up to a multiple of ``step``."""
    return (count + step - 1) // step * step


@inlined
def clear(buffer: Any, first: int, last: int) -> None:
    """Set the elements ``first .. last`` to zero."""
    for i in range(first, last):
        buffer[i] = 0


@inlined
def wrap(buffer: Any, start: int, units: int, before: int, after: int) -> None:
    """Fill the padding around ``units`` elements at ``start`` with the elements of the other end."""
    for i in range(before):
        buffer[start - 1 - i] = buffer[start + units - 1 - i]
    for i in range(after):
        buffer[start + units + i] = buffer[start + i]


@inlined
def begin_row(initial: Any, at: int, state: Any, to: int, units: int, low: int, up: int, circular: bool) -> None:
    """Put a row of the initial state into its buffer."""
    for i in range(units):
        state[to + i] = initial[at + i]
    if circular:
        wrap(state, to, units, low, up)


@inlined
def transpose_bands(
    bands: Any, first: int, units: int, H: int, low: int, up: int, circular: bool, to: Any, at: int, pitch: int
) -> None:
    """Write the bands of U^T (``up`` below, ``low`` above) for those of U at ``bands[first]``, for ``units`` units
    (fewer than H only where there are no taps to the sides)."""
    for k in range(low + up + 1):
        for j in range(units):
            i = j + k - up
            if circular:
                i %= H
            to[at + k * pitch + j] = bands[first + (low + up - k) * H + i] if 0 <= i < H else 0


@inlined
def flush(work: Any, sums: int, total: Any) -> None:
    """Add the ``sums`` elements of ``work`` from index ``sums`` on to ``total``, and clear them."""
    for i in range(sums):
        total[i] += work[sums + i]
        work[sums + i] = 0
