"""The recurrent matrices of a cell's gates, stored together."""

from __future__ import annotations

import numpy as np

from rnnbench.cell import CELLS, CellName
from rnnbench.connectivity import Connectivity


def draw_gates(
    cell: CellName, connectivity: Connectivity, hidden: int, low: float, high: float, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the connectivity's initial parameters for every gate in turn, ``[G, ...]``; for rnn, without the G.

    Free entries are uniform on ``[low, high)``; see :meth:`Connectivity.draw`.
    """
    if cell == "rnn":
        return connectivity.draw(hidden, low, high, generator)
    drawn = [connectivity.draw(hidden, low, high, generator) for _ in CELLS[cell].gates]
    return {name: np.stack([gate[name] for gate in drawn]) for name in drawn[0]}
