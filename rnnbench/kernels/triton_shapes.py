"""The shapes in which Triton kernels take tensors: with a replica dimension, always."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from rnnbench.connectivity import Connectivity, Dense


class GatedGradients(NamedTuple):
    """What a kernel of lstm or gru returns: the gradients beside that of z; of weights in float32."""

    stored: Tensor
    """As :func:`values` returns the weights."""
    bias: Tensor | None
    """gru's, ``[R, H]``."""
    h: Tensor
    c: Tensor | None
    """lstm's."""


def sequence(tensor: Tensor) -> Tensor:
    """Return ``tensor`` ``[T, *, B, H]`` as ``[T, R, B, H]``."""
    return tensor if tensor.dim() == 4 else tensor.unsqueeze(1)


def state(states: Tensor, initial: Tensor | None) -> Tensor:
    """Return the ``initial`` state of ``states`` ``[T, *, B, H]`` as ``[R, B, H]``, zero for None."""
    step = torch.zeros_like(states[0]) if initial is None else initial
    return step if step.dim() == 3 else step.unsqueeze(0)


def values(stored: Tensor, connectivity: Connectivity, hidden: int, gates: int) -> Tensor:
    """Return the ``stored`` matrix, or those of all gates, as the kernels take them.

    Bands are ``[R, taps, H]`` (with gates: ``[R, G, taps, H]``), blocks ``[R, n, H/n, H/n]`` (``[R, G, n, H/n, H/n]``);
    a dense matrix is one block.
    """
    ((_, shape),) = connectivity.parameter_shapes(hidden).items()
    if isinstance(connectivity, Dense):
        shape = (1, *shape)
    return stored.view(-1, *(() if gates == 1 else (gates,)), *shape)
