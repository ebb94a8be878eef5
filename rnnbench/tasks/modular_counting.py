"""Counting in a circle."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from rnnbench.tasks.state_tracking import StateTracking, TrackedLength


class ModularCounting(StateTracking):
    """The word problem of the cyclic group: each step shows a number below ``modulus`` and asks for the sum so far.

    Definition, loss, success and baseline are those of state tracking, the product being the sum modulo ``modulus``.
    Source: the modular counter of Liu et al. (arXiv:2210.10749).
    """

    kind: ClassVar[str] = "modular_counting"
    summary: ClassVar[str] = "the sum so far, modulo `modulus`, at every step"
    sizes: ClassVar[str] = "modulus -> same"

    modulus: Annotated[int, Field(ge=2, le=256)] = 3
    length: TrackedLength = 32

    def products(self) -> np.ndarray:
        """Return ``i + j`` modulo the modulus."""
        numbers = np.arange(self.modulus)
        return ((numbers[:, None] + numbers) % self.modulus).astype(np.uint8)
