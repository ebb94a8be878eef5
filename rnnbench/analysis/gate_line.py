"""One line of a gate: a metric of a case, what it did, what it was allowed, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from rnnbench.analysis.statistics import Interval
from rnnbench.errors import ExitCode


class Outcome(str, Enum):
    """What a gate says of a metric of a case, the gravest first."""

    REGRESSED = "REGRESSED"
    MISSING = "MISSING"
    """Base has it, new has not."""
    INCONCLUSIVE = "INCONCLUSIVE"
    IMPROVED = "IMPROVED"
    SAME = "SAME"
    """Equivalence is shown: the interval lies within the limit."""


@dataclass(frozen=True)
class Line:
    """What a gate found of one metric of one case.

    Attributes
    ----------
    metric, id, name
        The metric and the case.
    outcome
        What is said of it.
    base, new
        The figures.
    change
        new / base - 1; None where there is none.
    interval
        95 % interval of the change; None for figures without noise, and where it is not known.
    limit
        What was asked for, as a fraction.
    threshold
        What the change has to exceed: the limit, or what differences between sessions make of it.
    noise
        Standard deviation of a difference of two sessions, as a fraction, from ``sessions`` earlier ones.
    p
        Adjusted p-value in the direction of the change; None for figures without noise.
    launches
        Of base and new, in a gate on stored runs; None for figures without noise.
    rounds
        That the line rests on, in a gate on paired rounds.
    binding
        Whether the outcome counts: without noise, or from sessions enough.
    needs
        What would decide an inconclusive line.
    """

    metric: str
    id: str
    name: str
    outcome: Outcome
    base: float | None
    new: float | None
    limit: float
    change: float | None = None
    interval: Interval | None = None
    threshold: float | None = None
    noise: float | None = None
    sessions: int = 0
    p: float | None = None
    launches: tuple[int, int] | None = None
    rounds: int | None = None
    binding: bool = True
    needs: str = ""

    @property
    def timed(self) -> bool:
        """Whether it is of figures with noise."""
        return self.launches is not None or self.rounds is not None

    @property
    def failing(self) -> bool:
        """Whether the line makes the gate fail."""
        return self.outcome is Outcome.REGRESSED and self.binding


def exit_code(lines: Iterable[Line], strict: bool) -> ExitCode:
    """Return what a gate with these lines exits with; with ``strict``, nothing may be left open."""
    found = list(lines)
    outcomes = {line.outcome for line in found}
    if any(line.failing for line in found):
        return ExitCode.REGRESSION
    if Outcome.MISSING in outcomes:
        return ExitCode.CASE_FAILED
    # What would be a regression, were there sessions enough, is left open.
    open_ = outcomes & {Outcome.INCONCLUSIVE, Outcome.REGRESSED}
    return ExitCode.INCONCLUSIVE if strict and open_ else ExitCode.OK
