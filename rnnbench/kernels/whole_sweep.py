"""Sweeps that take all time steps at once, and cannot stop on the way."""

from __future__ import annotations

import sys
from abc import abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, WeightGradients, Weights

if TYPE_CHECKING:
    from torch import Tensor


class Given(NamedTuple):
    """What a sweep backward is given beside the trace."""

    weights: Weights
    before: State | None
    """The state before the first step (None: zero)."""
    by_last_c: Tensor | None
    """See :meth:`Sweep.backward`."""


class OnePiece(Sweep):
    """A recurrence in one piece."""

    def chunk_steps(self, batch: int, hidden: int) -> int:
        """Return more steps than there are."""
        return sys.maxsize

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return _WholeBackward(self, weights, by_last_c)

    @abstractmethod
    def backward_whole_trace(self, gradient: Tensor, trace: Trace, given: Given, dz: Tensor) -> WeightGradients:
        """Write the gradient of z to ``dz`` and return the others.

        ``gradient`` is that of the states: contiguous, and then for rnn ``dz`` may be it; or one row of H expanded to
        all.
        """


class WholeSweep(OnePiece):
    """``h_t = f(z_t + U h_{t-1})`` in one piece."""

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        self.forward_whole(z, trace.h, weights.stored, None if start is None else start.h)

    def backward_whole_trace(self, gradient: Tensor, trace: Trace, given: Given, dz: Tensor) -> WeightGradients:
        """Sweep backward; see :meth:`OnePiece.backward_whole_trace`."""
        initial = None if given.before is None else given.before.h
        stored, by_initial = self.backward_whole(gradient, trace.h, given.weights.stored, initial, dz)
        return WeightGradients(stored, None, State(by_initial))

    @abstractmethod
    def forward_whole(self, z: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None) -> None:
        """Write ``h_1 .. h_T`` ``[T, *, B, H]`` to ``states``, which may be ``z`` itself."""

    @abstractmethod
    def backward_whole(
        self, gradient: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None, dz: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Write the gradient of z to ``dz`` and return those of ``stored`` and of the initial state.

        ``gradient`` is that of the states: contiguous, and then ``dz`` may be it; or one row of H expanded to all.
        """


class _WholeBackward(BackwardSweep):
    def __init__(self, sweep: OnePiece, weights: Weights, by_last_c: Tensor | None) -> None:
        self._sweep, self._weights, self._by_last_c = sweep, weights, by_last_c
        self._gradients: WeightGradients | None = None

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep all steps at once."""
        given = Given(self._weights, before, self._by_last_c)
        self._gradients = self._sweep.backward_whole_trace(gradient, trace, given, dz)

    def finish(self) -> WeightGradients:
        """Return the other gradients."""
        assert self._gradients is not None  # noqa: S101 - the one piece is done
        return self._gradients
