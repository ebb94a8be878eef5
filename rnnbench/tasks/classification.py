"""Tasks whose answers are classes: cross-entropy, and the share of answers that are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rnnbench.tasks.base import Task

if TYPE_CHECKING:
    from torch import Tensor

SOLVED = 0.99
"""With at most one sequence in a hundred wrong, Pascanu et al. (arXiv:1211.5063) count a task as solved."""


class Classification(Task):
    """A task that asks for one of O classes; solved when :data:`SOLVED` of the held-out answers are right."""

    loss_meaning: ClassVar[str] = "cross-entropy in nats, mean over the steps asked for"

    def loss(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the cross-entropy in nats, mean over steps: ``[A, *, O]`` and classes ``[A, *, 1]`` to ``[*]``."""
        return -log_likelihood(readout, targets).mean(dim=0)

    def correct(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return whether every answer of a sequence is right."""
        return right(readout, targets).all(dim=0)

    def solved(self, loss: float, accuracy: float) -> bool:
        """Return whether :data:`SOLVED` of the answers are right."""
        return accuracy >= SOLVED

    def targets_like(self, readout: Tensor) -> Tensor:
        """Return the classes that ``readout`` answers."""
        return readout.argmax(dim=-1, keepdim=True)


def log_likelihood(readout: Tensor, targets: Tensor) -> Tensor:
    """Return the logarithm of the softmax of ``readout`` ``[A, *, O]`` at classes ``[A, *, 1]``: ``[A, *]``."""
    classes = targets.long().expand(*readout.shape[:-1], 1)
    return readout.log_softmax(dim=-1).gather(-1, classes).squeeze(-1)


def right(readout: Tensor, targets: Tensor) -> Tensor:
    """Return whether each answer is right: ``[A, *, O]`` and classes ``[A, *, 1]`` to bool ``[A, *]``."""
    return readout.argmax(dim=-1) == targets.squeeze(-1)
