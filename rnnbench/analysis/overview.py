"""What a document answers, in one line: the question it asks, the answer, what that costs, and how sure it is.

Suites ask different things of a connectivity: what is learnt with it, how far back it looks, how fast it is. An answer
says which of these it is of, so that those of several documents can stand beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from statistics import fmean
from typing import Any

from rnnbench.analysis.answer import Answer, answers
from rnnbench.analysis.cautions import MUCH, busy, timed, unsettled
from rnnbench.analysis.contrast import Case, Contrast, contrast_of
from rnnbench.analysis.cost import NEAR, Ratio, is_near, told, told_memory
from rnnbench.analysis.kernel_contrast import DENSE, Timed, beside_torch, best_kernel, timed_kernels
from rnnbench.analysis.learning import SIGNIFICANT, comparisons, learners_of
from rnnbench.analysis.length import LIMITS, TRAINED, length
from rnnbench.analysis.lookback import Beside, beside_baseline, known
from rnnbench.analysis.necessity import for_speed, to_learn, to_look_back
from rnnbench.analysis.over_settings import told_over_settings
from rnnbench.analysis.rising import limits_of, slower
from rnnbench.analysis.statistics import FEWEST_LAUNCHES, fisher_exact
from rnnbench.analysis.wording import factor, listing, p_value, plural

LEARNING = "what is learnt"
REACH = "how far back it looks"
_REACHES = {"max_length_gradient": "at initialisation", TRAINED: "after training"}
SPEED = "how fast it is"


@dataclass(frozen=True)
class Line:
    """The answer of one document.

    Attributes
    ----------
    question
        :data:`LEARNING`, :data:`REACH` or :data:`SPEED`.
    text
        The answer, a sentence.
    cost
        What it costs, or saves, a sentence; may be empty.
    sure
        How sure that is: seeds or launches, intervals, tests.
    takes
        The connectivities that are shown to be the answer; none where it is not of connectivities, where settings
        differ, or where they are not told apart.
    necessary
        Whether full connectivity is necessary for it: ``to learn adding(50), yes: tridiagonal does worse``; empty where
        dense was not held against others.
    """

    question: str
    text: str
    cost: str
    sure: str
    takes: tuple[str, ...]
    necessary: str = ""

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Line:
        """Return what :meth:`to_json` gave, without what only a newer version knows."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        return cls(**{**known, "takes": tuple(data["takes"])})

    def to_json(self) -> dict[str, Any]:
        """Return it as a document keeps it."""
        return {**asdict(self), "takes": list(self.takes)}


def line(document: Mapping[str, Any]) -> Line | None:
    """Return the answer of a document; None where its suite contrasts nothing, or nothing follows from it."""
    contrast = contrast_of(document)
    if contrast is None:
        return None
    found = _learning(contrast) or _reach(contrast, document) or _speed(contrast) or _time(contrast)
    return found and _with_doubts(found, document)


def _with_doubts(found: Line, document: Mapping[str, Any]) -> Line:
    """Return an answer whose sureness says what to make of its times, where they moved or the machine was busy."""
    if not any(timed(case) for case in document["cases"]):
        return found
    moving, clocked = unsettled(document["cases"])
    doubts = [f"the times of {moving} of {clocked} cases had not settled"] if moving >= MUCH * clocked else []
    doubts += ["the machine was busy when the run started"] if busy(document) else []
    if not doubts:
        return found
    text = f"{listing(doubts)}: read differences of a few per cent as none"
    return replace(found, sure=f"{found.sure.removesuffix('.')}; {text}.")


def _learning(contrast: Contrast) -> Line | None:
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
    return Line(LEARNING, text, _price(found), _tested(contrast), takes, to_learn(contrast, found))


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
    parts += [f"{_span(times)} the time of a pass"] if times else []
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


def _span(ratios: Sequence[Ratio]) -> str:
    """Return ``0.64x [0.60, 0.69] to 1.06x [0.77, 1.79]``, or the one ratio."""
    ordered = sorted(ratios, key=lambda ratio: ratio.ratio)
    return " to ".join(dict.fromkeys(told(ratio) for ratio in (ordered[0], ordered[-1])))


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


def _reach(contrast: Contrast, document: Mapping[str, Any]) -> Line | None:
    """Answer how far back it looks, by the longest sequence that is learnt."""
    found = limited(contrast) if contrast.axis == "connectivity" else {}
    if not found:
        return None
    learnt, fits = (
        {name: known(case, f"max_length_{of}") for name, case in found.items()} for of in ("task", "memory")
    )
    base = contrast.baseline
    ordered = sorted(learnt, key=lambda name: (-learnt[name].steps, name != base))
    longer = [name for name in ordered if learnt[name].steps > learnt[base].steps]
    once = ", in one launch" if document["run"].get("launches") == 1 else ""
    seeds = plural(_replicas(found[ordered[0]]), "seed")
    sure = f"{seeds} at each length{once}; lengths learnt have no interval"
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
    cost = f"{fits[best]} steps of {best} fit into the memory given, and {fits[base]} of {base}.{_reaches(found, base)}"
    sure += _tests(tests, base, _replicas(found[base])) if tests else ""
    return Line(REACH, text, cost, f"{sure}.", tuple(apart), to_look_back(contrast, found, apart))


def _reaches(found: Mapping[str, Case], base: str) -> str:
    """Return how far gradients reach in the baseline and in the others, at initialisation and after training."""
    parts = [_reach_of(found, base, metric, when) for metric, when in _REACHES.items()]
    said = [part for part in parts if part]
    return f" Gradients reach {'; '.join(said)}." if said else ""


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
    each = listing(f"{name} ({p_value(one.p)})" for name, one in tests.items())
    where = f"{'each ' if len(tests) > 1 else ''}at a length chosen for its outcome, which makes p look small"
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


def _speed(contrast: Contrast) -> Line | None:
    """Answer how fast kernels are beside torch's layers, and what sparse recurrence saves with the fastest."""
    key, found = timed_kernels(contrast)
    kernel = best_kernel(found)
    dense = [one for one in found if one.torch and one.connectivity == DENSE]
    if not kernel:
        return None
    advice = _advice(kernel, [one for one in dense if one.kernel == kernel])
    saved = _saved([one for one in found if one.kernel == kernel])
    faster = {name: ratios for name, ratios in saved.items() if all(ratio.told_less for ratio in ratios)}
    text, cost = (_fastest(faster, kernel, _settings(found)), advice) if faster else (advice, "")
    launches = min(len(one.case["metrics"][key]["samples"] or []) for one in found if key in one.case["metrics"])
    intervals = "with 95 % intervals over them" if launches >= FEWEST_LAUNCHES else "too few for intervals"
    sure = f"{plural(launches, 'launch')}, {intervals}; what is learnt was not measured."
    return Line(SPEED, f"{text}.", f"{cost}." if cost else "", sure, tuple(faster), for_speed(faster, found))


def _settings(timed: Sequence[Timed]) -> str:
    """Return what several settings differ in: ``over cells rnn, lstm and gru``; empty for one."""
    cells = dict.fromkeys(one.cell for one in timed)
    if len({one.setting for one in timed}) == len(cells):
        return f" over cells {listing(cells)}" if len(cells) > 1 else ""
    return f" over {len({one.setting for one in timed})} settings"


def _fastest(faster: Mapping[str, Sequence[Ratio]], kernel: str, over: str) -> str:
    """Return ``To be fast, take diagonal: with kernel fused, diagonal takes 0.36x [0.31, 0.45] the time of dense``."""
    told_each = listing(f"{name} takes {_span(found)}" for name, found in faster.items())
    return f"To be fast, take {' or '.join(faster)}: with kernel {kernel}, {told_each} the time of dense{over}"


def _advice(kernel: str, dense: Sequence[Timed]) -> str:
    """Return whether to take a kernel, for which settings it is shown to be faster, and what dense takes with it.

    Without intervals, nothing is shown.
    """
    faster = [one for one in dense if one.torch and one.torch.told_less]
    takes = f"dense takes {beside_torch(dense)}"
    if not faster:
        return f"No kernel is shown to be faster than torch's layers: with {kernel}, {takes}"
    where = "" if len(faster) == len(dense) else f" for {listing(one.setting for one in faster)}"
    return f"Take kernel {kernel}{where}: {takes}"


def _saved(timed: Sequence[Timed]) -> dict[str, list[Ratio]]:
    """Return the connectivity that is fastest beside dense, and those that cannot be told from it, with their ratios.

    Of those that were timed in as many settings as any. What overlaps with the fastest in every setting, interval by
    interval, is not told from it.
    """
    ratios: dict[str, list[Ratio]] = {}
    for one in timed:
        if one.dense:
            ratios.setdefault(one.connectivity, []).append(one.dense)
    most = max(map(len, ratios.values()), default=0)
    full = {name: found for name, found in ratios.items() if len(found) == most}
    if not full:
        return {}
    best = min(full, key=lambda name: fmean([ratio.ratio for ratio in full[name]]))
    return {name: found for name, found in full.items() if name == best or all(map(_overlap, found, full[best]))}


def _overlap(first: Ratio, second: Ratio) -> bool:
    ends = first.interval, second.interval
    return ends[0] is not None and ends[1] is not None and ends[0][0] <= ends[1][1] and ends[1][0] <= ends[0][1]


def _time(contrast: Contrast) -> Line | None:
    """Answer which is fastest where nothing was trained and torch's layers are not there."""
    found = [answer for answer in answers(contrast) if answer.text()]
    if len(found) != 1:
        return None
    (answer,) = found
    timed = [one for one in answer.candidates if one.time and one.label != "none"]
    fastest = min(timed, key=lambda one: one.time.ratio if one.time else 1.0)
    certain = fastest.time is not None and fastest.time.interval is not None
    sure = "95 % interval over the launches." if certain else "Too few launches for an interval."
    shown = contrast.axis == "connectivity" and fastest.time is not None and fastest.time.told_less
    return Line(SPEED, answer.text(), "", sure, (fastest.label,) if shown else ())


def agreement(named: Sequence[tuple[str, Line]]) -> str:
    """Return how the answers of several documents go together: whether full connectivity is necessary, for what.

    Where dense was held against others in none of them: which connectivity is shown to be the answer to which question;
    empty where fewer than two speak for one.

    Parameters
    ----------
    named
        Each answer with the name of its suite.
    """
    direct = [f"{line.necessary} ({name})" for name, line in named if line.necessary]
    if direct:
        text = "; ".join(direct)
        return f"{text[0].upper()}{text[1:]}."
    speaking = [(name, line) for name, line in named if line.takes]
    if len(speaking) < 2:
        return ""
    common = set.intersection(*(set(line.takes) for _, line in speaking))
    parts = [f"{' or '.join(line.takes)} for {line.question} ({name})" for name, line in speaking]
    if common:
        shared = listing(label for label in speaking[0][1].takes if label in common)
        return f"All agree on {shared}: {listing(parts)}."
    questions = {line.question for _, line in speaking}
    why = "The suites ask different questions, and" if len(questions) > 1 else "Asked the same in different settings,"
    return f"{why} no one connectivity is the answer to all: {listing(parts)}."
