"""Hubs: a few units hear and reach all others, which otherwise keep to themselves."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pydantic import PositiveInt

from rnnbench.connectivity.listed import ListedConnectivity
from rnnbench.connectivity.sizes import check_at_most


class Hub(ListedConnectivity):
    """``U[i, j]`` is free where i or j is one of the first ``hubs`` units, and on the diagonal.

    With one hub this is an arrowhead matrix (O'Leary and Stewart, J. Comput. Phys. 90, 1990).
    """

    kind: ClassVar[str] = "hub"
    summary: ClassVar[str] = "the first `hubs` units listen to all and are heard by all, the others only by themselves"
    count: ClassVar[str] = "2 hubs H - hubs^2 + H - hubs"
    aliases: ClassVar[dict[str, dict[str, Any]]] = {"arrow": {"hubs": 1}}

    hubs: PositiveInt

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if there are more hubs than units."""
        check_at_most("hubs", self.hubs, hidden)

    def positions(self, hidden: int) -> np.ndarray:
        """Return the flat positions in ascending order (row by row)."""
        free = np.eye(hidden, dtype=bool)
        free[: self.hubs] = free[:, : self.hubs] = True
        return np.flatnonzero(free)

    def recurrent_parameters(self, hidden: int) -> int:
        """Return the entries of rows and columns of hubs, and the rest of the diagonal."""
        return (2 * hidden - self.hubs) * self.hubs + hidden - self.hubs
