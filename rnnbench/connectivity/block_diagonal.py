"""Blocks: units feed only their own group."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from rnnbench.connectivity.entrywise import EntrywiseConnectivity
from rnnbench.connectivity.sizes import check_divides


class BlockDiagonal(EntrywiseConnectivity):
    """``blocks`` equal dense blocks on the diagonal, as heads; stored as ``blocks`` ``[n, H/n, H/n]``."""

    kind: ClassVar[str] = "block_diagonal"
    summary: ClassVar[str] = "`blocks` equal groups of units, dense inside, nothing between"
    count: ClassVar[str] = "H^2 / blocks"
    storage: ClassVar[str] = "blocks"

    blocks: PositiveInt

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` unless ``blocks`` divides H, naming the nearest hidden sizes and block counts."""
        check_divides(self.blocks, hidden, "blocks")

    def stored_shape(self, hidden: int) -> tuple[int, ...]:
        """Return ``(n, H/n, H/n)``."""
        size = hidden // self.blocks
        return (self.blocks, size, size)

    def positions(self, hidden: int) -> np.ndarray:
        """Return ``i H + j`` with i, j offset by the start of the block."""
        size = hidden // self.blocks
        start = size * np.arange(self.blocks)[:, None, None]
        inside = np.arange(size)
        return (start + inside[:, None]) * hidden + start + inside

    def equal_blocks(self, hidden: int) -> int:
        """Return the number of blocks."""
        return self.blocks

    def recurrent_parameters(self, hidden: int) -> int:
        """Return H^2 / n."""
        return hidden * hidden // self.blocks
