"""What every recurrent connectivity can say about itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from rnnbench.choice import Choice

if TYPE_CHECKING:
    from torch import Tensor

Parameters = dict[str, "Tensor"]
"""The trainable tensors of one recurrent matrix by name; any leading dimensions are replicas, then gates."""
Arrays = dict[str, np.ndarray]
"""Initial values of :data:`Parameters`, float64."""
Multiply = Callable[["Tensor"], "Tensor"]
"""``h -> U h``, ``[*, B, H]``; where h has one in place of a leading dimension of U, it is the same for all there."""


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
    always_orthogonal: ClassVar[bool] = False
    """Whether ``U`` is orthogonal whatever its weights."""
    readable: ClassVar[bool] = True
    """Whether the parameters can be read off a dense matrix: whether there is a :meth:`from_dense`."""

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if this structure does not exist at hidden size ``hidden``, saying which sizes work."""

    @abstractmethod
    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each trainable tensor."""

    @abstractmethod
    def recurrent_parameters(self, hidden: int) -> int:
        """Return how many numbers are free: entries of ``U``, mostly (padding in storage does not count)."""

    @property
    def grows(self) -> bool:
        """Whether of two hidden sizes at which this exists the larger never has fewer recurrent parameters."""
        return True

    def flops_per_step(self, hidden: int) -> int:
        """Return the operations of one product ``U h``: a multiplication and an addition for each free entry."""
        return 2 * self.recurrent_parameters(hidden)

    @abstractmethod
    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``U``, shape ``[*, H, H]``, differentiable in ``parameters``."""

    @abstractmethod
    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the parameters of the nearest ``U`` to ``matrix`` ``[*, H, H]``, its own if it has this structure.

        Entries that are not free are dropped.

        Raises
        ------
        ValueError
            There is no closed form.
        """

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply | None:
        """Return a product ``U h`` that needs no dense view, or None: there is none but that of a band or of blocks."""
        return None

    def guise(self, hidden: int) -> Guise | None:
        """Return another connectivity whose kernels run this one, or None: it has kernels of its own, or none."""
        return None

    def in_guise(self, parameters: Parameters, hidden: int) -> Parameters:
        """Return the parameters of the :meth:`guise`, differentiable in ``parameters``; as they are by default."""
        return parameters

    @abstractmethod
    def draw(self, hidden: int, low: float, high: float, generator: np.random.Generator) -> Arrays:
        """Return initial parameters whose free elements are uniform on ``[low, high)``."""

    def draw_fan_in(self, hidden: int, generator: np.random.Generator) -> Arrays:
        """Return initial parameters uniform on +-1/sqrt(n), n the mean number of recurrent inputs of a unit."""
        bound = fan_in_bound(self.fan_in(hidden))
        return self.draw(hidden, -bound, bound, generator)

    def scaled(self, parameters: Arrays, hidden: int, factor: float) -> Arrays:
        """Return parameters for which every eigenvalue of ``U`` is ``factor`` (above 0) times as large."""
        return {name: factor * array for name, array in parameters.items()}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return whether ``U`` can be ``scale`` times the identity."""
        return False

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return the parameters of ``scale`` times the identity; only where :meth:`has_identity`.

        What that leaves open is drawn.
        """
        raise NotImplementedError

    def has_cycle(self, hidden: int) -> bool:
        """Return whether some unit can feed itself, over others or not; else every eigenvalue of ``U`` is zero."""
        return True

    def equal_blocks(self, hidden: int) -> int | None:
        """Return into how many equal blocks ``U`` falls apart, all entries inside free and none outside, or None.

        Then the one stored tensor has H^2 / n elements: block after block, row after row.
        """
        return None

    def fan_in(self, hidden: int) -> float:
        """Return the mean number of recurrent inputs of a unit."""
        return self.recurrent_parameters(hidden) / hidden


def fan_in_bound(inputs: float) -> float:
    """Return b of nn.RNN's uniform distribution on +-b for a unit with so many ``inputs``: 1/sqrt(inputs)."""
    bound: float = max(inputs, 1.0) ** -0.5
    return bound


def uniform(shapes: Mapping[str, tuple[int, ...]], low: float, high: float, generator: np.random.Generator) -> Arrays:
    """Return an array of each shape, uniform on ``[low, high)``."""
    return {name: generator.uniform(low, high, shape) for name, shape in shapes.items()}


def widened(tensor: Tensor) -> Tensor:
    """Return numbers of 16 bits in float32, for operations that torch has in no fewer; others as they are."""
    return tensor.float() if tensor.itemsize == 2 else tensor
