"""The connectivities a suite can name. Adding one is adding a file and a line here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from rnnbench.choice import by_name
from rnnbench.connectivity.banded import Banded
from rnnbench.connectivity.base import Connectivity, Parameters
from rnnbench.connectivity.block_diagonal import BlockDiagonal
from rnnbench.connectivity.dense import Dense
from rnnbench.connectivity.none import NoRecurrence
from rnnbench.connectivity.random import Random
from rnnbench.connectivity.upper_triangular import UpperTriangular

CONNECTIVITIES: tuple[type[Connectivity], ...] = (
    Dense,
    Banded,
    BlockDiagonal,
    Random,
    UpperTriangular,
    NoRecurrence,
)

ConnectivityField = Annotated[
    Annotated[Dense, Tag(Dense.kind)]
    | Annotated[Banded, Tag(Banded.kind)]
    | Annotated[BlockDiagonal, Tag(BlockDiagonal.kind)]
    | Annotated[Random, Tag(Random.kind)]
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
    "NoRecurrence",
    "Parameters",
    "Random",
    "UpperTriangular",
]
