"""Sparse connectivities without a pattern that loops could follow: their entries are listed, row by row."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from rnnbench.connectivity.entrywise import EntrywiseConnectivity


class ListedConnectivity(EntrywiseConnectivity):
    """Stored as ``entries`` ``[n]``: those of the first row by column, then those of the second, ...

    A subclass gives their flat positions, ascending, and their number.
    """

    storage: ClassVar[str] = "entries"

    def stored_shape(self, hidden: int) -> tuple[int, ...]:
        """Return ``(n,)``."""
        return (self.recurrent_parameters(hidden),)

    def has_cycle(self, hidden: int) -> bool:
        """Return whether the entries close a circle of units."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        rows, columns = np.divmod(self.positions(hidden), hidden)
        if (rows == columns).any():
            return True
        graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(hidden, hidden))
        groups, _ = connected_components(graph.tocsr(), connection="strong")
        return bool(groups < hidden)
