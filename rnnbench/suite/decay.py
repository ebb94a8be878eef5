"""How the learning rate falls during training, as suites name it."""

from __future__ import annotations

from abc import abstractmethod
from math import cos, pi
from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt, Tag

from rnnbench.choice import Choice, by_name

Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Decay(Choice):
    """What the optimizer's learning rate is multiplied by."""

    summary: ClassVar[str]
    """One line for people."""

    @abstractmethod
    def factor(self, iteration: int, iterations: int) -> float:
        """Return the factor of update ``iteration`` (from 0) out of ``iterations``."""


class StepDecay(Decay):
    """Times ``scale`` every ``every`` iterations."""

    kind: ClassVar[str] = "step"
    summary: ClassVar[str] = "times `scale` every `every` iterations"

    every: PositiveInt
    scale: Part = 0.1

    def factor(self, iteration: int, iterations: int) -> float:
        """Return ``scale`` to the number of times that ``every`` is over."""
        return self.scale ** (iteration // self.every)


class LinearDecay(Decay):
    """Falls evenly from 1 towards ``final``."""

    kind: ClassVar[str] = "linear"
    summary: ClassVar[str] = "evenly from 1 to `final` over the iterations"

    final: Part = 0.0

    def factor(self, iteration: int, iterations: int) -> float:
        """Return the value of the line."""
        return 1 - (1 - self.final) * iteration / iterations


class CosineDecay(Decay):
    """Falls along half a cosine from 1 towards ``final`` (arXiv:1608.03983, without restarts)."""

    kind: ClassVar[str] = "cosine"
    summary: ClassVar[str] = "from 1 to `final` along half a cosine"

    final: Part = 0.0

    def factor(self, iteration: int, iterations: int) -> float:
        """Return the value of the cosine."""
        return self.final + (1 - self.final) * (1 + cos(pi * iteration / iterations)) / 2


DECAYS: tuple[type[Decay], ...] = (StepDecay, LinearDecay, CosineDecay)

DecayField = Annotated[
    Annotated[StepDecay, Tag(StepDecay.kind)]
    | Annotated[LinearDecay, Tag(LinearDecay.kind)]
    | Annotated[CosineDecay, Tag(CosineDecay.kind)],
    by_name,
]
"""The type of a suite's ``training.decay``."""
