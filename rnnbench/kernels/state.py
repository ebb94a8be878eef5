"""What a step of the recurrence hands to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from rnnbench.kernels.recurrence import Recurrence

if TYPE_CHECKING:
    from torch import Tensor


class State(NamedTuple):
    """``h`` ``[*, B, H]``; for cell ``lstm`` also ``c`` of that shape."""

    h: Tensor
    c: Tensor | None = None

    def map(self, change: Callable[[Tensor], Tensor]) -> State:
        """Return the state of which each tensor is changed alike."""
        return State(change(self.h), None if self.c is None else change(self.c))


def starting_state(recurrence: Recurrence, sequence: Tensor, initial: State | None) -> State:
    """Return the state before the first step of ``sequence`` ``[T, *, B, .]``: ``initial``, with zeros for None."""
    zero = sequence.new_zeros(*sequence.shape[1:-1], recurrence.hidden)
    h = zero if initial is None else initial.h
    if recurrence.cell != "lstm":
        return State(h)
    return State(h, zero if initial is None or initial.c is None else initial.c)
