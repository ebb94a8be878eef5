"""The longest length of a task that is learnt, found by doubling and bisection.

What is learnt is a matter of chance: each length is tried once, with several replicas, and that a longer sequence is
not learnt where a shorter one is not is taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

WITHIN = 8
"""The longest length that is learnt and the shortest that is not differ by at most this part of the first: closer than
that, the replicas' luck decides."""


class Trial(NamedTuple):
    """What replicas made of the task at one length.

    Attributes
    ----------
    length
        The task's own option.
    time_steps
        Of its sequences.
    solved
        How many of the replicas solved it within the budget of updates.
    """

    length: int
    time_steps: int
    solved: int
    replicas: int
    learnt: bool


@dataclass
class TaskSearch:
    """What is known of the lengths that are learnt.

    Attributes
    ----------
    start
        The length tried first.
    longest
        No longer one is tried.
    attempt
        Trains at a length; None where the task cannot be that short.
    learnt, missed
        The longest length that was learnt and the shortest that was not.
    """

    start: int
    longest: int
    attempt: Callable[[int], Trial | None]
    trials: list[Trial] = field(default_factory=list)
    learnt: Trial | None = None
    missed: Trial | None = None

    def run(self) -> None:
        """Find the longest length that is learnt."""
        length: int | None = self.start
        while length is not None:
            trial = self.attempt(length)
            if trial is None:
                return
            self.trials.append(trial)
            if trial.learnt:
                self.learnt = trial
            else:
                self.missed = trial
            length = self._next()

    def _next(self) -> int | None:
        """Return the length to try next: twice as long, half as long, or between; None at the end."""
        if self.missed is None:
            assert self.learnt is not None  # noqa: S101 - one of the two is known after a trial
            return min(2 * self.learnt.length, self.longest) if self.learnt.length < self.longest else None
        if self.learnt is None:
            return self.missed.length // 2 or None
        low, high = self.learnt.length, self.missed.length
        return (low + high) // 2 if high - low > max(1, low // WITHIN) else None
