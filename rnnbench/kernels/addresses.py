"""Tensors as compiled loops see them: addresses, and a state as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def address(tensor: Tensor | None) -> int:
    """Return where a tensor begins, 0 for None."""
    return 0 if tensor is None else tensor.data_ptr()


def rows_of(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return (rows of all replicas, B, H) of a state ``(*, B, H)``."""
    *leading, B, H = shape
    return (leading[0] if leading else 1) * B, B, H


def strides_of(gradient: Tensor) -> tuple[int, int]:
    """Return the elements from step to step and from row to row of the gradient of a piece's states ``[T, *, B, H]``.

    It is contiguous, or one row expanded to all.
    """
    rows, _, H = rows_of(tuple(gradient.shape[1:]))
    return (rows * H, H) if gradient.is_contiguous() else (0, 0)
