"""Sums over fixed spans of time, so that their order does not depend on how a sweep cuts time into pieces."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnbench.kernels.pieces import spans
from rnnbench.kernels.triton_walk import Span, Sums
from rnnbench.phases import RECURRENT_GRADIENT, in_phase

NUMBERS = 1 << 22
"""Numbers of a span's gradient of z: 16 MiB in float32, to which halves are widened."""
FEWEST_STEPS = 16
"""Steps of a span, if these are more numbers: launches for fewer would take as long as the sums."""


def span_steps(numbers: int) -> int:
    """Return the steps of a span of which each has so many ``numbers``: a power of two."""
    return max(FEWEST_STEPS, 1 << (max(1, NUMBERS // numbers).bit_length() - 1))


class Spans:
    """Takes pieces, from the last in time to the first, and adds up span by span.

    A span that lies within a piece is read where it is; of others, pieces are copied until all are there.
    """

    def __init__(self, of_span: Callable[[Span], Sums], steps: int, length: int) -> None:
        self._of_span = of_span
        self._length = length
        self._room_steps = min(length, steps)
        self._room: Span | None = None
        self._waiting = 0
        self._sums: Sums | None = None

    def take(self, first: int, piece: Span) -> None:
        """Take the piece that begins at step ``first``."""
        for begin, end in reversed(list(spans(first, first + len(piece.h), self._length))):
            at = slice(begin - first, end - first)
            before = piece.before if begin == first else piece.h[begin - first - 1]
            self._take_part(begin % self._length, _steps_of(piece, at)._replace(before=before))

    def sums(self) -> Sums:
        """Return the sums, when all pieces are taken."""
        assert self._sums is not None  # noqa: S101 - a sequence has a step
        return self._sums

    def _take_part(self, place: int, part: Span) -> None:
        """Take what a piece has of one span, from the step at ``place`` in it on."""
        if place or self._waiting:
            part = self._beside_those_that_wait(place, part)
        if place == 0:
            self._add(part)
            self._waiting = 0

    def _beside_those_that_wait(self, place: int, part: Span) -> Span:
        """Copy the part to its place in a span's memory and return all that is there from it on."""
        if self._room is None:
            self._room = part.map(self._room_for)
        last = place + len(part.h)
        self._waiting += len(part.h)
        for room, tensor in zip(self._room.steps, part.steps, strict=True):
            room[place:last] = tensor
        return _steps_of(self._room, slice(place, place + self._waiting))._replace(before=part.before)

    @in_phase(RECURRENT_GRADIENT)
    def _add(self, span: Span) -> None:
        found, sums = self._of_span(span), self._sums
        if sums is None:
            self._sums = found
            return
        sums.stored.add_(found.stored)
        if sums.bias is not None and found.bias is not None:
            sums.bias.add_(found.bias)

    def _room_for(self, tensor: Tensor) -> Tensor:
        return torch.empty((self._room_steps, *tensor.shape[1:]), dtype=tensor.dtype, device=tensor.device)


def _steps_of(span: Span, at: slice) -> Span:
    return span.map(lambda tensor: tensor[at])
