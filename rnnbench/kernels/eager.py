"""What a user would write in torch by hand, well.

The input is unbound once (indexing ``z[t]`` under autograd costs O(T^2)), the matrix is built once per pass and not
masked at every step, neighbours come from one padded copy of the state instead of rolls.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad

from rnnbench.connectivity import Banded, BlockDiagonal, NoRecurrence, Parameters
from rnnbench.kernels.activations import ACTIVATIONS
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.recurrence import Recurrence

Step = Callable[[Tensor, Tensor], Tensor]
"""``(z_t, h_{t-1}) -> z_t + U h_{t-1}``."""

DENSE_UP_TO = 256
"""Bands other than the diagonal run as one GEMM per step up to this hidden size: below it, a small GEMM costs less than
the calls of three taps (forward and backward at B = 32 break even at H = 256 on a 2-core AVX-512 machine)."""


class EagerKernel(Kernel):
    """A Python loop over torch operations, differentiated by autograd."""

    name = "eager"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve everything."""
        return YES

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: Tensor | None = None
    ) -> Tensor:
        """Return the states; see :meth:`Kernel.states`."""
        f = ACTIVATIONS[recurrence.activation]
        connectivity = recurrence.connectivity
        if isinstance(connectivity, NoRecurrence):
            return f(z)
        if isinstance(connectivity, BlockDiagonal):
            return _block_states(f, z, parameters["blocks"], initial)
        step = _step(recurrence, parameters)
        h = torch.zeros_like(z[0]) if initial is None else initial
        states = []
        for z_t in z.unbind(0):
            h = f(step(z_t, h))
            states.append(h)
        return torch.stack(states)


def _step(recurrence: Recurrence, parameters: Parameters) -> Step:
    connectivity = recurrence.connectivity
    if isinstance(connectivity, Banded):
        bands = parameters["bands"].unsqueeze(-2).unbind(-3)  # [*, 1, H] each: broadcasts over the batch
        if connectivity.lower == connectivity.upper == 0:
            return lambda z_t, h: torch.addcmul(z_t, bands[0], h)
        if recurrence.hidden > DENSE_UP_TO:
            return _band_step(connectivity, bands, recurrence.hidden)
    transposed = connectivity.to_dense(parameters, recurrence.hidden).transpose(-1, -2)
    multiply = torch.addmm if transposed.dim() == 2 else torch.baddbmm
    return lambda z_t, h: multiply(z_t, h, transposed)


def _band_step(connectivity: Banded, bands: tuple[Tensor, ...], hidden: int) -> Step:
    lower, upper = connectivity.lower, connectivity.upper

    def step(z_t: Tensor, h: Tensor) -> Tensor:
        if connectivity.circular:
            around = torch.cat((h[..., hidden - lower :], h, h[..., :upper]), dim=-1)
        else:
            around = pad(h, (lower, upper))
        for k, band in enumerate(bands):
            z_t = torch.addcmul(z_t, band, around[..., k : k + hidden])
        return z_t

    return step


def _block_states(f: Callable[[Tensor], Tensor], z: Tensor, blocks: Tensor, initial: Tensor | None) -> Tensor:
    """Run the blocks as a batch of small dense recurrences; the state keeps the blocks in front all along."""
    *leading, batch, hidden = z.shape[1:]
    count, size = blocks.shape[-3], blocks.shape[-1]
    transposed = blocks.reshape(-1, size, size).transpose(-1, -2)

    def split(tensor: Tensor) -> Tensor:  # [T, *, B, H] -> [T, * n, B, H/n]
        apart = tensor.reshape(len(tensor), *leading, batch, count, size).movedim(-2, -3)
        return apart.reshape(len(tensor), -1, batch, size)

    h = split((torch.zeros_like(z[0]) if initial is None else initial).unsqueeze(0))[0]
    states = []
    for z_t in split(z).unbind(0):
        h = f(torch.baddbmm(z_t, h, transposed))
        states.append(h)
    apart = torch.stack(states).view(len(z), *leading, count, batch, size)
    return apart.movedim(-3, -2).reshape(len(z), *leading, batch, hidden)
