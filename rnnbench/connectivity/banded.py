"""Bands: units feed their neighbours. ``diagonal`` is ``banded(0,0)``, ``tridiagonal`` is ``banded(1,1)``, ``ring`` a
tridiagonal whose ends meet."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pydantic import NonNegativeInt

from rnnbench.connectivity.entrywise import PADDING, EntrywiseConnectivity


class Banded(EntrywiseConnectivity):
    """``U[i, j]`` is free for ``-lower <= j - i <= upper``; stored by diagonals.

    ``bands[k, i] = U[i, i + k - lower]`` for ``k = 0 .. lower + upper``, shape ``[lower + upper + 1, H]``.
    Stored elements that fall outside the matrix stay zero. A circular band wraps around instead:
    ``bands[k, i] = U[i, (i + k - lower) mod H]``, and nothing falls outside.
    """

    kind: ClassVar[str] = "banded"
    summary: ClassVar[str] = "units feed neighbours at most `lower` below and `upper` above; `circular` wraps around"
    count: ClassVar[str] = "sum over k = -lower .. upper of max(H - |k|, 0); circular: (lower + upper + 1) H"
    storage: ClassVar[str] = "bands"
    aliases: ClassVar[dict[str, dict[str, Any]]] = {
        "diagonal": {"lower": 0, "upper": 0},
        "tridiagonal": {"lower": 1, "upper": 1},
        "ring": {"lower": 1, "upper": 1, "circular": True},
    }

    lower: NonNegativeInt
    upper: NonNegativeInt
    circular: bool = False

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if a circular band would meet itself."""
        width = self.lower + self.upper + 1
        if self.circular and width > hidden:
            raise ValueError(
                f"a circular band of width {width} (lower {self.lower} + upper {self.upper} + 1) does not fit hidden "
                f"size {hidden}: use a hidden size of at least {width} or a narrower band"
            )

    def stored_shape(self, hidden: int) -> tuple[int, ...]:
        """Return ``(lower + upper + 1, H)``."""
        return (self.lower + self.upper + 1, hidden)

    def positions(self, hidden: int) -> np.ndarray:
        """Return ``i H + j`` with ``j = i + k - lower``, wrapped when circular, padding when outside."""
        row = np.arange(hidden)[None, :]
        column = row + np.arange(self.lower + self.upper + 1)[:, None] - self.lower
        if self.circular:
            return row * hidden + column % hidden
        return np.where((column >= 0) & (column < hidden), row * hidden + column, PADDING)

    def equal_blocks(self, hidden: int) -> int | None:
        """Return H for the diagonal."""
        return hidden if self.lower == self.upper == 0 else None

    def recurrent_parameters(self, hidden: int) -> int:
        """Return the number of entries inside the matrix, in closed form."""
        if self.circular:
            return (self.lower + self.upper + 1) * hidden
        return _triangle(hidden, self.lower) + _triangle(hidden, self.upper) - hidden


def _triangle(hidden: int, width: int) -> int:
    """Return the entries on the main diagonal and ``width`` diagonals to one side: sum of H - k, k = 0 .. width."""
    width = min(width, hidden - 1)
    return (width + 1) * hidden - width * (width + 1) // 2
