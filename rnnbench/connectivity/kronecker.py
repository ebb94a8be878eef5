"""Kronecker products: the units of a grid listen along its rows, then along its columns, everywhere alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import PositiveInt

from rnnbench.connectivity.base import Arrays, Multiply, Parameters
from rnnbench.connectivity.composed import ComposedConnectivity
from rnnbench.connectivity.sizes import check_divides, largest_factor

if TYPE_CHECKING:
    from torch import Tensor


class Kronecker(ComposedConnectivity):
    """``U`` is the Kronecker product of ``left`` ``[m, m]`` and ``right`` ``[n, n]``, m n = H:
    ``U[i n + k, j n + l] = left[i, j] right[k, l]``.

    ``size`` is m; left out, the largest divisor of H up to its root (Jose, Cisse and Fleuret, arXiv:1705.10142).
    """

    kind: ClassVar[str] = "kronecker"
    summary: ClassVar[str] = (
        "the Kronecker product of a `size` x `size` matrix and another; by default both near sqrt(H)"
    )
    count: ClassVar[str] = "size^2 + (H / size)^2"
    multiplication_pays_above: ClassVar[int] = 384

    size: PositiveInt | None = None

    def check(self, hidden: int) -> None:
        """Raise ``ValueError`` unless H is a product of the size, or of any two numbers above 1."""
        if self.size is not None:
            check_divides(self.size, hidden, "rows of the left factor")
        elif hidden > 1 and largest_factor(hidden) == 1:
            near = [size for size in (hidden - 1, hidden + 1) if size > 1 and largest_factor(size) > 1]
            sizes = " or ".join(map(str, near)) or "4"
            raise ValueError(
                f"hidden size {hidden} is prime, and a Kronecker product has two factors above 1: use hidden {sizes}"
            )

    @property
    def grows(self) -> bool:
        """Whether more units never have fewer weights: not where the factors are those of H."""
        return self.size is not None

    def sizes(self, hidden: int) -> tuple[int, int]:
        """Return (m, n)."""
        left = largest_factor(hidden) if self.size is None else self.size
        return left, hidden // left

    def degree(self, hidden: int) -> int:
        """Return 2."""
        return 2

    def parameter_shapes(self, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return ``{"left": (m, m), "right": (n, n)}``."""
        m, n = self.sizes(hidden)
        return {"left": (m, m), "right": (n, n)}

    def inputs(self, hidden: int) -> dict[str, float]:
        """Return m and n."""
        m, n = self.sizes(hidden)
        return {"left": m, "right": n}

    def operations(self, hidden: int) -> int:
        """Return 2 H (m + n)."""
        return 2 * hidden * sum(self.sizes(hidden))

    def multiplication(self, parameters: Parameters, hidden: int) -> Multiply:
        """Return ``left X right^T`` of h as a matrix X of m x n, in one GEMM each."""
        (m, n), left, right = self.sizes(hidden), parameters["left"].mT, parameters["right"].mT

        def multiply(h: Tensor) -> Tensor:
            along_rows = h.reshape(*h.shape[:-2], -1, n) @ right  # [*, B m, n]
            turned = along_rows.reshape(*along_rows.shape[:-2], -1, m, n).mT  # [*, B, n, m]
            along_columns: Tensor = turned.reshape(*turned.shape[:-3], -1, m) @ left  # [*, B n, m]
            return along_columns.reshape(*turned.shape[:-1], m).mT.flatten(-2)

        return multiply

    def to_dense(self, parameters: Parameters, hidden: int) -> Tensor:
        """Return every product of two entries."""
        left, right = parameters["left"], parameters["right"]
        product = left[..., :, None, :, None] * right[..., None, :, None, :]
        return product.reshape(*left.shape[:-2], hidden, hidden)

    def from_dense(self, matrix: Tensor) -> Parameters:
        """Return the factors of the nearest Kronecker product: of the rearranged matrix, the first singular vectors
        (Van Loan and Pitsianis, 1993)."""
        import torch

        m, n = self.sizes(matrix.shape[-1])
        leading = matrix.shape[:-2]
        rearranged = matrix.reshape(*leading, m, n, m, n).transpose(-3, -2).reshape(*leading, m * m, n * n)
        u, s, v = torch.linalg.svd(rearranged, full_matrices=False)
        root = s[..., :1].sqrt()
        return {"left": (u[..., 0] * root).view(*leading, m, m), "right": (v[..., 0, :] * root).view(*leading, n, n)}

    def has_identity(self, hidden: int, scale: float) -> bool:
        """Return True."""
        return True

    def identity(self, hidden: int, scale: float, generator: np.random.Generator) -> Arrays:
        """Return two identities, one of them times ``scale``."""
        m, n = self.sizes(hidden)
        return {"left": scale * np.eye(m), "right": np.eye(n)}
