"""Weights at random places: the control that has as many as a band but no neighbourhood."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, NonNegativeInt, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from rnnbench.connectivity.listed import ListedConnectivity


class Random(ListedConnectivity):
    """A fixed random set of entries, drawn without replacement from all H^2 by its own ``seed``.

    Give either ``nonzeros`` (how many) or ``density`` (their fraction of H^2, rounded, at least one). Stored row
    by row as ``entries`` ``[nonzeros]``. The places depend on ``seed`` and H only, not on the seed of the weights,
    so that all replicas share them.
    """

    kind: ClassVar[str] = "random"
    summary: ClassVar[str] = "`nonzeros` (or a `density`) of entries at random places, fixed by their own `seed`"
    count: ClassVar[str] = "nonzeros, or round(density H^2)"

    nonzeros: PositiveInt | None = None
    density: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    seed: NonNegativeInt = 0

    @model_validator(mode="after")
    def _one_amount(self) -> Any:
        if (self.nonzeros is None) == (self.density is None):
            raise PydanticCustomError("random_amount", "give exactly one of 'nonzeros' and 'density'")
        return self

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if more entries are asked for than ``U`` has."""
        if self.nonzeros is not None and self.nonzeros > hidden * hidden:
            raise ValueError(
                f"{self.nonzeros} non-zeros do not fit a {hidden} x {hidden} matrix: use at most {hidden * hidden}"
            )

    def positions(self, hidden: int) -> np.ndarray:
        """Return the drawn flat positions in ascending order (row by row)."""
        return _places(self.seed, hidden, self.recurrent_parameters(hidden))

    def recurrent_parameters(self, hidden: int) -> int:
        """Return how many entries are free."""
        if self.density is not None:
            return max(1, round(self.density * hidden * hidden))
        return self.nonzeros or 0


@lru_cache(maxsize=16)
def _places(seed: int, hidden: int, count: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).choice(hidden * hidden, size=count, replace=False)
    drawn.sort()
    drawn.setflags(write=False)
    return drawn
