"""Connectivities in which each parameter is one entry of ``U``: a mask with a compact storage."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from rnnbench.connectivity.base import Arrays, Connectivity, Parameters

if TYPE_CHECKING:
    from torch import Tensor

PADDING = -1
"""Position of a stored element that is no entry of ``U``: kept zero, gets zero gradient."""


class EntrywiseConnectivity(Connectivity):
    """One stored tensor whose elements are entries of ``U`` at fixed positions.

    A subclass gives the stored shape and the flat position ``i * H + j`` of every stored element (or
    :data:`PADDING`). The dense view, its inverse and the zero gradient of padding follow from that.
    """

    storage: ClassVar[str]
    """Name of the stored tensor."""

    @abstractmethod
    def stored_shape(self, hidden: int) -> tuple[int, ...]:
        """Return the shape of the stored tensor."""

    @abstractmethod
    def positions(self, hidden: int) -> np.ndarray:
        """Return the flat position in ``U`` of each stored element, int64, of the stored shape."""

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return the one stored tensor's shape."""
        return {self.storage: self.stored_shape(hidden)}

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return ``U``: stored elements put at their positions, zero elsewhere."""
        stored = parameters[self.storage]
        elements, entries = _index(self, hidden, str(stored.device))
        leading = stored.shape[: stored.dim() - len(self.stored_shape(hidden))]
        values = stored.reshape(*leading, prod(self.stored_shape(hidden))).index_select(-1, elements)
        flat = stored.new_zeros(*leading, hidden * hidden).index_copy(-1, entries, values)
        return flat.view(*leading, hidden, hidden)

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the stored tensor that holds the allowed entries of ``matrix``; padding is zero."""
        hidden = matrix.shape[-1]
        shape = self.stored_shape(hidden)
        elements, entries = _index(self, hidden, str(matrix.device))
        leading = matrix.shape[:-2]
        values = matrix.reshape(*leading, hidden * hidden).index_select(-1, entries)
        flat = matrix.new_zeros(*leading, prod(shape)).index_copy(-1, elements, values)
        return {self.storage: flat.view(*leading, *shape)}

    def has_diagonal(self, hidden: int) -> bool:
        """Return whether all H entries of the diagonal are stored."""
        positions = self.positions(hidden)
        return bool((positions[positions != PADDING] % (hidden + 1) == 0).sum() == hidden)

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return whether the diagonal is stored."""
        return self.has_diagonal(hidden)

    def has_cycle(self, hidden: int) -> bool:
        """Return whether the diagonal is stored: so it is wherever there is a circle, unless a subclass says more."""
        return self.has_diagonal(hidden)

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return the stored tensor of ``scale`` times the identity."""
        return self.from_diagonal(np.full(hidden, scale))

    def from_diagonal(self, values: np.ndarray) -> Arrays:
        """Return the stored tensor with ``values`` where an entry of the diagonal is, and zero elsewhere."""
        hidden = len(values)
        row, column = np.divmod(self.positions(hidden), hidden)
        return {self.storage: np.where(row == column, values[row], 0.0)}

    def draw(self, hidden: int, low: float, high: float, generator: np.random.Generator) -> Arrays:
        """Return the stored tensor with free entries uniform on ``[low, high)`` and zero padding."""
        drawn = generator.uniform(low, high, self.stored_shape(hidden))
        return {self.storage: np.where(self.positions(hidden) == PADDING, 0.0, drawn)}


@lru_cache(maxsize=64)
def _index(connectivity: EntrywiseConnectivity, hidden: int, device: str) -> tuple[Tensor, Tensor]:
    """Return (which stored elements are entries, which entries of the flat ``U`` they are) on ``device``."""
    import torch

    positions = connectivity.positions(hidden).reshape(-1)
    elements = np.flatnonzero(positions != PADDING)
    return (
        torch.from_numpy(elements).to(device),
        torch.from_numpy(positions[elements]).to(device),
    )
