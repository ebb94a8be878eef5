"""Butterflies: log2 H stages in which each unit meets one other, so that all have met all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from rnnbench.connectivity.base import Arrays, Multiply, Parameters
from rnnbench.connectivity.composed import ComposedConnectivity

if TYPE_CHECKING:
    from torch import Tensor


class Butterfly(ComposedConnectivity):
    """``U`` is a product of log2 H stages: stage k makes ``stages[k, 0, i] h[i] + stages[k, 1, i] h[partner]`` of unit
    i, whose partner is ``i xor 2^k``; stored as ``stages`` ``[log2 H, 2, H]``.

    The pattern of the fast Fourier transform, with weights that learn (Dao et al., arXiv:1903.05895).
    """

    kind: ClassVar[str] = "butterfly"
    summary: ClassVar[str] = "log2 H stages, in each of which a unit meets one other, as in a fast Fourier transform"
    count: ClassVar[str] = "2 H log2 H"
    readable: ClassVar[bool] = False
    multiplication_pays_above: ClassVar[int] = 1280

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` unless H is a power of two from 2 on."""
        if hidden < 2 or hidden & (hidden - 1):
            below = 1 << (hidden.bit_length() - 1)
            sizes = " or ".join(str(size) for size in (below, 2 * below) if size > 1)
            raise ValueError(
                f"hidden size {hidden} is no power of two from 2 on, as a butterfly needs: use hidden {sizes}"
            )

    def degree(self, hidden: int) -> int:
        """Return log2 H."""
        return hidden.bit_length() - 1

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"stages": (log2 H, 2, H)}``."""
        return {"stages": (self.degree(hidden), 2, hidden)}

    def inputs(self, hidden: int) -> dict[str, float]:
        """Return 2."""
        return {"stages": 2}

    def operations(self, hidden: int) -> int:
        """Return 4 H log2 H."""
        return 4 * hidden * self.degree(hidden)

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return the stages one after the other, elementwise on h and on its partners."""
        stages = [stage.unsqueeze(-2).unbind(-3) for stage in parameters["stages"].unbind(-3)]

        def multiply(h: Tensor) -> Tensor:
            for k, (own, other) in enumerate(stages):
                h = (own * h).addcmul(other, h.reshape(*h.shape[:-1], -1, 2, 1 << k).flip(-2).flatten(-3))
            return h

        return multiply

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return the product of all stages, each applied to the rows of those before it."""
        import torch

        stages = parameters["stages"]
        units = torch.arange(hidden, device=stages.device)
        matrix = torch.eye(hidden, dtype=stages.dtype, device=stages.device)
        for k, stage in enumerate(stages.unbind(-3)):
            own, other = stage.unsqueeze(-1).unbind(-3)
            matrix = own * matrix + other * matrix.index_select(-2, units ^ (1 << k))
        return matrix

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return True."""
        return True

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return stages in which nobody meets anybody, the first times ``scale``."""
        stages = np.zeros((self.degree(hidden), 2, hidden))
        stages[:, 0] = 1
        stages[0] *= scale
        return {"stages": stages}
