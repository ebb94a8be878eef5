"""Bounding gradients, replica by replica: what one replica's gradient is does not depend on the others'."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_SMALL = 1e-6
"""Added to a norm before it divides, as torch.nn.utils.clip_grad_norm_ does."""


def clip_values(gradients: Sequence[Tensor], largest: float) -> None:
    """Set every entry of larger modulus to +-``largest``, in place."""
    for gradient in gradients:
        gradient.clamp_(-largest, largest)


def clip_norms(gradients: Sequence[Tensor], longest: float) -> None:
    """Shorten the gradient of each replica to the Euclidean norm ``longest``, in place.

    Parameters
    ----------
    gradients
        By all weights, each ``[R, ...]``.
    """
    squares = torch.stack([gradient.flatten(1).square().sum(dim=1) for gradient in gradients])
    factors = (longest / (squares.sum(dim=0).sqrt() + _SMALL)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(factors.view(-1, *[1] * (gradient.dim() - 1)))
