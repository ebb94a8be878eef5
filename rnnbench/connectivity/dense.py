"""Full connectivity: every unit feeds every unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from rnnbench.connectivity.base import Arrays, Connectivity, Parameters

if TYPE_CHECKING:
    from torch import Tensor


class Dense(Connectivity):
    """Every entry of ``U`` is free; stored as ``weight`` ``[H, H]``, as nn.RNN's ``weight_hh``."""

    kind: ClassVar[str] = "dense"
    summary: ClassVar[str] = "every unit feeds every unit"
    count: ClassVar[str] = "H^2"

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"weight": (H, H)}``."""
        return {"weight": (hidden, hidden)}

    def recurrent_parameters(self, hidden: int) -> int:
        """Return H^2."""
        return hidden * hidden

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return True."""
        return True

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return ``scale`` times the identity itself."""
        return {"weight": scale * np.eye(hidden)}

    def equal_blocks(self, hidden: int) -> int:
        """Return 1."""
        return 1

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return the weight itself."""
        return parameters["weight"]

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return a copy of ``matrix``."""
        return {"weight": matrix.clone()}

    def draw(self, hidden: int, low: float, high: float, generator: np.random.Generator) -> Arrays:
        """Return a uniform ``[H, H]`` matrix."""
        return {"weight": generator.uniform(low, high, (hidden, hidden))}
