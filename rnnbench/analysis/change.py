"""What one metric of one case does from one document to another."""

from __future__ import annotations

from dataclasses import dataclass

from rnnbench.analysis.statistics import Interval
from rnnbench.analysis.verdict import Verdict


@dataclass(frozen=True)
class Change:
    """One line of a comparison.

    Attributes
    ----------
    id, name
        The case, by its name in base.
    base, new
        The figures; None where a document has none.
    verdict
        What is said of it.
    ratio
        new / base; None where it makes no sense (base 0) or is not the point (shares).
    difference
        new - base, of what is learnt.
    interval
        95 % interval of the ratio, or of the difference where there is no ratio.
    p, q
        Two-sided p-value of no change, and adjusted for the number of cases.
    shown
        The figures as text where a number alone does not say it: ``("18/20", "20/20")``.
    identical
        Whether both documents have the very same figures.
    """

    id: str
    name: str
    base: float | None
    new: float | None
    verdict: Verdict
    ratio: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    q: float | None = None
    shown: tuple[str, str] | None = None
    identical: bool = False


@dataclass(frozen=True)
class Mean:
    """Geometric mean of the ratios of ``cases`` cases, with its 95 % interval over launches where there is one."""

    ratio: float
    interval: Interval | None
    cases: int
