"""The gradient of dense blocks: GEMMs over many steps at once, in float32.

Their bits depend on where their factors begin in memory; they get equal places however time is cut.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.kernels.alignment import aligned
from rnnbench.kernels.triton_walk import Span, Sums


def block_gradient(span: Span, size: int, gate_count: int) -> Sums:
    """Return the gradients of blocks of ``size`` units ``[R, G, H/size, size, size]`` and of gru's bias ``[R, H]``.

    The first step is a product of its own: the state before it may lie elsewhere.
    """
    hidden = span.h.shape[-1]
    by_u, bias = torch.unflatten(span.dz.float(), -1, (gate_count, hidden)), None
    if span.gates is not None:  # what reaches U_n h + b_n passes r
        by_r, by_z, by_n = by_u.unbind(-2)
        heard = by_n * span.gates[..., :hidden].float()
        by_u, bias = torch.stack((by_r, by_z, heard), dim=-2), heard.sum((0, 2))
    by_block, h, before = (torch.unflatten(tensor, -1, (-1, size)) for tensor in (by_u, span.h, span.before))
    total = _product(by_block[:1], before.unsqueeze(0))
    if len(h) > 1:
        total += _product(by_block[1:], h[:-1])
    return Sums(total, bias)


def _product(by_u: Tensor, before: Tensor) -> Tensor:
    factors = (aligned(factor, torch.empty_like(factor)) for factor in (by_u, before.float()))
    return torch.einsum("trbgni,trbnj->rgnij", *factors)
