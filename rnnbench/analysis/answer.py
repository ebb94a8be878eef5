"""Which value of the contrast to take: how each does beside the baseline, what it costs, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rnnbench.analysis.contrast import Case, Contrast, Group, grouped
from rnnbench.analysis.cost import Ratio, compared_time, ratios, told
from rnnbench.analysis.learning import Comparison, Learned, comparisons, iterations, learned, learners_of, success
from rnnbench.analysis.weights import recurrent_weights
from rnnbench.analysis.wording import listing, p_value, plural

_HOW = {
    "seeds": ("fewer seeds solve it", "more seeds solve it"),
    "accuracy": ("lower mean accuracy", "higher mean accuracy"),
    "loss": ("higher loss", "lower loss"),
}
"""What is said of one that differs from the baseline: that it is worse, that it is better."""


@dataclass(frozen=True)
class Candidate:
    """One value of the contrast in one setting, beside the baseline; what was not measured is None.

    Attributes
    ----------
    comparison
        The test of what it learned against the baseline; None for the baseline itself.
    weights, time, memory
        Recurrent weights, time of a pass and peak memory, over the baseline's.
    """

    label: str
    case: Case
    is_baseline: bool
    learned: Learned | None = None
    comparison: Comparison | None = None
    weights: Ratio | None = None
    time: Ratio | None = None
    memory: Ratio | None = None

    @property
    def verdict(self) -> str:
        """How what it learned compares with the baseline, in words, with the adjusted p-value."""
        if self.is_baseline:
            return "the baseline"
        found = self.comparison
        if found is None:
            return "" if self.learned is None else "the floor" if self.label == "none" else "not tested"
        if found.significant:
            return f"{_HOW[found.compared][found.better]} ({p_value(found.p)})"
        return "too few seeds to tell" if found.powerless else f"not told apart ({p_value(found.p)})"

    @property
    def as_good(self) -> bool:
        """Whether it learns more than the baseline, or could not be told from it though it could have been."""
        found = self.comparison
        if found is None or (found.powerless and not found.significant):
            return False
        return not found.significant or found.better


@dataclass(frozen=True)
class Answer:
    """The candidates of one setting, the baseline first; ``time_metric`` is the time that is compared, or empty."""

    axis: str
    setting: str
    baseline: str
    time_metric: str
    candidates: tuple[Candidate, ...]

    @property
    def unsolved(self) -> bool:
        """Whether what was trained never solved the task, in any seed."""
        learned = [one.learned for one in self.candidates if one.learned]
        return bool(learned) and not any(one.solved for one in learned)

    def text(self) -> str:
        """Return the answer in a sentence or two; empty where nothing was tested and nothing timed."""
        trained = [candidate for candidate in self.candidates if candidate.comparison]
        if trained:
            return self._by_learning(trained)
        timed = [candidate for candidate in self.candidates if candidate.time and candidate.label != "none"]
        if not timed:
            return ""
        fastest = min(timed, key=lambda candidate: candidate.time.ratio if candidate.time else 1.0)
        text = f"{fastest.label} takes {told(fastest.time)} the time of {self.baseline}"
        interval = fastest.time.interval if fastest.time else None
        if interval is not None and interval[0] <= 1 <= interval[1]:
            text += ", which is no measurable difference"
        return f"{text}; what they learn was not measured." if self.axis == "connectivity" else f"{text}."

    def _worse(self, trained: Sequence[Candidate]) -> str:
        """Say in what all others are worse: of how many seeds, in accuracy or loss."""
        who = "everything else" if len(trained) > 1 else trained[0].label
        within = iterations([trained[0].case])
        base = next((one.learned for one in self.candidates if one.is_baseline), None)
        compared = {one.comparison.compared for one in trained if one.comparison}
        if compared == {"seeds"} and base is not None:
            does = success([base.case], "s")
            return f"within {within} it {does} in {base.seeds_text()}, {who} in {_most(trained)}"
        lacks = listing(_HOW[kind][False] for kind in sorted(compared) if kind != "seeds")
        fewer = "fewer seeds that solve the task" if "seeds" in compared else ""
        return f"after {within}, {who} has a {' or '.join(part for part in (lacks, fewer) if part)}"

    def _by_learning(self, trained: Sequence[Candidate]) -> str:
        if self.unsolved:
            cases = [candidate.case for candidate in trained]
            return f"No seed solves the task within {iterations(cases)}, whatever the {self.axis}: train longer first."
        good = [candidate for candidate in trained if candidate.as_good]
        if not good:
            weak = [candidate for candidate in trained if candidate.comparison and candidate.comparison.powerless]
            if len(weak) == len(trained):
                return f"Take {self.baseline} unless more seeds show otherwise: these are too few to tell."
            return f"Take {self.baseline}: {self._worse(trained)}."
        above = [candidate for candidate in good if candidate.comparison and candidate.comparison.significant]
        alike = [candidate for candidate in good if candidate not in above]
        parts = [self._better(above)] if above else []
        if alike:
            seeds = plural(min(found.learned.replicas for found in alike if found.learned), "seed")
            named = listing(candidate.label for candidate in alike)
            parts.append(f"not shown to learn less than {self.baseline}, with {seeds} each: {named}")
        cheapest = min(good, key=lambda candidate: candidate.time.ratio if candidate.time else 1.0)
        parts += [f"{cheapest.label} takes {told(cheapest.time)} the time"] if cheapest.time else []
        text = "; ".join(parts)
        return f"{text if above else text[0].upper() + text[1:]}."

    def _better(self, above: Sequence[Candidate]) -> str:
        """Return ``tridiagonal and diagonal do better than dense (lower loss)``."""
        verb = "does" if len(above) == 1 else "do"
        how = dict.fromkeys(_HOW[one.comparison.compared][True] for one in above if one.comparison)
        return f"{listing(one.label for one in above)} {verb} better than {self.baseline} ({listing(how)})"


def _most(trained: Sequence[Candidate]) -> str:
    """Return ``at most 2 of 20 seeds [0.01, 0.32]``: the one of several that most seeds solve."""
    best = max((one.learned for one in trained if one.learned), key=lambda learned: learned.solved / learned.replicas)
    return f"{'at most ' if len(trained) > 1 and best.solved else ''}{best.seeds_text()}"


def answers(contrast: Contrast) -> list[Answer]:
    """Return the answer of each setting that has the baseline and something beside it."""
    groups = contrast.complete()
    if not groups:
        return []
    time = compared_time(groups)
    # p-values are adjusted for all tests of the document, as findings quote them.
    tested = comparisons(contrast.baseline, learners_of(contrast.baseline, groups))
    against = {comparison.second.case["id"]: comparison for comparison in tested if not comparison.controls}
    # Of the settings, those are named in which groups with an answer differ.
    shown = grouped([case for group in groups for case in group.cases.values()], contrast.axis, contrast.baseline)
    return [
        Answer(contrast.axis, shown.setting(group), contrast.baseline, time, tuple(_candidates(group, time, against)))
        for group in groups
    ]


def _candidates(group: Group, time: str, against: Mapping[str, Comparison]) -> list[Candidate]:
    keys = (time, "peak_memory")
    costs = [_weights(group), *({ratio.label: ratio for ratio in ratios([group], key)} for key in keys)]
    others = [
        Candidate(
            label,
            case,
            False,
            learned(label, case),
            against.get(case["id"]),
            *(found.get(label) for found in costs),
        )
        for label, case in group.others().items()
    ]
    base = group.cases[group.baseline]
    return [Candidate(group.baseline, base, True, learned(group.baseline, base)), *others]


def _weights(group: Group) -> dict[str, Ratio]:
    """Return every case's recurrent weights over the baseline's, where both have some."""
    base = recurrent_weights(group.cases[group.baseline])
    counted = {label: (case, recurrent_weights(case)) for label, case in group.others().items()}
    return {label: Ratio(label, case, own, base) for label, (case, own) in counted.items() if own and base}
