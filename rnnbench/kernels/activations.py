"""The activations ``f`` of the recurrence, as torch functions."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def _identity(tensor: Tensor) -> Tensor:
    return tensor


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "identity": _identity,
}
"""By the name that suites use."""
