"""Bands of shared weights: every unit listens to its neighbours alike, as in a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import NonNegativeInt

from rnnbench.connectivity.banded import Banded
from rnnbench.connectivity.base import Arrays, Connectivity, Guise, Parameters

if TYPE_CHECKING:
    from torch import Tensor


class Toeplitz(Connectivity):
    """``U[i, j] = taps[j - i + lower]`` for ``-lower <= j - i <= upper``, zero elsewhere; stored as ``taps``
    ``[lower + upper + 1]``.

    A convolution over the units, without wrapping around (Gray, Toeplitz and circulant matrices: a review, 2006). Runs
    as the band that it is. Taps that reach nowhere in a small matrix stay zero.
    """

    kind: ClassVar[str] = "toeplitz"
    summary: ClassVar[str] = "a band with one weight for each diagonal: every unit listens to its neighbours alike"
    count: ClassVar[str] = "min(lower, H - 1) + min(upper, H - 1) + 1"

    lower: NonNegativeInt
    upper: NonNegativeInt

    @property
    def band(self) -> Banded:
        """The band with weights of their own."""
        return Banded(lower=self.lower, upper=self.upper)

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"taps": (lower + upper + 1,)}``."""
        return {"taps": (self.lower + self.upper + 1,)}

    def recurrent_parameters(self, hidden: int) -> int:
        """Return the number of diagonals that the matrix has."""
        return min(self.lower, hidden - 1) + min(self.upper, hidden - 1) + 1

    def flops_per_step(self, hidden: int) -> int:
        """Return the operations of the band: sharing weights saves none."""
        return self.band.flops_per_step(hidden)

    def fan_in(self, hidden: int) -> float:
        """Return the mean number of recurrent inputs of a unit."""
        return self.band.fan_in(hidden)

    def guise(self, hidden: int) -> Guise:
        """Return the band with weights of their own."""
        return Guise(self.band)

    def in_guise(self, parameters: Parameters, hidden: int) -> Parameters:
        """Return the bands, each element of a diagonal the same."""
        import torch

        taps = parameters["taps"].unsqueeze(-1)
        inside = torch.from_numpy(self.band.positions(hidden) >= 0).to(taps.device)
        return {"bands": torch.where(inside, taps, taps.new_zeros(()))}

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``U``."""
        return self.band.to_dense(self.in_guise(parameters, hidden), hidden)

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the mean of each diagonal: the nearest Toeplitz matrix of these diagonals."""
        hidden = matrix.shape[-1]
        bands = self.band.from_dense(matrix)["bands"]
        return {"taps": bands.sum(dim=-1) / bands.new_tensor(self._lengths(hidden).clip(min=1))}

    def draw(self, hidden: int, low: float, high: float, generator: np.random.Generator) -> Arrays:
        """Return taps uniform on ``[low, high)``."""
        drawn = generator.uniform(low, high, self.lower + self.upper + 1)
        return {"taps": np.where(self._lengths(hidden) > 0, drawn, 0.0)}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return True."""
        return True

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return the one tap of the main diagonal."""
        return {"taps": np.where(np.arange(self.lower + self.upper + 1) == self.lower, scale, 0.0)}

    def _lengths(self, hidden: int) -> np.ndarray:
        """Return how long each diagonal is in the matrix."""
        return (hidden - np.abs(np.arange(-self.lower, self.upper + 1))).clip(min=0)
