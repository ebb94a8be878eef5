"""``U h`` for all gates at once, as a user would write it for each connectivity."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad

from rnnbench.connectivity import Banded, ComposedConnectivity, Multiply, NoRecurrence, Parameters
from rnnbench.kernels.recurrence import Recurrence

Product = Callable[[Tensor, Tensor], Tensor]
"""``(base, h) -> base + U h``: h ``[*, B, H]``, base anything that broadcasts to the result, ``[*, B, G H]``."""

DENSE_UP_TO = 256
"""Bands other than the diagonal run as one GEMM per step up to this hidden size: below it, a small GEMM costs less than
the calls of three taps (forward and backward at B = 32 break even at H = 256 on a 2-core AVX-512 machine)."""
DENSE_UP_TO_GATED = 128
"""The same for cells with gates: the GEMM grows with their number, the calls do not (between 128 and 256)."""
LEAST_SAVING = 4
"""Products of factors run as such where they take at most this share of a dense view's operations (at a quarter they
take half the time at H = 1024), and H is above their ``multiplication_pays_above``."""


def recurrent_product(recurrence: Recurrence, parameters: Parameters) -> Product:
    """Return the product that suits the connectivity; what does not change from step to step is done here, once."""
    connectivity = recurrence.connectivity
    if isinstance(connectivity, NoRecurrence):
        return lambda base, _: base
    if isinstance(connectivity, Banded):
        diagonal = connectivity.lower == connectivity.upper == 0
        if diagonal or recurrence.hidden > (DENSE_UP_TO if recurrence.gates == 1 else DENSE_UP_TO_GATED):
            taps = _taps(connectivity, parameters["bands"], recurrence)
            return taps if recurrence.gates == 1 else _gate_by_gate(taps, recurrence.gates)
    multiply = connectivity.multiplication(parameters, recurrence.hidden) if by_factors(recurrence) else None
    if multiply is not None:
        return _of_all_gates(multiply, recurrence.gates)
    U = connectivity.to_dense(parameters, recurrence.hidden)
    if recurrence.gates > 1:
        U = U.flatten(-3, -2)
    return dense_product(U)


def by_factors(recurrence: Recurrence) -> bool:
    """Say whether a product with U runs by what U is made of: where that saves most of a dense view's operations."""
    connectivity, H = recurrence.connectivity, recurrence.hidden
    if not isinstance(connectivity, ComposedConnectivity) or connectivity.multiplication_pays_above >= H:
        return False
    return LEAST_SAVING * connectivity.flops_per_step(H) <= 2 * H * H


def _of_all_gates(multiply: Multiply, gates: int) -> Product:
    """Return a product ``[*, B, H]``, or of every gate ``[*, G, B, H]``, as one that has gate after gate."""
    if gates == 1:
        return lambda base, h: base + multiply(h)
    return lambda base, h: base + multiply(h.unsqueeze(-3)).transpose(-3, -2).flatten(-2)


def dense_product(U: Tensor) -> Product:
    """Return one GEMM for all gates, ``U`` ``[*, G H, H]``."""
    transposed = U.transpose(-1, -2)
    multiply = torch.addmm if U.dim() == 2 else torch.baddbmm
    return lambda base, h: multiply(base, h, transposed)


def _gate_by_gate(taps: Product, gates: int) -> Product:
    """Return taps of all gates, whose dimension stands before H, as a product that has gate after gate."""
    return lambda base, h: taps(base.view(*base.shape[:-1], gates, -1), h.unsqueeze(-2)).flatten(-2)


def _taps(connectivity: Banded, bands: Tensor, recurrence: Recurrence) -> Product:
    """Return a multiplication for each diagonal, on h ``[*, B, H]``, or ``[*, B, 1, H]`` where there are gates."""
    gate_dimensions = 0 if recurrence.gates == 1 else 1
    # [*, 1, H], or [*, 1, G, H]: broadcasts over the batch
    diagonals = [band.unsqueeze(-2 - gate_dimensions) for band in bands.unbind(-2)]
    if len(diagonals) == 1:
        return lambda base, h: torch.addcmul(base, diagonals[0], h)
    hidden, lower, upper = recurrence.hidden, connectivity.lower, connectivity.upper

    def product(base: Tensor, h: Tensor) -> Tensor:
        if connectivity.circular:
            around = torch.cat((h[..., hidden - lower :], h, h[..., :upper]), dim=-1)
        else:
            around = pad(h, (lower, upper))
        for k, diagonal in enumerate(diagonals):
            base = torch.addcmul(base, diagonal, around[..., k : k + hidden])
        return base

    return product
