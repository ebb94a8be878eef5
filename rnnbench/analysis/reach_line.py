"""The answer of a document on how far back it looks, by the longest sequence that is learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnbench.analysis.answer_line import REACH, Line
from rnnbench.analysis.contrast import Case, Contrast
from rnnbench.analysis.learning import SIGNIFICANT
from rnnbench.analysis.length import LIMITS, TRAINED, length
from rnnbench.analysis.lookback import (
    Beside,
    beside_baseline,
    by_whom,
    known,
    learnt_by_all,
    memory_finding,
    roomier,
)
from rnnbench.analysis.necessity import to_look_back
from rnnbench.analysis.rising import limits_of
from rnnbench.analysis.statistics import fisher_exact
from rnnbench.analysis.weights import recurrent_weights
from rnnbench.analysis.wording import count, factor, listing, p_value, plural

_REACHES = {"max_length_gradient": "at initialisation", TRAINED: "after training"}


def reach_line(contrast: Contrast, document: Mapping[str, Any]) -> Line | None:
    """Answer how far back it looks, by the longest sequence that is learnt."""
    found = limited(contrast) if contrast.axis == "connectivity" else {}
    if not found:
        return None
    learnt = {name: known(case, "max_length_task") for name, case in found.items()}
    base = contrast.baseline
    ordered = sorted(learnt, key=lambda name: (-learnt[name].steps, name != base))
    longer = [name for name in ordered if learnt[name].steps > learnt[base].steps]
    once = ", in one launch" if document["run"].get("launches") == 1 else ""
    seeds = plural(_replicas(found[ordered[0]]), "seed")
    whom = by_whom(found[ordered[0]]["metrics"]["max_length_task"]["details"])
    sure = f"{seeds} at each length{once}; lengths learnt{f', {whom},' if whom else ''} have no interval"
    if not longer:
        text = f"No connectivity learns the task over more than the {learnt[base]} steps of {base}."
        return Line(REACH, text, "", f"{sure}.", (), to_look_back(contrast, found, ()))
    tests = tested(contrast)
    apart = [name for name in longer if name in tests and tests[name].p <= SIGNIFICANT]
    best, *rest = apart[:1] + [name for name in ordered if name not in apart[:1]]
    learns = f"the task over {learnt[best]} steps, {listing(f'{name} over {learnt[name]}' for name in rest)}"
    text = f"Take {best}: it learns {learns}."
    if not apart:
        doubt = f"{seeds} do not tell apart" if tests else "was not tested"
        text = f"No connectivity is shown to look farther back than {base}: {best} learns {learns}, which {doubt}."
    sure += _tests(tests, base, _replicas(found[base])) if tests else ""
    sure = "; ".join([sure, *limits_of(list(found.values()))])
    cost = f"{_common(found, base)}{_fits(contrast, document)}{_reaches(found, base)}".strip()
    return Line(REACH, text, cost, f"{sure}.", tuple(apart), to_look_back(contrast, found, apart))


def _common(found: Mapping[str, Case], base: str) -> str:
    """Return over how many steps every seed of every case solves the task, and with how many fewer weights."""
    steps = learnt_by_all(list(found.values()))
    if steps is None:
        return ""
    text = f"Over {count(steps)} steps all seeds of each solve it"
    own = recurrent_weights(found[base])
    others = [weights for name, case in found.items() if name != base and (weights := recurrent_weights(case))]
    if own and others and max(others) < own:
        ends = dict.fromkeys(factor(own / weights) for weights in (max(others), min(others)))
        text += f", with {' to '.join(ends)} fewer recurrent weights than {base}"
    return f"{text}. "


def _fits(contrast: Contrast, document: Mapping[str, Any]) -> str:
    """Return what fits into memory beside the baseline, and what fits much more."""
    memory, more = memory_finding(contrast), roomier(document["cases"])
    said = str(memory["text"]) if memory else ""
    return f"{said} How a step runs moves that: {more}." if said and more else said


def _reaches(found: Mapping[str, Case], base: str) -> str:
    """Return how far gradients reach in the baseline and in the others, at initialisation and after training."""
    details = (found[base]["metrics"].get(TRAINED) or {}).get("details") or {}
    steps = details.get("trained_at")
    over = f" over {count(steps)} steps" if steps else ""
    parts = [_reach_of(found, base, metric, when) for metric, when in _REACHES.items()]
    said = [part for part in parts if part]
    if not said:
        return ""
    text = f" Gradients reach {'; '.join(said)}"
    return (
        f"{text}{over}: training moves the reach, and the one at initialisation bounds nothing." if over else f"{text}."
    )


def _reach_of(found: Mapping[str, Case], base: str, metric: str, when: str) -> str:
    """Return ``24 steps in dense and 87 to 161 in the others at initialisation``."""
    limits = {name: limit for name, case in found.items() if (limit := length(case, metric))}
    if base not in limits or len(limits) == 1:
        return ""
    others = sorted((limit for name, limit in limits.items() if name != base), key=lambda limit: limit.steps)
    ends = " to ".join(dict.fromkeys(str(limit) for limit in (others[0], others[-1])))
    who = "the others" if len(others) > 1 else next(name for name in limits if name != base)
    return f"{limits[base]} steps in {base} and {ends} in {who} {when}"


def _tests(tests: Mapping[str, Beside], base: str, seeds: int) -> str:
    """Return the p-values of the tests against the baseline, and what the fewness of seeds and their choice mean."""
    each = listing(f"{name} at T = {count(one.steps)} ({p_value(one.p)})" for name, one in tests.items())
    where = "lengths chosen for their outcome, which makes p look small"
    parts = [f"beside {base}, by {exact_tests(len(tests))}: {each}, {where}"]
    least = min(1.0, len(tests) * fisher_exact(seeds, seeds, 0, seeds))
    if any(one.p > SIGNIFICANT for one in tests.values()):
        proves = "could not be significant" if least > SIGNIFICANT else f"would give {p_value(least)}"
        parts.append(f"{seeds} of {seeds} seeds against none {proves}: what is not shown may be there all the same")
    return f"; {'; '.join(parts)}"


def exact_tests(number: int) -> str:
    """Return ``Fisher's exact test``, or ``Fisher's exact tests, adjusted for 3``."""
    return "Fisher's exact test" if number == 1 else f"Fisher's exact tests, adjusted for {number}"


def tested(contrast: Contrast) -> dict[str, Beside]:
    """Return how each that learns longer sequences than the baseline compares with it, the longest first."""
    found = limited(contrast)
    if not found:
        return {}
    learnt = {name: known(case, "max_length_task").steps for name, case in found.items()}
    base = contrast.baseline
    longer = [name for name in sorted(learnt, key=lambda name: -learnt[name]) if learnt[name] > learnt[base]]
    return beside_baseline(found, base, longer)


def _replicas(case: Case) -> int:
    trials = case["metrics"]["max_length_task"]["details"].get("trials") or [{}]
    return trials[0].get("replicas") or 1


def limited(contrast: Contrast) -> dict[str, Case]:
    """Return the cases of the first group that has all three limits of the baseline and of another; empty if none."""
    for group in contrast.complete():
        found = {name: case for name, case in group.cases.items() if all(length(case, metric) for metric in LIMITS)}
        if contrast.baseline in found and len(found) > 1:
            return found
    return {}
