"""How long a sequence can be, by three limits, each of which may lie beyond what was tried."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from rnnbench.analysis.wording import count

if TYPE_CHECKING:
    from rnnbench.analysis.contrast import Case

LIMITS = {
    "max_length_memory": "memory",
    "max_length_gradient": "the reach of gradients",
    "max_length_task": "what is learnt",
}
"""By metric, as a sentence names them; gradients' is at initialisation."""
TRAINED = "max_length_gradient_trained"
"""How far gradients reach once a case is trained."""
_NO_END = {"unbounded", "beyond_longest_lag"}
_AT_LEAST = {"longest_tried", "longest_learnt_tried", "beyond_longest_lag"}


class Length(NamedTuple):
    """A limit in time steps; infinite where there is none.

    Attributes
    ----------
    more
        Whether no end was seen: the limit is there or further.
    """

    steps: float
    more: bool

    @property
    def figure(self) -> float | None:
        """The steps where they are known."""
        return None if self.more else self.steps

    def __str__(self) -> str:
        if math.isinf(self.steps):
            return "without end"
        return f"over {count(self.steps)}" if self.more else count(self.steps)


def length(case: Case, metric: str) -> Length | None:
    """Return a limit of a case, or None where it was not measured."""
    record = case["metrics"].get(metric)
    if record is None:
        return None
    flags = set(record["flags"])
    if record["value"] is not None:
        return Length(record["value"], bool(flags & _AT_LEAST))
    if "beyond_longest_lag" in flags:
        return Length(record["details"]["longest_lag"], more=True)
    return Length(math.inf, more=True) if flags & _NO_END else None


def seeds_at(case: Case, metric: str, found: Length) -> str:
    """Return ``3 of 5 seeds [0.15, 0.95]``: how many solve the task at the longest length learnt; empty if unknown."""
    trials = case["metrics"][metric]["details"].get("trials") or ()
    trial = next((one for one in trials if one.get("time_steps") == found.steps), None)
    if not trial or not trial.get("ci95"):
        return ""
    low, high = trial["ci95"]
    return f"{trial['solved']} of {trial['replicas']} seeds [{low:.2f}, {high:.2f}]"
