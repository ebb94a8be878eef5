"""What every recurrent connectivity can say about itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from rnnbench.choice import Choice

if TYPE_CHECKING:
    from torch import Tensor

Parameters = dict[str, "Tensor"]
"""The trainable tensors of one recurrent matrix by name; any leading dimensions are replicas, then gates."""


class Guise(NamedTuple):
    """Another connectivity that holds the same matrices, for kernels that know it."""

    connectivity: Connectivity
    order: np.ndarray | None = None
    """Which unit stands at each place there ``[H]``: ``U[order][:, order]`` is its matrix. None: all stay in place."""


class Connectivity(Choice):
    """Which entries of the recurrent matrix ``U`` (H x H) may be non-zero, and how they are stored.

    A frozen value without tensors of its own: importing it imports no torch. Shapes below are written for one
    model; every method accepts tensors with leading replica dimensions ``*`` as well.
    """

    summary: ClassVar[str]
    """One line for people."""
    count: ClassVar[str]
    """The number of recurrent parameters as a formula in H."""

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if this structure does not exist at hidden size ``hidden``, saying which sizes work."""

    @abstractmethod
    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each trainable tensor."""

    @abstractmethod
    def recurrent_parameters(self, hidden: int) -> int:
        """Return how many entries of ``U`` are free (padding in storage does not count)."""

    def flops_per_step(self, hidden: int) -> int:
        """Return the operations of one product ``U h``: a multiplication and an addition for each free entry."""
        return 2 * self.recurrent_parameters(hidden)

    @abstractmethod
    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``U``, shape ``[*, H, H]``, differentiable in ``parameters``."""

    @abstractmethod
    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the parameters that hold the allowed entries of ``matrix`` ``[*, H, H]``; the rest is dropped."""

    @abstractmethod
    def draw(self, hidden: int, low: float, high: float, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Return initial parameters (float64) whose free entries are uniform on ``[low, high)``."""

    def guise(self, hidden: int) -> Guise | None:
        """Return another connectivity whose kernels run this one, or None: it has kernels of its own, or none."""
        return None

    def in_guise(self, parameters: Parameters, hidden: int) -> Parameters:
        """Return the parameters of the :meth:`guise`, differentiable in ``parameters``; as they are by default."""
        return parameters

    def has_diagonal(self, hidden: int) -> bool:
        """Return whether every unit may feed itself: whether ``U`` can be a diagonal matrix with any values."""
        return False

    def from_diagonal(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Return the parameters of the diagonal matrix of ``values`` ``[H]``; only where :meth:`has_diagonal`."""
        raise NotImplementedError

    def has_cycle(self, hidden: int) -> bool:
        """Return whether some unit can feed itself, over others or not; else every eigenvalue of ``U`` is zero."""
        return self.has_diagonal(hidden)

    def equal_blocks(self, hidden: int) -> int | None:
        """Return into how many equal blocks ``U`` falls apart, all entries inside free and none outside, or None.

        Then the one stored tensor has H^2 / n elements: block after block, row after row.
        """
        return None

    def fan_in(self, hidden: int) -> float:
        """Return the mean number of recurrent inputs of a unit."""
        return self.recurrent_parameters(hidden) / hidden
