"""The shapes in which Triton kernels take tensors: with a replica dimension, always."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.connectivity import Connectivity, Dense
from rnnbench.kernels.sweep import Trace


def sequence(tensor: Tensor) -> Tensor:
    """Return ``tensor`` ``[T, *, B, .]`` as ``[T, R, B, .]``."""
    return tensor if tensor.dim() == 4 else tensor.unsqueeze(1)


def sequences(trace: Trace) -> Trace:
    """Return the trace of which each tensor is a :func:`sequence`."""
    gates, inner = (None if part is None else sequence(part) for part in (trace.gates, trace.inner))
    return Trace(sequence(trace.h), gates, inner)


def state(given: Tensor | None, like: Tensor, dtype: torch.dtype) -> Tensor:
    """Return what is ``given`` for a state ``[*, B, H]`` (None: zero) as ``[R, B, H]``, the shape of ``like``."""
    if given is None:
        return torch.zeros_like(like, dtype=dtype)
    return given.to(dtype).view(like.shape)


def values(stored: Tensor, connectivity: Connectivity, hidden: int, gates: int) -> Tensor:
    """Return the ``stored`` matrix, or those of all gates, as the kernels take them.

    Bands are ``[R, taps, H]`` (with gates: ``[R, G, taps, H]``), blocks ``[R, n, H/n, H/n]`` (``[R, G, n, H/n, H/n]``);
    a dense matrix is one block.
    """
    ((_, shape),) = connectivity.parameter_shapes(hidden).items()
    if isinstance(connectivity, Dense):
        shape = (1, *shape)
    return stored.view(-1, *(() if gates == 1 else (gates,)), *shape)
