"""Distributions of initial weights, as suites name them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from rnnbench.choice import Choice, by_name


class Initialisation(Choice):
    """A distribution of initial weights."""

    def bounds(self, fan_in: float) -> tuple[float, float]:
        """Return (low, high) of the uniform distribution for a unit with ``fan_in`` recurrent inputs."""
        raise NotImplementedError


class FanIn(Initialisation):
    """Uniform on +-1/sqrt(n), n the mean number of recurrent inputs of a unit: for dense, nn.RNN's own rule."""

    kind: ClassVar[str] = "fan_in"

    def bounds(self, fan_in: float) -> tuple[float, float]:
        """Return +-1/sqrt(max(fan_in, 1))."""
        bound = max(fan_in, 1.0) ** -0.5
        return -bound, bound


class Uniform(Initialisation):
    """Uniform on [low, high), every weight."""

    kind: ClassVar[str] = "uniform"

    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> Any:
        if self.low > self.high:
            raise PydanticCustomError("uniform_order", "'low' must not exceed 'high'")
        return self

    def bounds(self, fan_in: float) -> tuple[float, float]:
        """Return (low, high)."""
        return self.low, self.high


InitialisationField = Annotated[
    Annotated[FanIn, Tag(FanIn.kind)] | Annotated[Uniform, Tag(Uniform.kind)],
    by_name,
]
"""The type of a suite's ``initialisation``."""
