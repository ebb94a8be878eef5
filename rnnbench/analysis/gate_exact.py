"""The gate on figures without noise: counts, bytes, lengths, and what was learnt."""

from __future__ import annotations

import math

from rnnbench.analysis.align import Case
from rnnbench.analysis.gate_line import Line, Outcome
from rnnbench.results.metrics import resolution

_ROUNDING = 1e-12
"""20 to 19 of 20 seeds is 5 % worse, and no more, whatever the last bit says."""


def exact_line(key: str, first: Case, second: Case, limit: float) -> Line:
    """Return the line of a figure without noise: beyond the limit for the worse or the better, or the same.

    What is less than the metric's resolution is the same, however many per cent it is.
    """
    record = first["metrics"][key]
    base, new = record["value"], second["metrics"][key]["value"]
    change = None if base == 0 else (new - base) / abs(base)
    worse = new - base if record["better"] == "lower" else base - new
    relative = worse / abs(base) if base else math.copysign(math.inf, worse) if worse else 0.0
    outcome = Outcome.SAME
    if abs(relative) > limit + _ROUNDING and abs(worse) > resolution(key):
        outcome = Outcome.REGRESSED if relative > 0 else Outcome.IMPROVED
    return Line(key, first["id"], first["name"], outcome, base, new, limit, change=change, threshold=limit)
