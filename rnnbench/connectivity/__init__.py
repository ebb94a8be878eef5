"""The connectivities a suite can name. Adding one is adding a file and a line here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from rnnbench.choice import by_name
from rnnbench.connectivity.banded import Banded
from rnnbench.connectivity.base import Arrays, Connectivity, Guise, Multiply, Parameters, fan_in_bound
from rnnbench.connectivity.block_diagonal import BlockDiagonal
from rnnbench.connectivity.butterfly import Butterfly
from rnnbench.connectivity.circulant import Circulant
from rnnbench.connectivity.companion import Companion
from rnnbench.connectivity.composed import ComposedConnectivity
from rnnbench.connectivity.dense import Dense
from rnnbench.connectivity.hub import Hub
from rnnbench.connectivity.jordan import Jordan
from rnnbench.connectivity.kronecker import Kronecker
from rnnbench.connectivity.listed import ListedConnectivity
from rnnbench.connectivity.low_rank import LowRank
from rnnbench.connectivity.low_rank_plus_diagonal import LowRankPlusDiagonal
from rnnbench.connectivity.monarch import Monarch
from rnnbench.connectivity.none import NoRecurrence
from rnnbench.connectivity.orthogonal import Orthogonal
from rnnbench.connectivity.permuted_band import PermutedBand
from rnnbench.connectivity.random import Random
from rnnbench.connectivity.small_world import SmallWorld
from rnnbench.connectivity.toeplitz import Toeplitz
from rnnbench.connectivity.upper_triangular import UpperTriangular

CONNECTIVITIES: tuple[type[Connectivity], ...] = (
    Dense,
    Banded,
    PermutedBand,
    Toeplitz,
    Jordan,
    BlockDiagonal,
    Random,
    SmallWorld,
    Hub,
    UpperTriangular,
    LowRank,
    LowRankPlusDiagonal,
    Kronecker,
    Monarch,
    Butterfly,
    Circulant,
    Companion,
    Orthogonal,
    NoRecurrence,
)

ConnectivityField = Annotated[
    Annotated[Dense, Tag(Dense.kind)]
    | Annotated[Banded, Tag(Banded.kind)]
    | Annotated[PermutedBand, Tag(PermutedBand.kind)]
    | Annotated[Toeplitz, Tag(Toeplitz.kind)]
    | Annotated[Jordan, Tag(Jordan.kind)]
    | Annotated[BlockDiagonal, Tag(BlockDiagonal.kind)]
    | Annotated[Random, Tag(Random.kind)]
    | Annotated[SmallWorld, Tag(SmallWorld.kind)]
    | Annotated[Hub, Tag(Hub.kind)]
    | Annotated[UpperTriangular, Tag(UpperTriangular.kind)]
    | Annotated[LowRank, Tag(LowRank.kind)]
    | Annotated[LowRankPlusDiagonal, Tag(LowRankPlusDiagonal.kind)]
    | Annotated[Kronecker, Tag(Kronecker.kind)]
    | Annotated[Monarch, Tag(Monarch.kind)]
    | Annotated[Butterfly, Tag(Butterfly.kind)]
    | Annotated[Circulant, Tag(Circulant.kind)]
    | Annotated[Companion, Tag(Companion.kind)]
    | Annotated[Orthogonal, Tag(Orthogonal.kind)]
    | Annotated[NoRecurrence, Tag(NoRecurrence.kind)],
    by_name,
]
"""The type of a suite's ``connectivity``."""

__all__ = [
    "CONNECTIVITIES",
    "Arrays",
    "Banded",
    "BlockDiagonal",
    "ComposedConnectivity",
    "Connectivity",
    "ConnectivityField",
    "Dense",
    "Guise",
    "ListedConnectivity",
    "Multiply",
    "NoRecurrence",
    "Parameters",
    "fan_in_bound",
]
