"""Units that remember by themselves, and speak to others through a bottleneck."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import PositiveInt

from rnnbench.connectivity.base import Arrays, Multiply, Parameters
from rnnbench.connectivity.composed import ComposedConnectivity
from rnnbench.connectivity.low_rank import LowRank

if TYPE_CHECKING:
    from torch import Tensor


class LowRankPlusDiagonal(ComposedConnectivity):
    """``U = diag(diagonal) + left right^T``; stored as ``diagonal`` ``[H]``, ``left`` and ``right`` ``[H, rank]``.

    Barone, Low-rank passthrough neural networks, arXiv:1603.03116.
    """

    kind: ClassVar[str] = "low_rank_plus_diagonal"
    summary: ClassVar[str] = "low_rank, and every unit listens to itself, too"
    count: ClassVar[str] = "(2 rank + 1) H"
    readable: ClassVar[bool] = False

    rank: PositiveInt

    @property
    def rest(self) -> LowRank:
        """What there is beside the diagonal."""
        return LowRank(rank=self.rank)

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if the rank is larger than H."""
        self.rest.check(hidden)

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return the diagonal and two factors of H x rank."""
        return {"diagonal": (hidden,), **self.rest.parameter_shapes(hidden)}

    def inputs(self, hidden: int) -> dict[str, float]:
        """Return the inputs of the diagonal, and of each factor."""
        return {"diagonal": 1, **self.rest.inputs(hidden)}

    def operations(self, hidden: int) -> int:
        """Return (4 rank + 2) H."""
        return self.rest.operations(hidden) + 2 * hidden

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return that of the factors, and one for the diagonal."""
        diagonal, rest = parameters["diagonal"].unsqueeze(-2), self.rest.multiplication(parameters, hidden)
        return lambda h: rest(h).addcmul(diagonal, h)

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``diag(diagonal) + left right^T``."""
        return self.rest.to_dense(parameters, hidden) + parameters["diagonal"].diag_embed()

    def draw_fan_in(self, hidden: int, generator: np.random.Generator) -> Arrays:
        """Return diagonal and factors, of which each gives half of the variance that a dense ``U`` gives."""
        diagonal = generator.uniform(-1, 1, hidden)
        half = {"diagonal": diagonal, **self.rest.draw_fan_in(hidden, generator)}
        return self.scaled(half, hidden, 0.5**0.5)

    def scaled(self, parameters: Arrays, hidden: int, factor: float) -> Arrays:
        """Return the parameters of ``factor U``."""
        factors = {name: parameters[name] for name in ("left", "right")}
        return {"diagonal": factor * parameters["diagonal"], **self.rest.scaled(factors, hidden, factor)}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return True."""
        return True

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return the diagonal; of the factors, one is zero and the other is drawn, so that the first can learn."""
        drawn = self.rest.draw_fan_in(hidden, generator)
        return {"diagonal": np.full(hidden, scale), "left": np.zeros((hidden, self.rank)), "right": drawn["right"]}
