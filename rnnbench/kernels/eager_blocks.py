"""A block-diagonal recurrence as a batch of small dense ones: n blocks of s = H / n units, N = n, or R n with replicas.

Blocks move in front of the batch, so that a batched GEMM runs all of them.
"""

from __future__ import annotations

from torch import Tensor


def block_matrices(blocks: Tensor, gates: int) -> Tensor:
    """Return ``[N, G s, s]`` for ``blocks`` ``[*, n, s, s]``, or ``[*, G, n, s, s]`` where there are gates."""
    size = blocks.shape[-1]
    if gates > 1:
        blocks = blocks.transpose(-4, -3)
    return blocks.reshape(-1, gates * size, size)


def split(sequence: Tensor, count: int, gates: int = 1) -> Tensor:
    """Return ``[T, N, B, G s]`` for ``[T, *, B, G H]`` and ``count`` blocks."""
    *before, batch, width = sequence.shape
    apart = sequence.reshape(*before, batch, gates, count, -1).movedim(-2, -4)
    return apart.reshape(len(sequence), -1, batch, width // count)


def join(sequence: Tensor, leading: tuple[int, ...], count: int) -> Tensor:
    """Return ``[T, *, B, H]`` for ``[T, N, B, s]``, where ``leading`` is ``*``."""
    T, _, batch, size = sequence.shape
    return sequence.view(T, *leading, count, batch, size).transpose(-3, -2).reshape(T, *leading, batch, count * size)
