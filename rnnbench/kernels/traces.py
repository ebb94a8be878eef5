"""Where a sweep backward gets its traces from: all kept, or computed again, segment by segment, from a state each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from rnnbench.kernels.pieces import spans
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Sweep, Trace, Weights
from rnnbench.phases import RECOMPUTATION, RECURRENCE_FORWARD, in_phase

Driver = Callable[[int, int], Tensor]
"""Return z ``[t, *, B, G H]`` of the steps ``first .. last`` of a piece."""


MOST_PIECES = 8
"""Pieces of a seamless sweep whose z is made of x: what is held of the gradient of z is one of them, and few cost no
time that shows."""


@dataclass(frozen=True)
class Job:
    """A sweep over one sequence: what it runs, on which weights, and how its time is cut."""

    sweep: Sweep
    recurrence: Recurrence
    weights: Weights
    start: State | None
    steps: int
    shape: tuple[int, ...]
    """``(*, B, H)`` of a state."""
    projected: bool = False
    """Whether z is made of x, chunk by chunk: its gradient need not exist for all steps either, then."""

    @property
    def gates_shape(self) -> tuple[int, ...]:
        """``(*, B, G H)``."""
        return (*self.shape[:-1], self.recurrence.gates * self.shape[-1])

    @property
    def chunk(self) -> int:
        """Steps whose GEMMs run at once."""
        return self.sweep.chunk_steps(*self.shape[-2:])

    def cuts(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the pieces of ``first .. last``, each within one segment, in the order of time."""
        return list(spans(first, last, self._piece, self.every))

    @property
    def every(self) -> int | None:
        """Steps of a segment: ``recompute``, or a few more where the sweep does not part them; None: all are kept."""
        asked, grain = self.recurrence.recompute, self.sweep.grain
        return None if asked is None else -(-asked // grain) * grain

    @property
    def longest_piece(self) -> int:
        """Steps of the longest piece there may be."""
        return self.steps if self._piece is None else min(self._piece, self.steps)

    @property
    def _piece(self) -> int | None:
        """Steps that no piece reaches across a multiple of; None: all are one piece.

        One chunk, unless the sweep is seamless and keeps all.
        """
        if not self.sweep.seamless or self.recurrence.recompute is not None:
            return self.chunk
        if not self.projected:
            return None
        chunks = -(-self.steps // self.chunk)
        return self.chunk * -(-chunks // MOST_PIECES)

    def room(self, steps: int, like: Tensor, inside: int) -> Trace:
        """Return memory for the states of ``steps`` steps, and for gates and inner values of ``inside`` of them."""
        h = like.new_empty(steps, *self.shape)
        if self.recurrence.cell == "rnn":
            return Trace(h)
        return Trace(h, like.new_empty(inside, *self.gates_shape), like.new_empty(inside, *self.shape))

    def forward(self) -> Callable[[Tensor, Trace, State | None], State]:
        """Begin a pass forward: return what runs the steps of one piece and returns the state after them."""
        weights = self.sweep.packed(self.weights, self.shape)

        @in_phase(RECURRENCE_FORWARD)
        def piece(z: Tensor, trace: Trace, start: State | None) -> State:
            end = self.sweep.forward(z, trace, weights, start)
            return trace.state(self.recurrence.cell, -1) if end is None else end

        return piece


class Traces(Protocol):
    """The traces of a whole sequence, for a reader that goes backward in time."""

    def read(self, first: int, last: int) -> tuple[Trace, State | None]:
        """Return the trace of a piece and the state before it (None: zero)."""


class Kept:
    """All of the trace is in memory."""

    def __init__(self, job: Job, trace: Trace) -> None:
        self._job = job
        self._trace = trace

    def read(self, first: int, last: int) -> tuple[Trace, State | None]:
        """Return the trace of a piece and the state before it."""
        before = self._trace.state(self._job.recurrence.cell, first - 1) if first else self._job.start
        return self._trace.piece(first, last), before


class Replayed:
    """One segment of the trace is in memory, computed again from the state that was kept of its beginning.

    Parameters
    ----------
    states
        h (and c for lstm) before every segment but the first, ``[segments - 1, parts, *, B, H]``, in the digits in
        which the sweep carries it on.
    driver
        Where z comes from.
    """

    def __init__(self, job: Job, states: Tensor, driver: Driver) -> None:
        assert job.every is not None  # noqa: S101 - tells the type checker
        self._job = job
        self._states = states
        self._driver = driver
        self._every = job.every
        steps = min(self._every, job.steps)
        self._memory = job.room(steps, job.weights.stored, steps)
        self._forward = job.forward()
        self._first = -1

    def read(self, first: int, last: int) -> tuple[Trace, State | None]:
        """Return the trace of a piece and the state before it."""
        segment = first - first % self._every
        if segment != self._first:
            self._replay(segment)
        trace = self._memory.piece(first - segment, last - segment)
        if first == segment:
            # Backward, states are as they were stored.
            before, dtype = self._before(segment), trace.h.dtype
            return trace, None if before is None else before.map(lambda part: part.to(dtype))
        return trace, self._memory.state(self._job.recurrence.cell, first - segment - 1)

    def _before(self, segment: int) -> State | None:
        return State(*self._states[segment // self._every - 1].unbind(0)) if segment else self._job.start

    @in_phase(RECOMPUTATION)
    def _replay(self, segment: int) -> None:
        state = self._before(segment)
        for first, last in self._job.cuts(segment, min(segment + self._every, self._job.steps)):
            trace = self._memory.piece(first - segment, last - segment)
            state = self._forward(self._driver(first, last), trace, state)
        self._first = segment


def run_forward(job: Job, driver: Driver, kept: Trace) -> tuple[State, Tensor | None]:
    """Sweep the whole sequence and return (its last state, the states before every segment but the first or None).

    ``kept.h`` takes all states. Gates and inner values are kept for all steps if ``kept`` has room for that; else it
    has room for the longest piece.
    """
    every, cell, room = job.every, job.recurrence.cell, job.longest_piece
    state, boundaries, forward = job.start, [], job.forward()
    for first, last in job.cuts(0, job.steps):
        trace = kept.piece(first, last)
        if kept.gates is not None and len(kept.gates) < job.steps:
            at = first % room
            trace = Trace(trace.h, *kept.piece(at, at + last - first)[1:])
        # The next piece may write where this state lies.
        state = forward(driver(first, last), trace, state).map(torch.clone)
        if every is not None and last % every == 0 and last < job.steps:
            boundaries.append(torch.stack([part for part in state if part is not None]))
    assert state is not None  # noqa: S101 - there is at least one step
    end = state.map(lambda part: part.to(kept.h.dtype))
    if every is None:
        return end, None
    parts = 2 if cell == "lstm" else 1
    return end, torch.stack(boundaries) if boundaries else kept.h.new_empty(0, parts, *job.shape)
