"""What a document answers, in one line: the question it asks, the answer, what that costs, and how sure it is.

Suites ask different things of a connectivity: what is learnt with it, how far back it looks, how fast it is. An answer
says which of these it is of, so that those of several documents can stand beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import fmean
from typing import Any

from rnnbench.analysis.answer import Answer, answers
from rnnbench.analysis.cautions import unsettled
from rnnbench.analysis.contrast import Case, Contrast, contrast_of
from rnnbench.analysis.cost import Ratio, told
from rnnbench.analysis.kernel_contrast import DENSE, Timed, beside_torch, timed_kernels, told_range
from rnnbench.analysis.learning import SIGNIFICANT, comparisons, learners_of
from rnnbench.analysis.length import LIMITS, length
from rnnbench.analysis.lookback import Beside, beside_baseline, known
from rnnbench.analysis.necessity import for_speed, to_learn, to_look_back
from rnnbench.analysis.over_settings import told_over_settings
from rnnbench.analysis.rising import limits_of, slower
from rnnbench.analysis.statistics import FEWEST_LAUNCHES
from rnnbench.analysis.wording import count, factor, listing, p_value, plural

LEARNING = "what is learnt"
REACH = "how far back it looks"
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
    return _learning(contrast) or _reach(contrast, document) or _speed(contrast) or _time(contrast)


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
    parts += [f"{_span(memory)} the peak memory"] if memory else []
    if not parts:
        return ""
    several = len({one.label for one in others}) > 1
    who = "the others have" if several else f"{others[0].label} has"
    return f"Beside {found[0].baseline}, {who} {listing(parts)}."


def _ends(values: Iterable[float]) -> str:
    ordered = sorted(values)
    return " to ".join(dict.fromkeys(factor(value) for value in (ordered[0], ordered[-1])))


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
    tests = beside_baseline(found, base, longer)
    apart = [name for name in longer if name in tests and tests[name].p <= SIGNIFICANT]
    best, *rest = apart[:1] + [name for name in ordered if name not in apart[:1]]
    learns = f"the task over {learnt[best]} steps, {listing(f'{name} over {learnt[name]}' for name in rest)}"
    text = f"Take {best}: it learns {learns}."
    if not apart:
        doubt = f"{seeds} do not tell apart" if tests else "was not tested"
        text = f"No connectivity is shown to look farther back than {base}: {best} learns {learns}, which {doubt}."
    cost = f"{fits[best]} steps of {best} fit into the memory given, and {fits[base]} of {base}."
    sure += _tests(tests, base, seeds) if tests else ""
    return Line(REACH, text, cost, f"{sure}.", tuple(apart), to_look_back(contrast, found, apart))


def _tests(tests: Mapping[str, Beside], base: str, seeds: str) -> str:
    """Return every test against the baseline, each at the shortest length that one learns and the baseline does not."""
    told = listing(
        f"over {count(one.steps)} steps {one.first} of {seeds} of {name} and {one.second} of {base} ({p_value(one.p)})"
        for name, one in tests.items()
    )
    family = "" if len(tests) == 1 else f"s, adjusted by Holm's method for {len(tests)} comparisons"
    return (
        f"; at the shortest length that one learns and {base} does not, {told} solve it, by Fisher's exact test{family}"
    )


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
    key, timed = timed_kernels(contrast)
    dense = [one for one in timed if one.torch and one.connectivity == DENSE]
    if not dense:
        return None
    means = {
        name: fmean([one.torch.ratio for one in dense if one.kernel == name and one.torch])
        for name in dict.fromkeys(one.kernel for one in dense)
    }
    kernel = min(means, key=lambda name: means[name])
    text = _advice(kernel, [one for one in dense if one.kernel == kernel])
    saved = _saved([one for one in timed if one.kernel == kernel])
    if saved:
        names = listing(saved)
        own = [ratio for ratios in saved.values() for ratio in ratios]
        take = "take" if len(saved) > 1 else "takes"
        text += f"; the fastest with it, {names}, {take} {told_range(own)} the time of dense"
    launches = min(len(one.case["metrics"][key]["samples"] or []) for one in timed if key in one.case["metrics"])
    intervals = "with 95 % intervals over them" if launches >= FEWEST_LAUNCHES else "too few for intervals"
    restless, clocked = unsettled([one.case for one in timed])
    moving = f"; {restless} of {clocked} cases had not settled" if restless else ""
    sure = f"{plural(launches, 'launch')}, {intervals}{moving}; what is learnt was not measured."
    faster = {name: found for name, found in saved.items() if all(ratio.told_less for ratio in found)}
    return Line(SPEED, f"{text}.", "", sure, tuple(faster), for_speed(faster, timed))


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
