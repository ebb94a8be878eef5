"""Adding two binary numbers bit by bit, least significant first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from rnnbench.tasks.base import EvaluationSet, Examples, Task

if TYPE_CHECKING:
    from torch import Tensor


class BinaryAddition(Task):
    """Andrew Trask's demo (iamtrask.github.io, 2015-11-15): the carry must be remembered from step to step.

    Definition: a, b uniform on ``[0, 2^(bits-1))``; step t shows bit t of both, least significant first, and asks
    for bit t of a + b. Loss: half the squared error of the sigmoid of the readout, summed over the steps (the
    demo's). A sum is right when all its bits are, at a threshold of 0.5. Solved: every pair is summed right.
    Baseline: without memory the best answer to a step is the exclusive or, right while no carry arrives.
    """

    kind: ClassVar[str] = "binary_addition"
    summary: ClassVar[str] = "add two (bits - 1)-bit numbers, least significant bit first"
    input_size: ClassVar[int] = 2
    output_size: ClassVar[int] = 1

    bits: Annotated[int, Field(ge=2, le=31)] = 8

    @property
    def time_steps(self) -> int:
        """One step per bit."""
        return self.bits

    @property
    def largest(self) -> int:
        """Summands are below this."""
        return 1 << (self.bits - 1)

    def encode(self, first: np.ndarray, second: np.ndarray) -> Examples:
        """Return the bits of the summands ``[T, N, 2]`` and of their sums ``[T, N, 1]`` for integer vectors ``[N]``."""
        shift = np.arange(self.bits)[:, None]

        def bits(numbers: np.ndarray) -> np.ndarray:
            return (numbers[None, :] >> shift) & 1

        inputs = np.stack([bits(first), bits(second)], axis=-1)
        targets = bits(first + second)[..., None]
        return Examples(inputs.astype(np.float32), targets.astype(np.float32))

    def draw(self, count: int, generator: np.random.Generator) -> Examples:
        """Return ``count`` random sums."""
        pairs = generator.integers(self.largest, size=(2, count))
        return self.encode(pairs[0], pairs[1])

    def evaluation_set(self, limit: int, generator: np.random.Generator) -> EvaluationSet:
        """Return all pairs of summands if there are at most ``limit``, else ``limit`` random pairs."""
        if self.largest**2 > limit:
            return EvaluationSet(self.draw(limit, generator), exhaustive=False)
        numbers = np.arange(self.largest)
        return EvaluationSet(
            self.encode(np.repeat(numbers, self.largest), np.tile(numbers, self.largest)), exhaustive=True
        )

    def loss(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return half the squared error of the sigmoid, summed over steps."""
        return 0.5 * (readout.sigmoid() - targets).square().sum(dim=(0, -1))

    def correct(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return whether every bit is on the right side of 0.5."""
        return ((readout > 0) == (targets > 0.5)).all(dim=0).all(dim=-1)
