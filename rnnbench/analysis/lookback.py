"""How far back it can look: what is learnt, how far gradients reach, what fits into memory, and which ends it first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rnnbench.analysis.cautions import timed
from rnnbench.analysis.contrast import Case, Contrast, flatten, label
from rnnbench.analysis.length import LIMITS, TRAINED, Length, length
from rnnbench.analysis.statistics import fisher_exact, holm
from rnnbench.analysis.wording import Finding, count, factor, hundredths, listing, plural, sentence
from rnnbench.suite.case import canonical

_AT = "at least "
_WAYS = {"kernel": "auto", "recompute": "none", "gradient": "bptt"}
"""What changes how a training step runs, and not what it computes; with the usual value."""


def lookback_findings(contrast: Contrast, cases: Sequence[Case]) -> list[Finding]:
    """Return how far each case learns to look back, how far its gradients reach, and what fits into memory.

    Speaks only of what has all three limits, but for the ways of running, which have memory alone.
    """
    complete = [case for case in cases if _has_all(case)]
    # What runs in another way learns the same: the usual way, where there is one, stands for all.
    models = list({_model(case): case for case in sorted(complete, key=_is_usual)}.values())
    found = [_learnt(models), _reaches(models), memory_finding(contrast), _ways(cases)] if complete else []
    return [finding for finding in found if finding]


def binding(case: Case) -> str:
    """Return the metric of the limit that comes first in a case that has all three.

    Gradients bind as far as they reach after training, where that was measured: training moves their reach. A reach at
    initialisation that is shorter than what was learnt nonetheless is no limit.
    """
    limits = {metric: limit for metric in LIMITS if (limit := length(case, metric))}
    trained, learnt = length(case, TRAINED), limits["max_length_task"]
    if trained is not None:
        limits["max_length_gradient"] = trained
    elif limits["max_length_gradient"].steps < learnt.steps:
        del limits["max_length_gradient"]
    return min(limits, key=lambda metric: limits[metric].steps)


def _learnt(cases: Sequence[Case]) -> Finding:
    """Say how long a sequence each case learns, the longest first, and which limit comes first in which."""
    ordered = _ordered(cases, "max_length_task")
    details = ordered[0][0]["metrics"]["max_length_task"]["details"]
    updates = details.get("updates")
    within = f"in {count(updates)} updates, " if updates else ""
    text = f"{within}the task is learnt over {_steps(ordered, 'max_length_task', by_whom=by_whom(details))}"
    bound: dict[str, list[str]] = {}
    for case, _ in ordered:
        bound.setdefault(LIMITS[binding(case)], []).append(_short(case))
    # At initialisation gradients may reach less far than what is learnt nonetheless: that is no limit.
    after = ", gradients as they reach after training" if any(length(case, TRAINED) for case in cases) else ""
    if len(bound) == 1:
        text += (
            f"; {next(iter(bound))} is the first of the three limits to bind{' in each' if len(ordered) > 1 else ''}"
            f"{after}"
        )
    else:
        whose = "; ".join(f"{what} for {listing(who)}" for what, who in bound.items())
        text += f"; the first limit to bind is {whose}{after}"
    figures = {case["name"]: LIMITS[binding(case)] for case in cases}
    lengths = {case["name"]: limit.figure for case, limit in ordered}
    seeds = {case["name"]: {str(steps): list(share) for steps, share in tried(case).items()} for case, _ in ordered}
    return {"text": sentence(text), "binding": figures, "learnt": lengths, "solved": seeds}


def by_whom(details: Mapping[str, Any]) -> str:
    """Return ``by at least half of 5 seeds``, as far as a document says it."""
    share, trials = details.get("learnt_by"), details.get("trials") or [{}]
    replicas = trials[0].get("replicas")
    if not share or not replicas:
        return ""
    return f"by at least {'half' if share == 0.5 else f'{100 * share:.0f} %'} of {plural(replicas, 'seed')}"


class Beside(NamedTuple):
    """How many seeds of two cases solve the task at one length, and the p-value of their being alike."""

    steps: int
    first: int
    second: int
    p: float


def tried(case: Case) -> dict[int, tuple[int, int]]:
    """Return how many seeds solve the task, out of how many, at each length that was tried, the shortest first."""
    trials = case["metrics"]["max_length_task"]["details"].get("trials") or ()
    found = {one["time_steps"]: (one["solved"], one["replicas"]) for one in trials if one.get("time_steps")}
    return dict(sorted(found.items()))


def learnt_by_all(cases: Sequence[Case]) -> int | None:
    """Return the longest length that every seed of every case solves, of those tried with all; None without one."""
    solved = [{steps for steps, (ones, of) in tried(case).items() if ones == of} for case in cases]
    return max(set.intersection(*solved), default=None)


def beside_baseline(cases: Mapping[str, Case], baseline: str, longer: Sequence[str]) -> dict[str, Beside]:
    """Return how each that learns longer sequences than the baseline compares with it, p adjusted by Holm's method.

    Those that share no length of which :func:`solved_beside` could speak are left out.
    """
    found = {name: beside for name in longer if (beside := solved_beside(cases[name], cases[baseline]))}
    adjusted = holm([beside.p for beside in found.values()])
    return {name: beside._replace(p=p) for (name, beside), p in zip(found.items(), adjusted, strict=True)}


def solved_beside(first: Case, second: Case) -> Beside | None:
    """Return how two cases compare at the shortest length that the first has learnt and the second has not.

    By Fisher's exact test on the seeds that solve the task; None where no such length was tried with both.
    """
    sides = tried(first), tried(second)
    ours, theirs = (known(case, "max_length_task").steps for case in (first, second))
    common = [steps for steps in sides[0] if steps in sides[1] and theirs < steps <= ours]
    if not common:
        return None
    one, other = (side[common[0]] for side in sides)
    return Beside(common[0], one[0], other[0], fisher_exact(*one, *other))


def _reaches(cases: Sequence[Case]) -> Finding:
    """Say how far gradients reach at initialisation and after training, the farthest first."""
    initial, trained = _ordered(cases, "max_length_gradient"), _ordered(cases, TRAINED)
    text = f"gradients reach back {_steps(initial, 'max_length_gradient')} at initialisation"
    if trained:
        text += f", and {_steps(trained, TRAINED)} after training"
    beyond = [
        f"{_short(case)} learns {known(case, 'max_length_task')} steps, more than its {reach} at initialisation"
        for case, reach in initial
        if not reach.more and reach.steps < known(case, "max_length_task").steps
    ]
    if beyond:
        text += f"; {listing(beyond)}: the reach at initialisation is no bound, as training moves it"
    figures = {
        metric: {case["name"]: reach.figure for case, reach in reaches}
        for metric, reaches in (("max_length_gradient", initial), (TRAINED, trained))
    }
    return {"text": sentence(text), "reach": figures}


def _steps(found: Sequence[tuple[Case, Length]], metric: str, by_whom: str = "") -> str:
    """Return ``161 [152, 184] steps in diagonal and 24 [24, 25] in dense``, with what the whole list has in common."""
    told = []
    for index, (case, limit) in enumerate(found):
        ends = case["metrics"][metric]["ci95"]
        interval = f" [{count(ends[0])}, {count(ends[1])}]" if ends else ""
        told.append(f"{limit}{interval}{' steps' if index == 0 else ''} in {_short(case)}")
    alone = all(case["metrics"][metric]["ci95"] is None for case, _ in found)
    common = "; ".join([*([by_whom] if by_whom else []), *(["no intervals"] if alone else [])])
    return f"{listing(told)}{f' ({common})' if common else ''}"


def _ordered(cases: Sequence[Case], metric: str) -> list[tuple[Case, Length]]:
    """Return the cases that have a limit, with it, the farthest first."""
    found = [(case, limit) for case in cases if (limit := length(case, metric))]
    return sorted(found, key=lambda one: -one[1].steps)


def _short(case: Case) -> str:
    """Return the connectivity's label, with what is unusual in how it runs."""
    name = label("connectivity", case["parameters"]["connectivity"])
    unusual = [f"{way} {_said(case, way)}" for way, usual in _WAYS.items() if _said(case, way) != usual]
    return f"{name} with {listing(unusual)}" if unusual else name


def memory_finding(contrast: Contrast) -> Finding | None:
    """Say what fits into memory beside the baseline, where a group has all limits; all three ratios are figures."""
    for group in contrast.complete():
        base = group.cases[group.baseline]
        others = {name: case for name, case in group.others().items() if _has_all(case)}
        if _has_all(base) and others:
            break
    else:
        return None
    ratios = {
        metric: {name: _factor(known(case, metric), known(base, metric)) for name, case in others.items()}
        for metric in LIMITS
    }
    fits = known(base, "max_length_memory")
    budget = base["metrics"]["max_length_memory"]["details"].get("budget")
    room = f" within {count(budget / 2**20)} MiB" if budget else " into memory"
    moves = ratios["max_length_memory"]
    who = "the others" if len(moves) > 1 else next(iter(moves))
    text = f"{fits} steps of {group.baseline} fit{room}, and {_together(moves)} as many of {who}"
    figures = {metric: {name: ratio for name, (_, ratio) in moves.items()} for metric, moves in ratios.items()}
    return {"text": sentence(text), "moved": figures}


def _together(moves: Mapping[str, tuple[str, float | None]]) -> str:
    """Return the range of ratios where all are known: ``1.00x to 1.01x``; else each with its name."""
    ratios = sorted(ratio for _, ratio in moves.values() if ratio is not None)
    if len(ratios) < len(moves):
        texts = dict.fromkeys(text for text, _ in moves.values())
        return (
            next(iter(texts)) if len(texts) == 1 else listing(f"{text} ({name})" for name, (text, _) in moves.items())
        )
    ends = dict.fromkeys(f"{hundredths(ratio)}x" if ratio < 10 else factor(ratio) for ratio in (ratios[0], ratios[-1]))
    return " to ".join(ends)


def _has_all(case: Case) -> bool:
    return all(length(case, metric) for metric in LIMITS)


def known(case: Case, metric: str) -> Length:
    """Return a limit of a case that has it."""
    found = length(case, metric)
    assert found is not None  # noqa: S101 - the caller has looked
    return found


def _factor(new: Length, base: Length) -> tuple[str, float | None]:
    """Return a ratio in words, and as a number where both ends are known."""
    if math.isinf(base.steps) or (new.more and base.more):
        return "not known to be more or less", None
    if math.isinf(new.steps):
        return "without bound", None
    if base.steps == 0:
        return f"{new} against 0", None
    ratio = new.steps / base.steps
    more = _AT if new.more else "at most " if base.more else ""
    return f"{more}{factor(ratio)}", None if more else ratio


def _ways(cases: Sequence[Case]) -> Finding | None:
    """Say how far another way of running the same step moves what fits into memory."""
    found = _moved(cases)
    if not found:
        return None
    first, *rest = [(way, _amount(moves)) for way, moves in found.items()]
    parts = [f"{first[0]} fits {first[1]} as many steps{_of(found[first[0]])}"]
    parts += [f"{way} {amount}{_of(found[way])}" for way, amount in rest]
    figures = {way: {name: ratio for name, (_, ratio) in moves.items()} for way, moves in found.items()}
    text = f"with the same gradients and within the same memory, {'; '.join(parts)}"
    if not any(timed(case) for case in cases):
        text += "; what time each takes was not measured here"
    return {"text": sentence(text), "ways": figures}


def roomier(cases: Sequence[Case]) -> str:
    """Return ``recompute stream fits at least 9.8x as many (dense)``: of ways that fit at least twice as many steps;
    empty where there are none."""
    moved = {way: moves for way, moves in _moved(cases).items() if not way.startswith("kernel ")}
    found = [
        f"{way} fits {amount} as many{_of(moves)}"
        for way, moves in moved.items()
        if (amount := _amount(moves)).startswith(_AT) and _number(amount.removeprefix(_AT)) >= 2
    ]
    return listing(found) if found else ""


def _moved(cases: Sequence[Case]) -> dict[str, dict[str, tuple[str, float | None]]]:
    """Return by way, then connectivity, how many times as many steps fit as of the usual way: in words and figures."""
    plain = {_model(case): case for case in reversed(cases) if _has_all(case) and _is_usual(case)}
    found: dict[str, dict[str, tuple[str, float | None]]] = {}
    for case in cases:
        beside = plain.get(_model(case))
        if beside is None or beside is case or length(case, "max_length_memory") is None:
            continue
        changed = [f"{way} {_said(case, way)}" for way in _WAYS if _said(case, way) != _said(beside, way)]
        moved = _factor(known(case, "max_length_memory"), known(beside, "max_length_memory"))
        found.setdefault(" and ".join(changed), {})[label("connectivity", case["parameters"]["connectivity"])] = moved
    return found


def _amount(moves: Mapping[str, tuple[str, float | None]]) -> str:
    """Return ``at least 9.8x`` for several of which that is the least; else as :func:`_together`."""
    texts = [text for text, _ in moves.values()]
    bounds = [text.removeprefix(_AT) for text in texts if text.startswith(_AT)]
    return f"{_AT}{min(bounds, key=_number)}" if len(bounds) == len(texts) else _together(moves)


def _of(moves: Mapping[str, tuple[str, float | None]]) -> str:
    """Return whose ratios :func:`_amount` gives, unless it names them itself."""
    return "" if _amount(moves).endswith(")") else f" ({', '.join(moves)})"


def _number(text: str) -> float:
    return float(text.removesuffix("x").replace(",", ""))


def _model(case: Case) -> str:
    """Return what a case computes, however it runs."""
    flat: Mapping[str, Any] = flatten(case["parameters"])
    ways = {*_WAYS, "max_length.limits"}
    return canonical({key: value for key, value in flat.items() if key not in ways})


def _is_usual(case: Case) -> bool:
    return all(_said(case, way) == usual for way, usual in _WAYS.items())


def _said(case: Case, way: str) -> str:
    value = case["parameters"][way]
    return "none" if value is None else label(way, value)
