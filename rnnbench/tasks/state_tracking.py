"""Tasks that follow the state of a finite group, moved by a random element at each step."""

from __future__ import annotations

from abc import abstractmethod
from math import log
from typing import Annotated, ClassVar

import numpy as np

from rnnbench.tasks.base import Examples, Length, at_least
from rnnbench.tasks.classification import SOLVED, Classification

TrackedLength = Annotated[Length, at_least(2, "for anything to be remembered")]
"""The type of a state-tracking task's length."""


class StateTracking(Classification):
    """The word problem of a group, asked at every step.

    Definition: each of T = ``length`` steps shows an element of the group, uniform, and asks for the product of all
    elements so far, the last one leftmost. Loss: cross-entropy, mean over the steps. A sequence is right when all its
    answers are. Solved: 0.99 of the held-out sequences are right.
    Baseline: without memory each product is as likely as any other, whatever the step shows, but at the first step it
    is the element shown. Who cannot tell the steps apart expects the element shown with ``p = 1/T + (1 - 1/T) / n``, n
    the order of the group; the loss is the entropy of that answer.
    """

    length_option: ClassVar[str] = "length"
    accuracy_meaning: ClassVar[str] = "sequences with every state right"
    success_rule: ClassVar[str] = f"at least {SOLVED} of the held-out sequences have every state right"

    @abstractmethod
    def products(self) -> np.ndarray:
        """Return the multiplication table of the group, ``[n, n]`` uint8; element 0 is the neutral one."""

    @property
    def input_size(self) -> int:
        """The order of the group."""
        return len(self.products())

    @property
    def output_size(self) -> int:
        """The order of the group."""
        return len(self.products())

    @property
    def time_steps(self) -> int:
        """One step per element."""
        steps: int = getattr(self, self.length_option)
        return steps

    def draw(self, count: int, generator: np.random.Generator) -> Examples:
        """Return ``count`` random sequences."""
        table = self.products()
        elements = generator.integers(len(table), size=(self.time_steps, count), dtype=np.uint8)
        states = np.empty_like(elements)
        state = np.zeros(count, dtype=np.uint8)
        for step, element in enumerate(elements):
            state = table[element, state]
            states[step] = state
        return Examples(elements[..., None], states[..., None])

    def baseline_loss(self) -> float:
        """Return the entropy of the best answer without memory, in nats."""
        order = len(self.products())
        first = 1 / self.time_steps
        shown = first + (1 - first) / order
        other = (1 - shown) / (order - 1)
        return -shown * log(shown) - (order - 1) * other * log(other)
