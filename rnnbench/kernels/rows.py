"""Sequences as rows: what GEMMs over all time take."""

from __future__ import annotations

from torch import Tensor


def by_model(sequence: Tensor) -> Tensor:
    """Return ``[T, B, .]`` as ``[T B, .]`` and ``[T, R, B, .]`` as ``[R, T B, .]``: what one model saw, in rows."""
    if sequence.dim() == 3:
        return sequence.flatten(0, 1)
    return sequence.transpose(0, 1).flatten(1, 2)


def from_model(rows: Tensor, like: Tensor) -> Tensor:
    """Undo :func:`by_model` for a result of the shape of ``like``."""
    if like.dim() == 3:
        return rows.view(like.shape)
    T, R, B, width = like.shape
    return rows.view(R, T, B, width).transpose(0, 1)
