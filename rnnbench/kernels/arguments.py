"""Checks of tensors that compiled code reads by their address: a wrong one is a ValueError that says what is wanted."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.kernels.recurrence import Recurrence

Shape = tuple[int | str, ...]
"""Expected sizes; a letter stands for any size."""


def leading(recurrence: Recurrence) -> tuple[int, ...]:
    """Return the replica dimension of every tensor, if there is one."""
    return () if recurrence.replicas is None else (recurrence.replicas,)


def checked(name: str, tensor: Tensor, recurrence: Recurrence, shape: Shape) -> Tensor:
    """Return ``tensor``, contiguous.

    Raises
    ------
    ValueError
        Its shape, dtype or device is not what ``recurrence`` needs; the message names the argument, what it is and what
        was expected.
    """
    sizes = tuple(tensor.shape)
    fits = len(sizes) == len(shape) and all(
        isinstance(wanted, str) or wanted == size for wanted, size in zip(shape, sizes, strict=True)
    )
    there = tensor.device.type == torch.device(recurrence.device).type
    if not fits or not there or tensor.dtype != getattr(torch, recurrence.dtype):
        expected = ", ".join(map(str, shape))
        raise ValueError(
            f"{name} is {tensor.dtype} {list(sizes)} on {tensor.device}, "
            f"expected torch.{recurrence.dtype} [{expected}] on {recurrence.device}"
        )
    return tensor.contiguous()
