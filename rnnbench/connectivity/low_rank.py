"""A bottleneck: all units speak to ``rank`` sums, and listen to nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import PositiveInt

from rnnbench.connectivity.base import Arrays, Multiply, Parameters
from rnnbench.connectivity.composed import ComposedConnectivity
from rnnbench.connectivity.sizes import check_at_most

if TYPE_CHECKING:
    from torch import Tensor


class LowRank(ComposedConnectivity):
    """``U = left right^T``; stored as ``left`` and ``right`` ``[H, rank]``.

    The recurrences of computational neuroscience's low-rank networks (Mastrogiuseppe and Ostojic, Neuron 99, 2018).
    """

    kind: ClassVar[str] = "low_rank"
    summary: ClassVar[str] = "the product of H x `rank` and `rank` x H: all units speak through `rank` sums"
    count: ClassVar[str] = "2 rank H"

    rank: PositiveInt

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if the rank is larger than H."""
        check_at_most("rank", self.rank, hidden)

    def degree(self, hidden: int) -> int:
        """Return 2."""
        return 2

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return two factors of H x rank."""
        return {"left": (hidden, self.rank), "right": (hidden, self.rank)}

    def inputs(self, hidden: int) -> dict[str, float]:
        """Return the inputs of each factor."""
        return {"left": self.rank, "right": hidden}

    def operations(self, hidden: int) -> int:
        """Return 4 rank H."""
        return 4 * self.rank * hidden

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return two products, through ``rank`` sums."""
        right, left = parameters["right"], parameters["left"].mT
        return lambda h: h @ right @ left

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``left right^T``."""
        return parameters["left"] @ parameters["right"].mT

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the factors of the nearest matrix of this rank (Eckart and Young, Psychometrika 1, 1936)."""
        import torch

        u, s, v = torch.linalg.svd(matrix)
        root = s[..., : self.rank].sqrt().unsqueeze(-2)
        return {"left": u[..., : self.rank] * root, "right": v.mT[..., : self.rank] * root}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return whether the rank is full."""
        return self.rank == hidden

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return the identity, and ``scale`` times it."""
        return {"left": scale * np.eye(hidden), "right": np.eye(hidden)}
