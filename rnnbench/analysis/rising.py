"""What bounds an answer on what is learnt: what was still getting better at the end, and what was not varied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from rnnbench.analysis.contrast import Case, Contrast
from rnnbench.analysis.learning import learned
from rnnbench.analysis.weights import recurrent_weights
from rnnbench.analysis.wording import count, listing
from rnnbench.choice import kind_of

LAST = 0.2
"""The share of the iterations, at the end, over which accuracy is looked at."""
RISE = 0.01
"""By how much the mean accuracy over seeds has to rise over the last iterations."""
FALL = 0.01
"""Where a task is judged by its loss: by which share of itself the mean loss has to fall over them."""
_SAID = {
    "accuracy": f"accuracy still rose by more than {RISE}",
    "loss": f"loss still fell by more than {100 * FALL:g} %",
}


def slower(contrast: Contrast) -> Iterator[str]:
    """Yield which cases were still getting better at the end: by name in one setting, counted over several."""
    groups = contrast.complete()
    trained = [
        (name, case) for group in groups for name, case in group.cases.items() if name != "none" and learned(name, case)
    ]
    for judge, said in _SAID.items():
        judged = [(name, case) for name, case in trained if judged_by(case) == judge]
        found = [name for name, case in judged if is_rising(case)]
        if found:
            where = listing(found) if len(groups) == 1 else f"{count(len(found))} of {count(len(judged))} cases"
            yield f"{said} over the last fifth of the training in {where}, which may only be slower"


def judged_by(case: Case) -> str:
    """Return whether the task of a case is judged by ``loss`` or ``accuracy``, as far as its evaluations hold both."""
    record = case["metrics"].get("final_loss") or {}
    by_loss = (record.get("details") or {}).get("judged_by") == "loss"
    return "loss" if by_loss and _curve(case).get("evaluation_loss") else "accuracy"


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
    measure = parameters["measure"]
    training = measure.get("training") or (measure.get("max_length") or {}).get("training") or {}
    optimizer = training.get("optimizer")
    options = optimizer.get(kind_of(optimizer)) if isinstance(optimizer, Mapping) else None
    rate = options.get("lr") if isinstance(options, Mapping) else None
    return rate if isinstance(rate, (int, float)) else None


def _weights_alike(cases: Sequence[Case]) -> bool:
    """Whether all cases have as many recurrent weights, as far as this is known."""
    return len({recurrent_weights(case) for case in cases} - {None}) < 2


def is_rising(case: Case) -> bool:
    """Return whether a case was still getting better at the end of its training, in what its task is judged by.

    The rule: the mean accuracy over seeds, as evaluated along the training, is more than :data:`RISE` higher at the
    last evaluation than at the last one before the final :data:`LAST` of the iterations, or the mean loss is lower by
    more than :data:`FALL` of itself. A case without such evaluations is never said to rise.
    """
    curve, judge = _curve(case), judged_by(case)
    when, evaluated = curve.get("iterations") or [], curve.get("evaluation_loss" if judge == "loss" else "accuracy")
    if not evaluated or len(when) < 2 or len(when) != len(evaluated):
        return False
    before = [seeds for at, seeds in zip(when, evaluated, strict=True) if at <= (1 - LAST) * when[-1]]
    if not before:
        return False
    earlier, last = _mean(before[-1]), _mean(evaluated[-1])
    return last < (1 - FALL) * earlier if judge == "loss" else last - earlier > RISE


def _curve(case: Case) -> Mapping[str, Any]:
    curve: Mapping[str, Any] = case["metrics"]["accuracy"]["details"].get("curve") or {}
    return curve


def _mean(seeds: Iterable[float | None]) -> float:
    known = [value for value in seeds if value is not None]
    return fmean(known) if known else 0.0
