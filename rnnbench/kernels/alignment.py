"""Where tensors begin in memory. The last bits of a BLAS product depend on how far from a cache line its factors begin,
on some processors (seen on one without AVX-512) its result, too: equal bits need equal places."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LINE = 64
"""Bytes of a cache line; all that torch allocates begins at one."""
ELEMENTS = 16
"""Elements that fill whole lines in every dtype that is served."""


def aligned(factor: Tensor, room: Tensor) -> Tensor:
    """Return ``factor``, or, if it begins within a line, its copy in ``room`` (of its shape, freshly allocated)."""
    return factor if is_aligned(factor) else room.copy_(factor)


def is_aligned(tensor: Tensor) -> bool:
    """Say whether ``tensor`` begins with a line."""
    return tensor.data_ptr() % LINE == 0


def aligned_steps(steps: int, rows: int) -> int:
    """Return ``steps`` or a few more: so many that these steps of ``rows`` rows, of any length, fill whole lines."""
    unit = ELEMENTS // gcd(ELEMENTS, rows)
    return -(-steps // unit) * unit
