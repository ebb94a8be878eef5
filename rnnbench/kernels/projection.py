"""``W x + b`` for all time steps at once: one GEMM, outside the recurrence."""

from __future__ import annotations

import torch
from torch import Tensor


def project(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return ``x W^T + b``.

    Parameters
    ----------
    x
        ``[T, B, I]``, or ``[T, R, B, I]`` with replicas.
    weight
        ``[O, I]``, or ``[R, O, I]``.
    bias
        ``[O]``, or ``[R, O]``, or None.

    Returns
    -------
    Tensor
        ``[T, B, O]`` or ``[T, R, B, O]``.
    """
    if weight.dim() == 2:
        return torch.nn.functional.linear(x, weight, bias)
    T, R, B, I = x.shape  # noqa: E741 - the field's name of the input size
    rows = x.transpose(0, 1).reshape(R, T * B, I)
    transposed = weight.transpose(-1, -2)
    product = torch.bmm(rows, transposed) if bias is None else torch.baddbmm(bias.unsqueeze(1), rows, transposed)
    return product.view(R, T, B, -1).transpose(0, 1)
