"""The recurrent matrices of a cell's gates, stored together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnbench.cell import CELLS, CellName
from rnnbench.connectivity import Arrays


def draw_gates(cell: CellName, draw: Callable[[], Arrays]) -> Arrays:
    """Return what ``draw`` returns for every gate in turn, ``[G, ...]``; for rnn, without the G."""
    if cell == "rnn":
        return draw()
    drawn = [draw() for _ in CELLS[cell].gates]
    return {name: np.stack([gate[name] for gate in drawn]) for name in drawn[0]}
