"""What one metric of one case does from one document to another."""

from __future__ import annotations

from dataclasses import dataclass

from rnnbench.analysis.statistics import Interval
from rnnbench.analysis.verdict import Verdict
from rnnbench.results.figure import Form


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


@dataclass(frozen=True)
class MetricComparison:
    """One metric of all cases that have it in either document.

    Attributes
    ----------
    key, unit, better, form
        The metric.
    changes
        One per case: first those of base in its order, then those that only new has.
    mean
        Geometric mean of the ratios over cases with its interval; None for what is learnt, and where no ratio is.
    shown
        Those of the changes that are to be listed, in the order in which they are.
    """

    key: str
    unit: str
    better: str
    form: Form
    changes: tuple[Change, ...]
    mean: Mean | None
    shown: tuple[Change, ...]

    @property
    def unchanged(self) -> bool:
        """Whether every case has the very same figures in both documents."""
        return all(change.identical for change in self.changes)

    @property
    def one_sided(self) -> bool:
        """Whether only one of the documents has the metric, whatever the case."""
        return all(change.verdict in (Verdict.ONLY_BASE, Verdict.ONLY_NEW) for change in self.changes)
