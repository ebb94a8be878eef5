"""A band in disguise: the same graph, but its neighbours are no longer next to each other."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
from pydantic import NonNegativeInt

from rnnbench.connectivity.banded import Banded
from rnnbench.connectivity.base import Guise
from rnnbench.connectivity.entrywise import PADDING, EntrywiseConnectivity


class PermutedBand(EntrywiseConnectivity):
    """A band whose units stand in a fixed random order: ``U[order[i], order[j]]`` is free for
    ``-lower <= j - i <= upper``; circular, modulo H.

    Stored by the diagonals of the band, as ``banded`` is: ``bands[k, i] = U[order[i], order[i + k - lower]]``. The
    order depends on ``seed`` and H only. Relabelling units changes nothing that a single layer of random weights can
    learn; what it takes away is that neighbours in U are neighbours elsewhere, too: in a structured W, a second layer,
    or what reads them.
    """

    kind: ClassVar[str] = "permuted_band"
    summary: ClassVar[str] = "a band of units in a random order, fixed by its own `seed`: neighbours lie anywhere"
    count: ClassVar[str] = "as banded"
    storage: ClassVar[str] = "bands"

    lower: NonNegativeInt
    upper: NonNegativeInt
    seed: NonNegativeInt = 0
    circular: bool = False

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` if a circular band would meet itself."""
        self.band.check(hidden)

    @property
    def band(self) -> Banded:
        """The band that it is in :meth:`order`."""
        return Banded(lower=self.lower, upper=self.upper, circular=self.circular)

    def order(self, hidden: int) -> np.ndarray:
        """Return which unit stands at each place of the band, ``[H]``."""
        return _order(self.seed, hidden)

    def guise(self, hidden: int) -> Guise:
        """Return the band, and the order of its units."""
        return Guise(self.band, self.order(hidden))

    def stored_shape(self, hidden: int) -> tuple[int, ...]:
        """Return ``(lower + upper + 1, H)``."""
        return self.band.stored_shape(hidden)

    def positions(self, hidden: int) -> np.ndarray:
        """Return ``order[i] H + order[j]`` where the band has ``i H + j``."""
        inside = self.band.positions(hidden)
        order = self.order(hidden)
        row, column = np.divmod(inside, hidden)
        return np.where(inside == PADDING, PADDING, order[row] * hidden + order[column])

    def recurrent_parameters(self, hidden: int) -> int:
        """Return the number of entries of the band."""
        return self.band.recurrent_parameters(hidden)


@lru_cache(maxsize=16)
def _order(seed: int, hidden: int) -> np.ndarray:
    order = np.random.default_rng(seed).permutation(hidden)
    order.setflags(write=False)
    return order
