"""Adding two numbers that are marked somewhere in a long sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np

from rnnbench.tasks.base import Examples, Length, Task, at_least

if TYPE_CHECKING:
    from torch import Tensor

MEAN_SQUARED_ERROR = 0.01
"""At most this much, and the task is solved."""
TOLERANCE = 0.04
"""Hochreiter and Schmidhuber (1997) count a sum as right when it is off by less."""


class Adding(Task):
    """The adding problem (Hochreiter and Schmidhuber, 1997), in the form of Le, Jaitly and Hinton (arXiv:1504.00941).

    Definition: each of T = ``length`` steps shows a number uniform on [0, 1) and a marker. The marker is 1 at two
    steps, one uniform in each half of the sequence, and 0 elsewhere; the last step asks for the sum of the two marked
    numbers.
    Loss: the squared error. Solved: mean squared error at most 0.01 on held-out sequences.
    Baseline: who remembers nothing answers 1, the mean; the error is the variance of the sum, 2 / 12 = 1 / 6.
    """

    kind: ClassVar[str] = "adding"
    summary: ClassVar[str] = "add two numbers, marked one in each half of the sequence; asked at its end"
    sizes: ClassVar[str] = "2 -> 1"
    length_option: ClassVar[str] = "length"
    last_only: ClassVar[bool] = True
    loss_meaning: ClassVar[str] = "squared error of the sum"
    accuracy_meaning: ClassVar[str] = f"sums within {TOLERANCE} of the right one"
    judged_by: ClassVar[Literal["accuracy", "loss"]] = "loss"
    success_rule: ClassVar[str] = f"the mean squared error on held-out sequences is at most {MEAN_SQUARED_ERROR}"

    length: Annotated[Length, at_least(2, "for two markers, one in each half")] = 100

    @property
    def input_size(self) -> int:
        """A number and a marker."""
        return 2

    @property
    def output_size(self) -> int:
        """The sum."""
        return 1

    @property
    def time_steps(self) -> int:
        """One step per number."""
        return self.length

    def draw(self, count: int, generator: np.random.Generator) -> Examples:
        """Return ``count`` random sequences."""
        values = generator.random((self.length, count), dtype=np.float32)
        half, all_of_them = self.length // 2, np.arange(count)
        first = generator.integers(half, size=count)
        second = generator.integers(half, self.length, size=count)
        markers = np.zeros_like(values)
        markers[first, all_of_them] = 1
        markers[second, all_of_them] = 1
        sums = values[first, all_of_them] + values[second, all_of_them]
        return Examples(np.stack([values, markers], axis=-1), sums[None, :, None])

    def loss(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the squared error."""
        return (readout - targets).square().sum(dim=(0, -1))

    def correct(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return whether the sum is off by less than :data:`TOLERANCE`."""
        return ((readout - targets).abs() < TOLERANCE).all(dim=0).all(dim=-1)

    def solved(self, loss: float, accuracy: float) -> bool:
        """Return whether the mean squared error is small enough."""
        return loss <= MEAN_SQUARED_ERROR

    def baseline_loss(self) -> float:
        """Return 1 / 6."""
        return 1 / 6

    def absolute_error(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return how far the sum is off."""
        return (readout - targets).abs().sum(dim=(0, -1))
