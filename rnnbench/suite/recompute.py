"""What a training pass keeps of its forward pass, and what it computes again backward, as suites name it."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field, Tag

from rnnbench.choice import Choice, by_name


class Recompute(Choice):
    """Which states are kept for backward (Chen et al., arXiv:1604.06174; Gruslys et al., arXiv:1606.03401)."""

    @abstractmethod
    def segment_steps(self, time_steps: int) -> int | None:
        """Return after how many time steps a state is kept, of a sequence of ``time_steps``; None: all are."""


class NoRecompute(Recompute):
    """Everything backward needs is kept."""

    kind: ClassVar[str] = "none"

    def segment_steps(self, time_steps: int) -> int | None:
        """Return None."""
        return None


class Every(Recompute):
    """Every so-many-th state is kept; the steps between are computed again, a segment at a time."""

    kind: ClassVar[str] = "every"

    steps: Annotated[int, Field(ge=1, le=2**31 - 1)]

    def segment_steps(self, time_steps: int) -> int | None:
        """Return ``steps``."""
        return self.steps


class Auto(Recompute):
    """As :class:`Every`, with the square root of the number of time steps: then as many states are kept as a segment
    has."""

    kind: ClassVar[str] = "auto"

    def segment_steps(self, time_steps: int) -> int | None:
        """Return the square root, rounded up."""
        return math.isqrt(time_steps - 1) + 1


RecomputeField = Annotated[
    Annotated[NoRecompute, Tag(NoRecompute.kind)] | Annotated[Every, Tag(Every.kind)] | Annotated[Auto, Tag(Auto.kind)],
    by_name,
]
"""The type of a suite's ``recompute``."""
