"""The connectivities a suite can name. Adding one is adding a file and a line here; plug-ins add others."""

from __future__ import annotations

from typing import Annotated

from rnnbench.catalogue import Catalogue
from rnnbench.connectivity.banded import Banded
from rnnbench.connectivity.base import Connectivity, Guise, Parameters
from rnnbench.connectivity.block_diagonal import BlockDiagonal
from rnnbench.connectivity.dense import Dense
from rnnbench.connectivity.none import NoRecurrence
from rnnbench.connectivity.permuted_band import PermutedBand
from rnnbench.connectivity.random import Random
from rnnbench.connectivity.small_world import SmallWorld
from rnnbench.connectivity.upper_triangular import UpperTriangular

CONNECTIVITIES: Catalogue[Connectivity] = Catalogue(
    "connectivity",
    Dense,
    Banded,
    PermutedBand,
    BlockDiagonal,
    Random,
    SmallWorld,
    UpperTriangular,
    NoRecurrence,
)

ConnectivityField = Annotated[Connectivity, CONNECTIVITIES]
"""The type of a suite's ``connectivity``."""

__all__ = [
    "CONNECTIVITIES",
    "Banded",
    "BlockDiagonal",
    "Connectivity",
    "ConnectivityField",
    "Dense",
    "Guise",
    "NoRecurrence",
    "Parameters",
    "PermutedBand",
    "Random",
    "SmallWorld",
    "UpperTriangular",
]
