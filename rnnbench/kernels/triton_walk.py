"""What the Triton kernels of one connectivity and cell are to their sweep: a walk through some time steps, either way.

What a piece of time hands to the next, or backward to the one before it, is float32 whatever the rest is stored in, so
that the bits do not depend on how time is cut. Tensors have a replica dimension, always.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights

if TYPE_CHECKING:
    from torch import Tensor


class Carried(NamedTuple):
    """What a sweep backward hands from a piece to the one before it, in float32; a walk replaces it in place."""

    through_u: Tensor
    """The gradient that reaches the state before the piece through U, ``[R, B, H]``."""
    past_u: Tensor
    """What reaches it beside: lstm's gradient of c; gru's of h, past U. ``[R, B, H]``; rnn: anything."""
    sums: Tensor
    """``[S, R, B, H]``: sums over the steps so far, in a :class:`UnitWalk`."""


class Span(NamedTuple):
    """Some time steps after their sweep backward."""

    dz: Tensor
    """The gradient of z, ``[T, R, B, G H]``."""
    h: Tensor
    """The states, ``[T, R, B, H]``."""
    gates: Tensor | None
    """gru's gates, ``[T, R, B, G H]``."""
    before: Tensor
    """h before the first of the steps, ``[R, B, H]``."""

    @property
    def steps(self) -> tuple[Tensor, ...]:
        """The tensors that have a dimension of time."""
        return (self.dz, self.h) if self.gates is None else (self.dz, self.h, self.gates)

    def map(self, change: Callable[[Tensor], Tensor]) -> Span:
        """Return the span of which each of :attr:`steps` is changed alike."""
        gates = None if self.gates is None else change(self.gates)
        return Span(change(self.dz), change(self.h), gates, self.before)


class Sums(NamedTuple):
    """Gradients of weights, in float32."""

    stored: Tensor
    """As many numbers as the weights that the walk takes."""
    bias: Tensor | None
    """gru's, ``[R, H]``."""


class Walk(ABC):
    """Walks through the steps of a piece."""

    grain = 1
    """See :attr:`rnnbench.kernels.sweep.Sweep.grain`."""

    @abstractmethod
    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State, end: State) -> None:
        """Write the trace of the steps that ``z`` drives.

        Parameters
        ----------
        z
            ``[T, R, B, G H]``; ``trace.gates`` may be it, or, for rnn, ``trace.h``.
        weights
            Stored as :func:`rnnbench.kernels.triton_shapes.values` returns them; gru's ``b_n`` is ``[R, H]``.
        start, end
            The state before the steps, and where that after them goes: ``[R, B, H]`` in float32.
        """

    @abstractmethod
    def backward(
        self, gradient: Tensor, trace: Trace, weights: Weights, before: State, carried: Carried, dz: Tensor
    ) -> None:
        """Write the gradient of z to ``dz`` and replace what is ``carried``.

        Parameters
        ----------
        gradient
            That of ``trace.h``, contiguous; for rnn ``dz`` may be it.
        before
            The state before the steps, stored as the trace is.
        """

    def by_state(self, carried: Carried, weights: Weights) -> Tensor:
        """Return the gradient of h before the first step of all, ``[R, B, H]``."""
        return carried.through_u


class UnitWalk(Walk):
    """A walk of units that feed only themselves: it adds up the gradients of a unit's weights on its way."""

    sums: int
    """For each row of the state: the weights of a unit, and gru's bias after them."""


class SpanWalk(Walk):
    """A walk whose gradients of weights are computed after it, of many steps at once."""

    @abstractmethod
    def of_span(self, span: Span, weights: Weights) -> Sums:
        """Return the share of some time steps in the gradients of ``weights``."""
