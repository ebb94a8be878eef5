"""The connectivities a suite can name. Adding one is adding a file and a line here; plug-ins add others."""

from __future__ import annotations

from typing import Annotated

from rnnbench.catalogue import Catalogue
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

CONNECTIVITIES: Catalogue[Connectivity] = Catalogue(
    "connectivity",
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

ConnectivityField = Annotated[Connectivity, CONNECTIVITIES]
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
