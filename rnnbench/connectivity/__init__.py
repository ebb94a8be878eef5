"""The connectivities a suite can name. Adding one is adding a file and a line here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from rnnbench.choice import by_name
from rnnbench.connectivity.banded import Banded
from rnnbench.connectivity.base import Connectivity, Guise, Parameters
from rnnbench.connectivity.block_diagonal import BlockDiagonal
from rnnbench.connectivity.dense import Dense
from rnnbench.connectivity.none import NoRecurrence
from rnnbench.connectivity.permuted_band import PermutedBand
from rnnbench.connectivity.random import Random
from rnnbench.connectivity.small_world import SmallWorld
from rnnbench.connectivity.upper_triangular import UpperTriangular

CONNECTIVITIES: tuple[type[Connectivity], ...] = (
    Dense,
    Banded,
    PermutedBand,
    BlockDiagonal,
    Random,
    SmallWorld,
    UpperTriangular,
    NoRecurrence,
)

ConnectivityField = Annotated[
    Annotated[Dense, Tag(Dense.kind)]
    | Annotated[Banded, Tag(Banded.kind)]
    | Annotated[PermutedBand, Tag(PermutedBand.kind)]
    | Annotated[BlockDiagonal, Tag(BlockDiagonal.kind)]
    | Annotated[Random, Tag(Random.kind)]
    | Annotated[SmallWorld, Tag(SmallWorld.kind)]
    | Annotated[UpperTriangular, Tag(UpperTriangular.kind)]
    | Annotated[NoRecurrence, Tag(NoRecurrence.kind)],
    by_name,
]
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
