"""Rotations and reflections: what a unit forgets, another one remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import PositiveInt

from rnnbench.connectivity.base import Arrays, Multiply, Parameters, widened
from rnnbench.connectivity.composed import ComposedConnectivity
from rnnbench.connectivity.sizes import check_at_most

if TYPE_CHECKING:
    from torch import Tensor


class Orthogonal(ComposedConnectivity):
    """``U = G_1 G_2 .. G_k`` with reflections ``G = I - 2 v v^T / |v|^2``; stored as their ``vectors`` ``[k, H]``.

    ``U`` is orthogonal whatever the weights. With ``reflections`` = H (left out: that many) it can be any orthogonal
    matrix of its determinant (Mhammedi et al., arXiv:1612.00188). A vector of zeros reflects nothing. The product is
    computed all at once, as ``U = I - V T V^T`` with V of unit columns and a triangular T, ``T^-1`` being the part of
    ``V^T V`` above the diagonal, and 1/2 on it (Joffrain et al., ACM TOMS 32, 2006).
    """

    kind: ClassVar[str] = "orthogonal"
    summary: ClassVar[str] = "a product of `reflections` (H by default): U is orthogonal, whatever the weights"
    count: ClassVar[str] = "reflections H"
    readable: ClassVar[bool] = False
    always_orthogonal: ClassVar[bool] = True

    reflections: PositiveInt | None = None

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if there are more reflections than H."""
        if self.reflections is not None:
            check_at_most("reflections", self.reflections, hidden)

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"vectors": (k, H)}``."""
        return {"vectors": (self.number(hidden), hidden)}

    def number(self, hidden: int) -> int:
        """Return k."""
        return hidden if self.reflections is None else self.reflections

    def inputs(self, hidden: int) -> dict[str, float]:
        """Return H."""
        return {"vectors": hidden}

    def operations(self, hidden: int) -> int:
        """Return 4 k H: a sum and a multiple for each reflection."""
        return 4 * self.number(hidden) * hidden

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return ``h - V (T (V^T h))``, T with the second factor."""
        vectors, triangle = _factors(parameters["vectors"])
        right, left = vectors.mT, triangle.mT @ vectors
        return lambda h: h - h @ right @ left

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``I - V T V^T``."""
        import torch

        vectors, triangle = _factors(parameters["vectors"])
        return torch.eye(hidden, dtype=vectors.dtype, device=vectors.device) - vectors.mT @ triangle @ vectors

    def draw_fan_in(self, hidden: int, generator: np.random.Generator) -> Arrays:
        """Return vectors of about unit length whose directions are uniform: ``U`` keeps lengths whatever theirs."""
        return {"vectors": generator.standard_normal((self.number(hidden), hidden)) / hidden**0.5}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return whether reflections can undo each other, and nothing is asked to grow or shrink."""
        return scale == 1 and self.number(hidden) % 2 == 0

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return random reflections, each twice in a row."""
        half = generator.standard_normal((self.number(hidden) // 2, hidden))
        return {"vectors": np.repeat(half, 2, axis=0)}


def _factors(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Return V^T ``[*, k, H]`` of unit rows, and T ``[*, k, k]``."""
    import torch

    units = torch.nn.functional.normalize(widened(vectors), dim=-1)
    k = units.shape[-2]
    eye = torch.eye(k, dtype=units.dtype, device=units.device)
    inverse = (units @ units.mT).triu(1) + eye / 2
    triangle = torch.linalg.solve_triangular(inverse, eye, upper=True)
    return units.to(vectors.dtype), triangle.to(vectors.dtype)
