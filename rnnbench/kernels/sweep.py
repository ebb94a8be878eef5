"""What a compiled recurrence is to the ``fused`` kernel: a sweep forward and one backward over tensors in memory.

Both can run in pieces of time, one after the other, and give the same bits as in one: what is remembered in full, and
what is computed again, is the caller's choice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from rnnbench.kernels.alignment import aligned_steps
from rnnbench.kernels.state import State

if TYPE_CHECKING:
    from torch import Tensor

CHUNK_ROWS = 2048
"""Rows (time steps times batch) of one chunk of time: enough for a GEMM to run at full speed, few enough for what is
computed of a chunk to stay in the caches."""
CHUNK_NUMBERS = 1 << 19
"""Numbers of a chunk's states, if these are more rows: fewer, and calls would take as long, and threads not share them
(see :data:`rnnbench.kernels.blocks.ALONE_UP_TO`)."""


class Weights(NamedTuple):
    """The recurrent weights of a cell."""

    stored: Tensor
    """The one tensor of the connectivity ``[*, ...]``, or ``[*, G, ...]`` where there are G > 1 gates."""
    bias: Tensor | None = None
    """gru's ``b_n`` ``[*, H]``."""
    packed: Tensor | None = None
    """``stored`` in the form that a sweep forward multiplies by, if it has been made (see :meth:`Sweep.packed`)."""


class Trace(NamedTuple):
    """What a sweep forward leaves of some time steps, and a sweep backward reads of them."""

    h: Tensor
    """The states ``[T, *, B, H]``."""
    gates: Tensor | None = None
    """The gates after their activation ``[T, *, B, G H]``: lstm's i, f, g, o; gru's r, u, n. None for rnn."""
    inner: Tensor | None = None
    """``[T, *, B, H]``: lstm's c; gru's ``U_n h + b_n``. None for rnn."""

    def piece(self, first: int, last: int) -> Trace:
        """Return the steps ``first .. last``."""
        gates = None if self.gates is None else self.gates[first:last]
        return Trace(self.h[first:last], gates, None if self.inner is None else self.inner[first:last])

    def state(self, cell: str, step: int) -> State:
        """Return the state after a step, of which the tensors are views."""
        return State(self.h[step], self.inner[step] if cell == "lstm" and self.inner is not None else None)


class WeightGradients(NamedTuple):
    """The gradients of :class:`Weights` and of the state before the first step."""

    stored: Tensor
    bias: Tensor | None
    initial: State


class Sweep(ABC):
    """The recurrence of one cell, connectivity and activation, without autograd.

    All tensors are on one device, contiguous unless said, and of one dtype; ``*`` is nothing or R. T, B and H are at
    least 1. Steps are counted from the first of the whole sequence.
    """

    seamless: bool = False
    """Whether pieces may begin and end anywhere, whatever the chunks, and few long ones run fastest."""
    grain: int = 1
    """Steps that are not parted: pieces begin at multiples of them, and so do chunks."""

    def chunk_steps(self, batch: int, hidden: int) -> int:
        """Return how many time steps make a chunk: what is a GEMM over time is one for each.

        Unless the sweep is seamless, pieces of a sweep backward never reach across multiples of it.
        """
        batch = max(1, batch)
        rows = max(CHUNK_ROWS, CHUNK_NUMBERS // max(1, hidden))
        return aligned_steps(max(1, rows // batch), batch)

    def packed(self, weights: Weights, shape: tuple[int, ...]) -> Weights:
        """Return the weights with what :meth:`forward` makes of them for states of ``shape`` ``(*, B, H)``, so that
        it need not for every piece."""
        return weights

    @abstractmethod
    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> State | None:
        """Write the trace of the steps that ``z`` ``[T, *, B, G H]`` drives, from state ``start`` (None: zero).

        ``trace.gates`` may be ``z`` itself; for rnn ``trace.h`` may be. What is returned is the state after the last
        step, to go on from, where the sweep carries it in more digits than it is stored in; else None.
        """

    @abstractmethod
    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward over ``steps`` time steps of states of ``shape`` ``(*, B, H)``.

        ``by_last_c`` is the gradient of lstm's last c (None: zero); that of the last h is part of the states'.
        """


class BackwardSweep(ABC):
    """The gradients of one sweep, piece by piece, from the last step to the first."""

    @abstractmethod
    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Write the gradient of z of the steps from ``first`` on, as many as ``trace`` has, to ``dz``.

        Parameters
        ----------
        first
            The first step of the piece; the piece before this one in time ends there.
        gradient
            That of ``trace.h``: contiguous, and then for rnn ``dz`` may be it; or one row of H expanded to all.
        before
            The state before step ``first`` (None: zero).
        dz
            ``[T, *, B, G H]``; stays as it is until the piece that begins its chunk is done.
        """

    @abstractmethod
    def finish(self) -> WeightGradients:
        """Return the other gradients, when the piece of step 0 is done."""
