"""No recurrence at all: the floor under every comparison."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from rnnbench.connectivity.entrywise import EntrywiseConnectivity


class NoRecurrence(EntrywiseConnectivity):
    """``U = 0``: what a network gets without it, for cell rnn without memory. Stored as an empty ``entries`` ``[0]``.

    Cells lstm and gru remember all the same: each unit keeps a part of its own last state, which its gates choose.
    """

    kind: ClassVar[str] = "none"
    summary: ClassVar[str] = "no recurrent weights, W_hh = 0: the floor"
    count: ClassVar[str] = "0"
    storage: ClassVar[str] = "entries"

    def stored_shape(self, hidden: int) -> tuple[int, ...]:
        """Return ``(0,)``."""
        return (0,)

    def positions(self, hidden: int) -> np.ndarray:
        """Return no positions."""
        return np.empty(0, dtype=np.int64)

    def recurrent_parameters(self, hidden: int) -> int:
        """Return 0."""
        return 0
