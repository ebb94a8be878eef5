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
        """Return after how many time steps a layer keeps a state, of a sequence of ``time_steps``; None: all are."""

    def stream_steps(self, time_steps: int) -> int | None:
        """Return how many time steps the whole model runs at a time, forward and backward; None: all."""
        return None


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
    """As :class:`Every`, with the square root of the number of time steps."""

    kind: ClassVar[str] = "auto"

    def segment_steps(self, time_steps: int) -> int | None:
        """Return the square root, rounded up."""
        return _square_root(time_steps)


class Stream(Recompute):
    """The whole model runs a segment at a time: inputs, readout and loss exist for so many steps only, by default for
    the square root of the number of time steps."""

    kind: ClassVar[str] = "stream"

    steps: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    def segment_steps(self, time_steps: int) -> int | None:
        """Return None: within a segment, everything is kept."""
        return None

    def stream_steps(self, time_steps: int) -> int | None:
        """Return ``steps``, or the square root, rounded up."""
        return self.steps or _square_root(time_steps)


def _square_root(time_steps: int) -> int:
    """Return the square root, rounded up: then as many states are kept as a segment has steps."""
    return math.isqrt(time_steps - 1) + 1


RecomputeField = Annotated[
    Annotated[NoRecompute, Tag(NoRecompute.kind)]
    | Annotated[Every, Tag(Every.kind)]
    | Annotated[Auto, Tag(Auto.kind)]
    | Annotated[Stream, Tag(Stream.kind)],
    by_name,
]
"""The type of a suite's ``recompute``."""
