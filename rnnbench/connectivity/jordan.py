"""Pairs of units that turn, and single ones that grow or fade: what every linear recurrence is, seen from its modes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import NonNegativeInt

from rnnbench.connectivity.banded import Banded
from rnnbench.connectivity.base import Arrays, Connectivity, Guise, Parameters, uniform
from rnnbench.connectivity.sizes import check_at_most

if TYPE_CHECKING:
    from torch import Tensor


class Jordan(Connectivity):
    """``blocks`` blocks ``[[a, b], [-b, a]]`` (eigenvalues a +- ib), then single entries on the diagonal.

    The real Jordan form of a matrix that has a full set of eigenvectors, as most have (Horn and Johnson, Matrix
    Analysis, 3.4). Stored as ``pairs`` ``[blocks, 2]``, a and b, and ``singles`` ``[H - 2 blocks]``. Runs as the
    tridiagonal that it is. Left out, ``blocks`` is as many as fit.
    """

    kind: ClassVar[str] = "jordan"
    summary: ClassVar[str] = "`blocks` pairs of units that turn, [[a, b], [-b, a]] (by default all units), others alone"
    count: ClassVar[str] = "H"

    blocks: NonNegativeInt | None = None

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if there are fewer than two units for each block."""
        if self.blocks is not None:
            check_at_most("blocks", self.blocks, hidden, each=2)

    def number(self, hidden: int) -> int:
        """Return how many blocks there are."""
        return hidden // 2 if self.blocks is None else self.blocks

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"pairs": (blocks, 2), "singles": (H - 2 blocks,)}``."""
        number = self.number(hidden)
        return {"pairs": (number, 2), "singles": (hidden - 2 * number,)}

    def recurrent_parameters(self, hidden: int) -> int:
        """Return H."""
        return hidden

    def fan_in(self, hidden: int) -> float:
        """Return the mean number of recurrent inputs of a unit."""
        return (hidden + 2 * self.number(hidden)) / hidden

    def flops_per_step(self, hidden: int) -> int:
        """Return two operations for each entry that is not zero."""
        return 2 * (hidden + 2 * self.number(hidden))

    def guise(self, hidden: int) -> Guise:
        """Return the tridiagonal, or the diagonal if there are no pairs."""
        beside = min(1, self.number(hidden))
        return Guise(Banded(lower=beside, upper=beside))

    def in_guise(self, parameters: Parameters, hidden: int) -> Parameters:
        """Return the bands."""
        import torch

        (a, b), singles = parameters["pairs"].unbind(-1), parameters["singles"]
        main = torch.cat((torch.stack((a, a), dim=-1).flatten(-2), singles), dim=-1)
        if not self.number(hidden):
            return {"bands": main.unsqueeze(-2)}
        zero, rest = torch.zeros_like(b), torch.zeros_like(singles)
        below = torch.cat((torch.stack((zero, -b), dim=-1).flatten(-2), rest), dim=-1)
        above = torch.cat((torch.stack((b, zero), dim=-1).flatten(-2), rest), dim=-1)
        return {"bands": torch.stack((below, main, above), dim=-2)}

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``U``."""
        band = self.guise(hidden).connectivity
        return band.to_dense(self.in_guise(parameters, hidden), hidden)

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the nearest: a is the mean of two entries, b half of the difference of the others."""
        import torch

        hidden = matrix.shape[-1]
        count = 2 * self.number(hidden)
        diagonal = matrix.diagonal(dim1=-2, dim2=-1)
        above = matrix.diagonal(1, dim1=-2, dim2=-1)[..., : max(0, count - 1) : 2]
        below = matrix.diagonal(-1, dim1=-2, dim2=-1)[..., : max(0, count - 1) : 2]
        a = (diagonal[..., :count:2] + diagonal[..., 1:count:2]) / 2
        return {"pairs": torch.stack((a, (above - below) / 2), dim=-1), "singles": diagonal[..., count:].clone()}

    def draw(self, hidden: int, low: float, high: float, generator: np.random.Generator) -> Arrays:
        """Return parameters that are all uniform on ``[low, high)``."""
        return uniform(self.parameter_shapes(hidden), low, high, generator)

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return True."""
        return True

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return ``scale`` for every a and single entry, no turning."""
        number = self.number(hidden)
        return {"pairs": np.tile([scale, 0.0], (number, 1)), "singles": np.full(hidden - 2 * number, scale)}
