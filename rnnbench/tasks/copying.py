"""Repeating symbols after a long pause."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from rnnbench.tasks.base import Examples, Length, at_least
from rnnbench.tasks.classification import SOLVED, Classification, right

if TYPE_CHECKING:
    from torch import Tensor

SYMBOLS = 8
RECALLED = 10
"""How many symbols are to be recalled."""
BLANK, MARKER = SYMBOLS, SYMBOLS + 1


class Copying(Classification):
    """The copying-memory problem (Hochreiter and Schmidhuber, 1997), as in Arjovsky et al. (arXiv:1511.06464).

    Definition: the first 10 steps show symbols, each uniform out of 8; T = ``blanks`` steps of waiting follow, all
    blank but the last, which shows a marker; 10 blank steps end the sequence of T + 20. Asked for is a blank at every
    step but the last 10, and there the 10 symbols in their order.
    Loss: cross-entropy, mean over all steps. Accuracy counts the recalled symbols only. Solved: 0.99 of them are right.
    Baseline: who has no memory but the time answers blanks, and then any symbol: 10 ln 8 / (T + 20).
    """

    kind: ClassVar[str] = "copying"
    summary: ClassVar[str] = "repeat 10 symbols after `blanks` steps of waiting"
    sizes: ClassVar[str] = "10 -> 9"
    length_option: ClassVar[str] = "blanks"
    loss_meaning: ClassVar[str] = "cross-entropy in nats, mean over all steps"
    accuracy_meaning: ClassVar[str] = "symbols recalled"
    success_rule: ClassVar[str] = f"at least {SOLVED} of the symbols of held-out sequences are recalled"

    blanks: Annotated[Length, at_least(1, "for the marker")] = 100

    @property
    def input_size(self) -> int:
        """The symbols, a blank and a marker."""
        return SYMBOLS + 2

    @property
    def output_size(self) -> int:
        """The symbols and a blank."""
        return SYMBOLS + 1

    @property
    def time_steps(self) -> int:
        """The symbols, the wait, the answer."""
        return self.blanks + 2 * RECALLED

    def draw(self, count: int, generator: np.random.Generator) -> Examples:
        """Return ``count`` random sequences."""
        symbols = generator.integers(SYMBOLS, size=(RECALLED, count), dtype=np.uint8)
        inputs = np.full((self.time_steps, count), BLANK, dtype=np.uint8)
        inputs[:RECALLED] = symbols
        inputs[RECALLED + self.blanks - 1] = MARKER
        targets = np.full((self.time_steps, count), BLANK, dtype=np.uint8)
        targets[-RECALLED:] = symbols
        return Examples(inputs[..., None], targets[..., None])

    def correct(self, readout: Tensor, targets: Tensor) -> Tensor:
        """Return the share of the recalled symbols that are right."""
        recalled = right(readout[-RECALLED:], targets[-RECALLED:])
        return recalled.to(readout.dtype).mean(dim=0)

    def baseline_loss(self) -> float:
        """Return 10 ln 8 / (T + 20)."""
        return RECALLED * log(SYMBOLS) / self.time_steps
