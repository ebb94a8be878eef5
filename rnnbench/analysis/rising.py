"""What bounds an answer on what is learnt: whose accuracy was still rising at the end, and what was not varied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from rnnbench.analysis.contrast import Case, Contrast
from rnnbench.analysis.learning import learned
from rnnbench.analysis.wording import count, listing
from rnnbench.choice import kind_of

LAST = 0.2
"""The share of the iterations, at the end, over which accuracy is looked at."""
RISE = 0.01
"""By how much the mean accuracy over seeds has to rise over the last iterations."""


def slower(contrast: Contrast) -> Iterator[str]:
    """Yield in which cases accuracy was still rising at the end: by name in one setting, counted over several."""
    groups = contrast.complete()
    trained = [
        (name, case) for group in groups for name, case in group.cases.items() if name != "none" and learned(name, case)
    ]
    found = [name for name, case in trained if is_rising(case)]
    if found:
        where = listing(found) if len(groups) == 1 else f"{count(len(found))} of {count(len(trained))} cases"
        yield (
            f"accuracy still rose by more than {RISE} over the last fifth of the training in {where}, which may only "
            "be slower"
        )


def limits_of(cases: Sequence[Case]) -> Iterator[str]:
    """Yield what all cases have in common that another choice might change: the learning rate, and H."""
    rates = {_rate(case["parameters"]) for case in cases}
    hidden = {case["parameters"].get("hidden") for case in cases}
    rate = next(iter(rates)) if len(rates) == 1 else None
    said = [f"one learning rate ({rate:g})"] if rate is not None else []
    said += ["equal H, not equal weights"] if len(hidden) == 1 and not _weights_alike(cases) else []
    if said:
        yield f"{' and '.join(said)}, for all"


def _rate(parameters: Mapping[str, Any]) -> float | None:
    """Return the learning rate that a case was trained with, None where its parameters name none."""
    optimizer = parameters["measure"]["training"].get("optimizer")
    options = optimizer.get(kind_of(optimizer)) if isinstance(optimizer, Mapping) else None
    rate = options.get("lr") if isinstance(options, Mapping) else None
    return rate if isinstance(rate, (int, float)) else None


def _weights_alike(cases: Sequence[Case]) -> bool:
    """Whether all cases store as many recurrent weights, as far as they were counted."""
    records = [record for case in cases if (record := case["metrics"].get("recurrent_parameters"))]
    return len({record["value"] for record in records}) < 2


def is_rising(case: Case) -> bool:
    """Return whether the accuracy of a case was still rising at the end of its training.

    The rule: the mean accuracy over seeds, as evaluated along the training, is more than :data:`RISE` higher at the
    last evaluation than at the last one before the final :data:`LAST` of the iterations. A case without such
    evaluations is never said to rise.
    """
    curve: Mapping[str, Any] = case["metrics"]["accuracy"]["details"].get("curve") or {}
    when, accuracies = curve.get("iterations") or [], curve.get("accuracy") or []
    if len(when) < 2 or len(when) != len(accuracies):
        return False
    earlier = [seeds for at, seeds in zip(when, accuracies, strict=True) if at <= (1 - LAST) * when[-1]]
    return bool(earlier) and _mean(accuracies[-1]) - _mean(earlier[-1]) > RISE


def _mean(seeds: Iterable[float | None]) -> float:
    known = [value for value in seeds if value is not None]
    return fmean(known) if known else 0.0
