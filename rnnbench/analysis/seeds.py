"""Effects over several settings, seed by seed: settings share their seeds, so that seeds are what repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from rnnbench.analysis.statistics import Interval, bootstrap_mean_interval, paired_permutation_test
from rnnbench.analysis.wording import p_value, with_interval

SIGN_CHANGES = "sign changes of the seeds' means over settings"


@dataclass(frozen=True)
class Effect:
    """A mean over seeds of differences of accuracies, its bootstrap interval, and the p-value of its being zero."""

    value: float
    interval: Interval | None
    p: float

    def text(self, p: float | None = None) -> str:
        """Return ``+0.052 [0.020, 0.081] (p = 0.003)``; ``p`` stands in for the p-value that nothing adjusted."""
        return f"{difference(self.value, self.interval)} ({p_value(self.p if p is None else p)})"

    def figures(self, p: float) -> dict[str, Any]:
        """Return the figures for the document, with the adjusted p-value."""
        interval = None if self.interval is None else list(self.interval)
        return {"difference": self.value, "ci95": interval, "p_adjusted": p}


def effect(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]) -> Effect:
    """Return by how much ``second`` is above ``first``: a row for each setting, a value for each seed, seeds aligned.

    Each seed's difference is its mean over settings: however many settings there are, there are as many independent
    values as seeds. The test is exact up to 20 seeds.
    """
    rows = [[b - a for a, b in zip(*pair, strict=True)] for pair in zip(first, second, strict=True)]
    seeds = [fmean(values) for values in zip(*rows, strict=True)]
    return Effect(fmean(seeds), bootstrap_mean_interval(seeds), paired_permutation_test(seeds, [0.0] * len(seeds)))


def difference(value: float, interval: Interval | None) -> str:
    """Return a difference of shares: ``-0.031 [-0.050, -0.012]``."""
    return ("+" if round(value, 3) > 0 else "") + with_interval(value, interval, thousandths)


def thousandths(value: float) -> str:
    """Return a difference of shares with three decimals, and no minus where these are zero."""
    return f"{round(value, 3) + 0.0:.3f}"
