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
    Baseline: without memory the best answer to a step is the exclusive or, right while no carry arrives; the least loss
    has the answer that is, for each pair of bits, the share of ones.
    """

    kind: ClassVar[str] = "binary_addition"
    summary: ClassVar[str] = "add two (bits - 1)-bit numbers, least significant bit first"
    sizes: ClassVar[str] = "2 -> 1"
    length_option: ClassVar[str] = "bits"
    loss_meaning: ClassVar[str] = "half the squared error of the bits, summed over the steps"
    accuracy_meaning: ClassVar[str] = "sums with every bit right"
    success_rule: ClassVar[str] = "every sum is right"

    bits: Annotated[int, Field(ge=2, le=31)] = 8

    @property
    def input_size(self) -> int:
        """A bit of each summand."""
        return 2

    @property
    def output_size(self) -> int:
        """A bit of the sum."""
        return 1

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

    def evaluation_count(self, limit: int) -> int:
        """Return the number of pairs of summands if it is at most ``limit``, else as many as other tasks take."""
        pairs = self.largest**2
        return pairs if pairs <= limit else super().evaluation_count(limit)

    def evaluation_set(self, limit: int, generator: np.random.Generator) -> EvaluationSet:
        """Return all pairs of summands if there are at most ``limit``, else :meth:`evaluation_count` random pairs."""
        if self.largest**2 > limit:
            return super().evaluation_set(limit, generator)
        numbers = np.arange(self.largest)
        return EvaluationSet(
            self.encode(np.repeat(numbers, self.largest), np.tile(numbers, self.largest)), exhaustive=True
        )

    def loss(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return half the squared error of the sigmoid, summed over steps."""
        return 0.5 * (readout.sigmoid() - targets).square().sum(dim=(0, -1))

    def loss_gradient(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return ``(a - target) a (1 - a) / B`` for the answers a, the sigmoid of the readout."""
        answers = readout.sigmoid()
        gradient = (answers - targets).div_(readout.shape[-2])
        return gradient.mul_(1 - answers).mul_(answers)

    def correct(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return whether every bit is on the right side of 0.5."""
        return ((readout > 0) == (targets > 0.5)).all(dim=0).all(dim=-1)

    def solved(self, loss: float, accuracy: float) -> bool:
        """Return whether every sum is right."""
        return accuracy == 1.0

    def baseline_loss(self) -> float:
        """Return the loss of the best function of a step's two bits alone.

        A carry arrives at step t with probability ``c_t = (1 - 2^-t) / 2``, whatever the bits there. The bits are
        uniform before the last step, and zero at the last. Where a share p of the occurrences of a pair of bits has a
        carry, the squared error is least, ``p (1 - p)``, for the answer p (or 1 - p where the bits differ).
        """
        before = self.bits - 1
        each, carries = before / 4, sum((1 - 0.5**step) / 2 for step in range(before)) / 4
        last = (1 - 0.5**before) / 2

        def error(occurrences: float, with_carry: float) -> float:
            share = with_carry / occurrences
            return occurrences * share * (1 - share)

        return 0.5 * (3 * error(each, carries) + error(each + 1, carries + last))

    def absolute_error(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the demo's figure, ``sum |target - sigmoid(readout)|`` over the steps."""
        return (targets - readout.sigmoid()).abs().sum(dim=(0, -1))
