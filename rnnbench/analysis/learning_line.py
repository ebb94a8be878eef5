"""The answer of a document on what is learnt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnbench.analysis.answer import Answer, answers
from rnnbench.analysis.answer_line import LEARNING, Line
from rnnbench.analysis.contrast import Contrast
from rnnbench.analysis.cost import Ratio, is_near, told, told_memory, told_span
from rnnbench.analysis.learning import comparisons, learners_of
from rnnbench.analysis.necessity import to_learn
from rnnbench.analysis.over_settings import told_over_settings
from rnnbench.analysis.rising import limits_of, slower
from rnnbench.analysis.wording import NEAR, factor, listing, p_value, plural, share, with_interval


def learning_line(contrast: Contrast) -> Line | None:
    """Answer what is learnt: of one setting by its answer, of several by how often each is told from the baseline."""
    found = [answer for answer in answers(contrast) if any(one.comparison for one in answer.candidates)]
    if not found:
        return None
    takes: tuple[str, ...] = ()
    if len(found) == 1:
        text = found[0].text()
        takes = _shown(found[0]) if contrast.axis == "connectivity" else ()
    else:
        text = told_over_settings(contrast, found)
    cost = " ".join(part for part in (_next(found) if takes else "", _price(found)) if part)
    return Line(LEARNING, text, cost, _tested(contrast), takes, to_learn(contrast, found))


def _next(found: Sequence[Answer]) -> str:
    """Return what comes next where the baseline is the one to take: the most accurate of the others, and its costs."""
    others = [one for one in found[0].candidates if not one.is_baseline and one.learned and one.label != "none"]
    if found[0].baseline not in _shown(found[0]) or len(others) < 2:
        return ""
    best = max(others, key=lambda one: one.learned.accuracy if one.learned else 0.0)
    assert best.learned is not None  # noqa: S101 - others have learnt
    costs = [f"{factor(1 / best.weights.ratio)} fewer recurrent weights"] if best.weights else []
    costs += [f"{told(best.time)} the time"] if best.time else []
    having = f", with {listing(costs)}" if costs and best.weights and best.weights.ratio <= 1 else ""
    accuracy = with_interval(best.learned.accuracy, best.learned.interval, share)
    return f"Next by mean accuracy is {best.label}: {accuracy}{having}."


def _shown(answer: Answer) -> tuple[str, ...]:
    """Return what is shown to learn most: those above the baseline, or the baseline where all others are below it."""
    tests = {one.label: one.comparison for one in answer.candidates if one.comparison}
    if answer.unsolved or not tests:
        return ()
    above = tuple(label for label, test in tests.items() if test.significant and test.better)
    below = all(test.significant and not test.better for test in tests.values())
    return above or ((answer.baseline,) if below else ())


def _price(found: Sequence[Answer]) -> str:
    """Return ``Beside dense, the others have 1.9x to 16x fewer recurrent weights and 0.64x [0.60, 0.69] the time.``."""
    others = [one for answer in found for one in answer.candidates if not one.is_baseline and one.label != "none"]
    weights = [one.weights for one in others if one.weights]
    times = [one.time for one in others if one.time]
    memory = [one.memory for one in others if one.memory]
    parts = []
    if weights and all(ratio.ratio <= 1 for ratio in weights):
        parts.append(f"{_ends(1 / ratio.ratio for ratio in weights)} fewer recurrent weights")
    elif weights:
        parts.append(f"{_ends(ratio.ratio for ratio in weights)} as many recurrent weights")
    parts += [f"{told_span(times)} the time of a pass"] if times else []
    parts += [_peaks(memory)] if memory else []
    if not parts:
        return ""
    several = len({one.label for one in others}) > 1
    who = "the others have" if several else f"{others[0].label} has"
    return f"Beside {found[0].baseline}, {who} {listing(parts)}."


def _ends(values: Iterable[float]) -> str:
    ordered = sorted(values)
    return " to ".join(dict.fromkeys(factor(value) for value in (ordered[0], ordered[-1])))


def _peaks(memory: Sequence[Ratio]) -> str:
    """Return ``0.72x to 1.30x the peak memory``, or that none differs by more than can be told."""
    if all(map(is_near, memory)):
        return f"about the same peak memory (within {NEAR})"
    ordered = sorted(memory, key=lambda ratio: ratio.ratio)
    return f"{' to '.join(dict.fromkeys(told_memory(ratio) for ratio in (ordered[0], ordered[-1])))} the peak memory"


def _tested(contrast: Contrast) -> str:
    """Return ``20 seeds each; 7 comparisons tested, p-values adjusted for all; every difference has p <= 1e-08.``."""
    tested = comparisons(contrast.baseline, learners_of(contrast.baseline, contrast.complete()))
    seeds = sorted({side.replicas for one in tested for side in (one.first, one.second)})
    number = plural(seeds[0], "seed") if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]} seeds"
    parts = [f"{number} each", f"{plural(len(tested), 'comparison')} tested, p-values adjusted for all"]
    against = [one for one in tested if not one.controls]
    if different := [one.p for one in against if one.significant]:
        parts.append(f"each difference from {contrast.baseline} has {p_value(max(different)).replace('=', '<=')}")
    if same := [one.p for one in against if not (one.significant or one.powerless)]:
        parts.append(f"what is not told apart has {p_value(min(same)).replace('=', '>=')}, which proves no equality")
    cases = [case for group in contrast.complete() for name, case in group.cases.items() if name != "none"]
    return f"{'; '.join([*parts, *slower(contrast), *limits_of(cases)])}."
