"""A delay line with feedback: one unit listens to all, each of the others repeats the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from rnnbench.connectivity.base import Arrays, Guise, Multiply, Parameters
from rnnbench.connectivity.composed import ComposedConnectivity
from rnnbench.connectivity.listed import ListedConnectivity

if TYPE_CHECKING:
    from torch import Tensor


class Companion(ComposedConnectivity):
    """``U[0, j] = coefficients[j]`` and ``U[i, i - 1] = 1``, zero elsewhere; stored as ``coefficients`` ``[H]``.

    Its characteristic polynomial is ``x^H - coefficients[0] x^(H - 1) - ... - coefficients[H - 1]`` (Horn and Johnson,
    Matrix Analysis, 3.3): any eigenvalues at all, for H weights. As a state space: Zhang et al., arXiv:2303.09489.
    """

    kind: ClassVar[str] = "companion"
    summary: ClassVar[str] = "the first unit listens to all, each other one repeats the one before it"
    count: ClassVar[str] = "H"

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"coefficients": (H,)}``."""
        return {"coefficients": (hidden,)}

    def inputs(self, hidden: int) -> dict[str, float]:
        """Return H, those of the first unit."""
        return {"coefficients": hidden}

    def fan_in(self, hidden: int) -> float:
        """Return the mean number of recurrent inputs of a unit."""
        return (2 * hidden - 1) / hidden

    def operations(self, hidden: int) -> int:
        """Return 2 H: what is only moved costs none."""
        return 2 * hidden

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return one sum, and a shift."""
        import torch

        coefficients = parameters["coefficients"].unsqueeze(-1)

        def multiply(h: Tensor) -> Tensor:
            first = h @ coefficients
            return torch.cat((first, h[..., :-1].expand(*first.shape[:-1], hidden - 1)), dim=-1)

        return multiply

    def guise(self, hidden: int) -> Guise:
        """Return the entries of the first row and of the shift, all as if they were free."""
        return Guise(FirstRowAndShift())

    def in_guise(self, parameters: Parameters, hidden: int) -> Parameters:
        """Return the coefficients, and ones."""
        import torch

        coefficients = parameters["coefficients"]
        ones = coefficients.new_ones(()).expand(*coefficients.shape[:-1], hidden - 1)
        return {"entries": torch.cat((coefficients, ones), dim=-1)}

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``U``."""
        import torch

        first = parameters["coefficients"].unsqueeze(-2)
        shift = torch.eye(hidden, dtype=first.dtype, device=first.device)[:-1]
        return torch.cat((first, shift.expand(*first.shape[:-2], hidden - 1, hidden)), dim=-2)

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the first row; the rest is dropped."""
        return {"coefficients": matrix[..., 0, :].clone()}

    def scaled(self, parameters: Arrays, hidden: int, factor: float) -> Arrays:
        """Return those of the polynomial whose zeros are ``factor`` times as large."""
        return {"coefficients": parameters["coefficients"] * factor ** np.arange(1, hidden + 1)}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return whether there is nothing to repeat."""
        return hidden == 1

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return the one number."""
        return {"coefficients": np.full(hidden, scale)}


class FirstRowAndShift(ListedConnectivity):
    """The entries of a companion matrix: no suite names it, sparse kernels run it."""

    kind: ClassVar[str] = "first_row_and_shift"
    summary: ClassVar[str] = "the first row, and the diagonal below the main one"
    count: ClassVar[str] = "2 H - 1"

    def positions(self, hidden: int) -> np.ndarray:
        """Return the flat positions, row by row."""
        return np.concatenate((np.arange(hidden), np.arange(1, hidden) * (hidden + 1) - 1))

    def recurrent_parameters(self, hidden: int) -> int:
        """Return 2 H - 1."""
        return 2 * hidden - 1
