"""What a task offers: data, loss and a success rule."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from rnnbench.choice import Choice

if TYPE_CHECKING:
    from torch import Tensor


class Examples(NamedTuple):
    """Sequences of a task, time-major, N of them side by side."""

    inputs: np.ndarray
    """``[T, N, I]``, float32."""
    targets: np.ndarray
    """``[T, N, O]``, float32."""


class EvaluationSet(NamedTuple):
    """Held-out (or exhaustive) examples."""

    examples: Examples
    exhaustive: bool
    """Whether these are all there are, or a random sample."""


class Task(Choice):
    """A sequence task, generated on the fly from seeded generators."""

    summary: ClassVar[str]
    """One line for people."""
    input_size: ClassVar[int]
    output_size: ClassVar[int]

    @property
    @abstractmethod
    def time_steps(self) -> int:
        """Length T of a sequence."""

    @abstractmethod
    def draw(self, count: int, generator: np.random.Generator) -> Examples:
        """Return ``count`` random training examples."""

    @abstractmethod
    def evaluation_set(self, limit: int, generator: np.random.Generator) -> EvaluationSet:
        """Return all examples if there are at most ``limit``, else ``limit`` random ones."""

    @abstractmethod
    def loss(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of each sequence: ``[T, *, O]`` to ``[*]``."""

    @abstractmethod
    def correct(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return whether each whole sequence is answered right: ``[T, *, O]`` to bool ``[*]``."""
