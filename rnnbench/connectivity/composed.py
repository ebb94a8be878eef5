"""Connectivities whose parameters are no entries of ``U``: it is a product of factors, or shares weights."""

from __future__ import annotations

from abc import abstractmethod
from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from rnnbench.connectivity.base import Arrays, Connectivity, Guise, Multiply, Parameters, uniform
from rnnbench.connectivity.dense import Dense

if TYPE_CHECKING:
    from torch import Tensor


class ComposedConnectivity(Connectivity):
    """``U`` is computed from the parameters, each of which is free.

    A subclass gives the dense view and, where that is cheaper, the product by what ``U`` is made of. Kernels that know
    neither run the dense view.
    """

    multiplication_pays_above: ClassVar[int] = 256
    """The hidden size up to which one GEMM on the dense view is faster, since :meth:`multiplication` takes more calls
    (forward and backward at B = 32 on a 2-core AVX-512 machine; at B = 1 it is about twice as large)."""

    def degree(self, hidden: int) -> int:
        """Return how often ``U`` grows by 2 where every parameter does: 1 where it is linear, 2 for two factors."""
        return 1

    @abstractmethod
    def inputs(self, hidden: int) -> dict[str, float]:
        """Return, by tensor, how many of its weights add up to one number where it is multiplied with."""

    @abstractmethod
    def operations(self, hidden: int) -> int:
        """Return the operations of one product ``U h`` by what ``U`` is made of."""

    @abstractmethod
    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return the product by what ``U`` is made of; what does not change from step to step is done here, once."""

    def flops_per_step(self, hidden: int) -> int:
        """Return the operations of one product ``U h`` by what ``U`` is made of, or on the dense view if fewer."""
        return min(self.operations(hidden), 2 * hidden * hidden)

    def recurrent_parameters(self, hidden: int) -> int:
        """Return the number of elements of all parameters."""
        return sum(prod(shape) for shape in self.parameter_shapes(hidden).values())

    def fan_in(self, hidden: int) -> float:
        """Return H: every unit listens to every unit."""
        return hidden

    def guise(self, hidden: int) -> Guise:
        """Return the dense view."""
        return Guise(Dense())

    def in_guise(self, parameters: Parameters, hidden: int) -> Parameters:
        """Return the dense view."""
        return {"weight": self.to_dense(parameters, hidden)}

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Raise ``ValueError``: there is no closed form."""
        raise ValueError(f"the parameters of {self.label()} cannot be read off a dense matrix: there is no closed form")

    def draw(self, hidden: int, low: float, high: float, generator: np.random.Generator) -> Arrays:
        """Return parameters that are all uniform on ``[low, high)``."""
        return uniform(self.parameter_shapes(hidden), low, high, generator)

    def draw_fan_in(self, hidden: int, generator: np.random.Generator) -> Arrays:
        """Return factors with which ``U h`` has the variance that it has with a dense ``U``: a third of that of h.

        Uniform on +-b has the variance b^2 / 3, so that K factors of n inputs each take ``b^2 = 3^(1 - 1/K) / n``; for
        one factor this is 1 / sqrt(n), nn.RNN's own rule.
        """
        gain = 3.0 ** (1 - 1 / self.degree(hidden))
        bounds = {name: (gain / inputs) ** 0.5 for name, inputs in self.inputs(hidden).items()}
        shapes = self.parameter_shapes(hidden).items()
        return {name: generator.uniform(-bounds[name], bounds[name], shape) for name, shape in shapes}

    def scaled(self, parameters: Arrays, hidden: int, factor: float) -> Arrays:
        """Return the parameters of ``factor U``: every factor takes its share."""
        return {name: factor ** (1 / self.degree(hidden)) * array for name, array in parameters.items()}
