"""A scan in torch operations: every pass doubles how many time steps are composed.

After the pass of distance d, every element holds the sum of the last 2 d inputs, each weighted with the power of u that
belongs to its age. (Hillis and Steele, "Data parallel algorithms", 1986.)
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.kernels.whole_sweep import WholeSweep


class DoublingSweep(WholeSweep):
    """``h_t = u h_{t-1} + z_t`` in log2 T passes over all time steps."""

    def forward_whole(self, z: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None) -> None:
        """Sweep forward; see :class:`WholeSweep`."""
        if states.data_ptr() != z.data_ptr():
            states.copy_(z)
        if initial is not None:
            states[0].addcmul_(stored, initial)
        factor, distance = stored, 1
        while distance < len(states):
            states[distance:] += factor * states[:-distance]
            factor, distance = factor * factor, 2 * distance

    def backward_whole(
        self, gradient: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None, dz: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sweep backward, the same scan from the other end; see :class:`WholeSweep`."""
        if dz.data_ptr() != gradient.data_ptr():
            dz.copy_(gradient)
        factor, distance = stored, 1
        while distance < len(dz):
            dz[:-distance] += factor * dz[distance:]
            factor, distance = factor * factor, 2 * distance
        d_stored = (dz[1:] * states[:-1]).sum(dim=(0, -2), keepdim=True)[0]
        if initial is not None:
            d_stored += torch.sum(dz[0] * initial, dim=-2, keepdim=True)
        return d_stored, stored * dz[0]
