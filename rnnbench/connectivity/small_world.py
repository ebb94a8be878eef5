"""Small worlds: a ring in which some connections reach far."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
from pydantic import Field, NonNegativeInt, PositiveInt

from rnnbench.connectivity.listed import ListedConnectivity


class SmallWorld(ListedConnectivity):
    """Every unit listens to itself and to ``degree`` others, next to it on a ring but for the rewired ones.

    Half of the others are before it, half after. Each of these connections comes, with probability ``rewire``, from
    a unit drawn evenly among those that the unit does not listen to yet (Watts and Strogatz, Nature 393, 1998; here
    connections have a direction, and what a unit listens to is what moves). With ``rewire`` 0 this is a circular band,
    with 1 a random matrix of equal rows. Places depend on ``seed`` and H, as those of ``random`` do.
    """

    kind: ClassVar[str] = "small_world"
    summary: ClassVar[str] = (
        "a unit listens to itself and `degree` neighbours on a ring, each moved anywhere with probability `rewire`"
    )
    count: ClassVar[str] = "(degree + 1) H"

    degree: PositiveInt = Field(multiple_of=2)
    rewire: float = Field(ge=0, le=1, allow_inf_nan=False)
    seed: NonNegativeInt = 0

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if a unit has fewer than ``degree`` others to listen to."""
        if self.degree < hidden:
            return
        most = (hidden - 1) // 2 * 2
        fewer = f", or degree {most}" if most else ""
        raise ValueError(
            f"hidden size {hidden} leaves a unit {hidden - 1} others to listen to, not {self.degree}: "
            f"use hidden {self.degree + 1}{fewer}"
        )

    def positions(self, hidden: int) -> np.ndarray:
        """Return the flat positions in ascending order (row by row)."""
        return _places(self.seed, hidden, self.degree, self.rewire)

    def recurrent_parameters(self, hidden: int) -> int:
        """Return (degree + 1) H."""
        return (self.degree + 1) * hidden


@lru_cache(maxsize=16)
def _places(seed: int, hidden: int, degree: int, rewire: float) -> np.ndarray:
    generator = np.random.default_rng(seed)
    away = np.concatenate([np.arange(-degree // 2, 0), np.arange(1, degree // 2 + 1)])
    moved = generator.random((hidden, degree)) < rewire
    rows = [_sources(unit, (unit + away) % hidden, moved[unit], hidden, generator) for unit in range(hidden)]
    places: np.ndarray = np.concatenate(rows)
    places.setflags(write=False)
    return places


def _sources(
    unit: int, neighbours: np.ndarray, moved: np.ndarray, hidden: int, generator: np.random.Generator
) -> np.ndarray:
    """Return the flat positions of one row; a connection stays where the unit listens to all others already."""
    listens = np.zeros(hidden, dtype=bool)
    listens[neighbours] = listens[unit] = True
    for neighbour in neighbours[moved]:
        free = np.flatnonzero(~listens)
        if len(free):
            listens[neighbour], listens[generator.choice(free)] = False, True
    return unit * hidden + np.flatnonzero(listens)
