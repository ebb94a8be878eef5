"""A scan in torch operations: every pass doubles how many time steps are composed.

After the pass of distance d, every element holds the sum of the last 2 d inputs, each weighted with the power of u that
belongs to its age. (Hillis and Steele, "Data parallel algorithms", 1986.)
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights

if TYPE_CHECKING:
    from torch import Tensor


class DoublingSweep(Sweep):
    """``h_t = u h_{t-1} + z_t`` in log2 T passes over all time steps, which are one piece."""

    def chunk_steps(self, batch: int, hidden: int) -> int:
        """Return more steps than there are."""
        return sys.maxsize

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        states, factor, distance = trace.h, weights.stored, 1
        if states.data_ptr() != z.data_ptr():
            states.copy_(z)
        if start is not None:
            states[0].addcmul_(factor, start.h)
        while distance < len(states):
            states[distance:] += factor * states[:-distance]
            factor, distance = factor * factor, 2 * distance

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _DoublingBackward(weights.stored)


class _DoublingBackward(BackwardSweep):
    """The same scan from the other end."""

    def __init__(self, stored: Tensor) -> None:
        self._stored = stored
        self._found: WeightGradients

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep all steps; see :meth:`BackwardSweep.piece`."""
        if dz.data_ptr() != gradient.data_ptr():
            dz.copy_(gradient)
        factor, distance = self._stored, 1
        while distance < len(dz):
            dz[:-distance] += factor * dz[distance:]
            factor, distance = factor * factor, 2 * distance
        by_stored = (dz[1:] * trace.h[:-1]).sum(dim=(0, -2), keepdim=True)[0]
        if before is not None:
            by_stored += (dz[0] * before.h).sum(dim=-2, keepdim=True)
        self._found = WeightGradients(by_stored, None, State(self._stored * dz[0]))

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`."""
        return self._found
