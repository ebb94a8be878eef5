"""A feed-forward order of units: unit i listens to itself and to later units only."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from rnnbench.connectivity.listed import ListedConnectivity


class UpperTriangular(ListedConnectivity):
    """``U[i, j]`` is free for ``j >= i``; stored row by row as ``entries`` ``[H (H + 1) / 2]``."""

    kind: ClassVar[str] = "upper_triangular"
    summary: ClassVar[str] = "unit i listens to units j >= i: half the weights, no cycles but self-loops"
    count: ClassVar[str] = "H (H + 1) / 2"

    def positions(self, hidden: int) -> np.ndarray:
        """Return the flat positions of the upper triangle, row by row."""
        rows, columns = np.triu_indices(hidden)
        return rows * hidden + columns

    def recurrent_parameters(self, hidden: int) -> int:
        """Return H (H + 1) / 2."""
        return hidden * (hidden + 1) // 2
