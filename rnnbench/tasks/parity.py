"""Whether the number of ones so far is odd."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from rnnbench.tasks.state_tracking import StateTracking, TrackedLength


class Parity(StateTracking):
    """The word problem of the group of two elements: each step shows a bit and asks for the parity of all bits so far.

    Definition, loss, success and baseline are those of state tracking: ``modular_counting`` with modulus 2.
    Source: Minsky and Papert (Perceptrons, 1969); as a test of recurrent networks, Grazzi et al. (arXiv:2411.12537),
    who show that a recurrence whose eigenvalues are all positive cannot learn it at every length.
    """

    kind: ClassVar[str] = "parity"
    summary: ClassVar[str] = "the parity of the bits so far, at every step"
    sizes: ClassVar[str] = "2 -> 2"

    length: TrackedLength = 32

    def products(self) -> np.ndarray:
        """Return the exclusive or."""
        return np.array([[0, 1], [1, 0]], dtype=np.uint8)
