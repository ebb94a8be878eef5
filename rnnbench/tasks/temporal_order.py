"""Telling in which order two symbols came."""

from __future__ import annotations

from math import log
from typing import Annotated, ClassVar

import numpy as np

from rnnbench.tasks.base import Examples, Length, at_least
from rnnbench.tasks.classification import SOLVED, Classification

ORDERS = 4
DISTRACTORS = 4
TENTHS = 10


class TemporalOrder(Classification):
    """The temporal-order problem 6a of Hochreiter and Schmidhuber (1997), as in Pascanu et al. (arXiv:1211.5063).

    Definition: T = ``length`` steps show distractors, each uniform out of four symbols, but for one step uniform in
    [T/10, 2T/10) and one in [4T/10, 5T/10), which show A or B, each with probability 1/2. The last step asks in which
    order they came: AA, AB, BA or BB.
    Loss: cross-entropy. Solved: 0.99 of the held-out sequences are right. Baseline: ln 4, with a quarter of them right.
    """

    kind: ClassVar[str] = "temporal_order"
    summary: ClassVar[str] = "tell in which order two symbols came among distractors; asked at the end"
    sizes: ClassVar[str] = "6 -> 4"
    length_option: ClassVar[str] = "length"
    last_only: ClassVar[bool] = True
    loss_meaning: ClassVar[str] = "cross-entropy in nats"
    accuracy_meaning: ClassVar[str] = "orders told right"
    success_rule: ClassVar[str] = f"at least {SOLVED} of the held-out sequences are told right"

    length: Annotated[Length, at_least(TENTHS, "for markers in its second and its fifth tenth")] = 100

    @property
    def input_size(self) -> int:
        """A, B and the distractors."""
        return 2 + DISTRACTORS

    @property
    def output_size(self) -> int:
        """The orders."""
        return ORDERS

    @property
    def time_steps(self) -> int:
        """One step per symbol."""
        return self.length

    def draw(self, count: int, generator: np.random.Generator) -> Examples:
        """Return ``count`` random sequences; A and B are the symbols 0 and 1."""
        inputs = generator.integers(2, 2 + DISTRACTORS, size=(self.length, count), dtype=np.uint8)
        markers = generator.integers(2, size=(2, count), dtype=np.uint8)
        for marker, tenth in zip(markers, (1, 4), strict=True):
            start, end = tenth * self.length // TENTHS, (tenth + 1) * self.length // TENTHS
            inputs[generator.integers(start, end, size=count), np.arange(count)] = marker
        return Examples(inputs[..., None], (2 * markers[0] + markers[1])[None, :, None])

    def baseline_loss(self) -> float:
        """Return ln 4."""
        return log(ORDERS)
