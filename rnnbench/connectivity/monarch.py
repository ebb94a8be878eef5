"""Monarch matrices: blocks, units dealt out anew, and blocks again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import PositiveInt

from rnnbench.connectivity.base import Arrays, Multiply, Parameters
from rnnbench.connectivity.composed import ComposedConnectivity
from rnnbench.connectivity.sizes import check_divides

if TYPE_CHECKING:
    from torch import Tensor


class Monarch(ComposedConnectivity):
    """``U = P^T L P R`` (Dao et al., arXiv:2204.00595): R has n dense blocks of s = H / n units, L has s of n units,
    and P deals the units of each block of R out to all blocks of L.

    With unit i s + k the k-th of block i: ``U[i s + k, j s + l] = second[k, i, j] first[j, k, l]``. Stored as ``first``
    ``[n, s, s]`` and ``second`` ``[s, n, n]``. Near ``blocks`` = root of H, there are 2 H^1.5 weights.
    """

    kind: ClassVar[str] = "monarch"
    summary: ClassVar[str] = "`blocks` dense blocks, then blocks of one unit of each: all reach all in two steps"
    count: ClassVar[str] = "H^2 / blocks + blocks H"
    multiplication_pays_above: ClassVar[int] = 768

    blocks: PositiveInt

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` unless ``blocks`` divides H, naming the nearest hidden sizes and block counts."""
        check_divides(self.blocks, hidden, "blocks")

    def degree(self, hidden: int) -> int:
        """Return 2."""
        return 2

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"first": (n, s, s), "second": (s, n, n)}``."""
        n, s = self.blocks, hidden // self.blocks
        return {"first": (n, s, s), "second": (s, n, n)}

    def inputs(self, hidden: int) -> dict[str, float]:
        """Return s and n."""
        return {"first": hidden // self.blocks, "second": self.blocks}

    def operations(self, hidden: int) -> int:
        """Return 2 H (s + n)."""
        return 2 * hidden * (hidden // self.blocks + self.blocks)

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return two products of batches of blocks."""
        first, second, shape = parameters["first"].mT, parameters["second"].mT, (self.blocks, hidden // self.blocks)

        def multiply(h: Tensor) -> Tensor:
            within = h.reshape(*h.shape[:-1], *shape).transpose(-3, -2) @ first  # [*, n, B, s]
            across: Tensor = within.transpose(-3, -1) @ second  # [*, s, B, n]
            return across.movedim(-3, -1).flatten(-2)

        return multiply

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return the product of the two, entry by entry."""
        first, second = parameters["first"], parameters["second"]
        # [*, i, k, j, l] out of second [*, k, i, j] and first [*, j, k, l]
        product = second.transpose(-3, -2).unsqueeze(-1) * first.transpose(-3, -2).unsqueeze(-4)
        return product.reshape(*first.shape[:-3], hidden, hidden)

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the nearest: of each part ``U[. s + k, j s + .]``, n x s, the first singular vectors."""
        import torch

        n, s = self.blocks, matrix.shape[-1] // self.blocks
        parts = matrix.reshape(*matrix.shape[:-2], n, s, n, s).movedim(-4, -2)  # [*, k, j, i, l]
        u, d, v = torch.linalg.svd(parts, full_matrices=False)
        root = d[..., :1].sqrt()
        first, second = v[..., 0, :] * root, u[..., 0] * root  # [*, k, j, l], [*, k, j, i]
        return {"first": first.transpose(-3, -2).contiguous(), "second": second.mT.contiguous()}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return True."""
        return True

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return identities in all blocks, of one kind times ``scale``."""
        n, s = self.blocks, hidden // self.blocks
        return {"first": np.tile(scale * np.eye(s), (n, 1, 1)), "second": np.tile(np.eye(n), (s, 1, 1))}
