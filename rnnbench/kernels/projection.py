"""``W x + b`` for all time steps at once: one GEMM, outside the recurrence."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from rnnbench.kernels.rows import by_model, from_model


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


class ProjectionGradient(NamedTuple):
    """The gradients of what :func:`project` takes."""

    x: Tensor
    weight: Tensor
    bias: Tensor | None


def project_backward(by_output: Tensor, x: Tensor, weight: Tensor, *, needs_bias: bool) -> ProjectionGradient:
    """Return the gradients of ``x W^T + b``, given that of its result, in the products that autograd takes.

    Parameters
    ----------
    by_output
        ``[T, B, O]``, or ``[T, R, B, O]`` with replicas.
    x, weight
        As in :func:`project`.
    """
    by_rows, rows = by_model(by_output), by_model(x)
    by_bias = by_rows.sum(dim=-2) if needs_bias else None
    by_weight = by_rows.mT @ rows if weight.dim() == 2 else (rows.mT @ by_rows).mT
    # A product with one output sums nothing: elementwise, it is in the order of x at once.
    by_x = by_output * weight if weight.shape[-2] == 1 else from_model(by_rows @ weight, x)
    return ProjectionGradient(by_x, by_weight, by_bias)
