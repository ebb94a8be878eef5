"""``base + state M`` of one time step, M being the same in all: by torch's GEMM, or by oneDNN's, which packs M once.

Which is faster depends on the processor, the number of rows and the size of M. All give the same bits every time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal

import torch
from torch import Tensor

from rnnbench.kernels.alignment import aligned, is_aligned

Library = Literal["gemm", "columns", "oneDNN"]
"""Who multiplies: whatever torch's own products call, with M row after row (``gemm``) or column after column, or
oneDNN."""


class StepProduct(ABC):
    """A factor M ``[*, K, J]`` in the form in which it is multiplied by."""

    @abstractmethod
    def __call__(self, base: Tensor | None, state: Tensor, out: Tensor) -> Tensor:
        """Return ``base + state M`` ``[*, B, J]``, in ``out`` or in memory of its own; None for no base.

        ``state`` is ``[*, B, K]``, contiguous; ``out`` may be ``base``.
        """


class GemmProduct(StepProduct):
    """torch's own product.

    Parameters
    ----------
    matrix
        M, best contiguous: the small products of a step take up to a third longer with the transpose of such a matrix;
        but with one row it depends on the size which is faster.
    """

    def __init__(self, matrix: Tensor) -> None:
        self._matrix = matrix
        self._multiply = torch.addmm if matrix.dim() == 2 else torch.baddbmm
        self._room: Tensor | None = None
        self._own: Tensor | None = None

    def __call__(self, base: Tensor | None, state: Tensor, out: Tensor) -> Tensor:
        """Return the product in ``out``, or in memory of its own if ``out`` is not aligned; see :class:`StepProduct`.

        What a GEMM adds in which order depends on where its factors and its result lie, on some processors.
        """
        if self._room is None:
            self._room = torch.empty_like(state)
        factor = aligned(state, self._room)
        if not is_aligned(out):
            if self._own is None or self._own.shape != out.shape:
                self._own = torch.empty_like(out)
            out = self._own
        if base is None:
            return torch.matmul(factor, self._matrix, out=out)
        return self._multiply(base, factor, self._matrix, out=out)


class OneDnnProduct(StepProduct):
    """oneDNN's product, which exists for one model in float32.

    Parameters
    ----------
    packed
        What :func:`pack` made of M.
    """

    def __init__(self, packed: Tensor) -> None:
        self._packed = packed

    def __call__(self, base: Tensor | None, state: Tensor, out: Tensor) -> Tensor:
        """Return the product in memory of its own; see :class:`StepProduct`."""
        operation: Any = torch.ops.mkldnn._linear_pointwise
        if base is None:
            product: Tensor = operation(state, self._packed, None, "none", [], "")
            return product
        added: Tensor = operation.binary(state, base, self._packed, None, "add")
        return added


def has_onednn() -> bool:
    """Return whether this torch can multiply by oneDNN."""
    backend: Any = torch.backends.mkldnn
    return bool(backend.is_available()) and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")


def pack(library: Library, transposed: Tensor, rows: int) -> Tensor:
    """Return M, given as ``M^T`` ``[*, J, K]``, in the form that the library wants for products with ``rows`` rows."""
    if library == "gemm":
        return transposed.mT.contiguous()
    if library == "columns":
        return transposed.contiguous().mT
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(transposed.contiguous(), rows)
    return packed


def step_product(library: Library, packed: Tensor) -> StepProduct:
    """Return the product by what :func:`pack` made."""
    return OneDnnProduct(packed) if library == "oneDNN" else GemmProduct(packed)
