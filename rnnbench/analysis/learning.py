"""Findings on what is learned: the baseline, which others match it, and the control with as many weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean
from typing import Any

from rnnbench.analysis.contrast import Case, Contrast, Group
from rnnbench.analysis.statistics import fisher_exact, holm, paired_permutation_test
from rnnbench.analysis.wording import (
    MOST_NAMED,
    Finding,
    answers,
    count,
    listing,
    p_value,
    plural,
    sentence,
    share,
    spread,
    with_interval,
)
from rnnbench.choice import kind_of

SIGNIFICANT = 0.05
FISHER = "Fisher's exact test on the seeds that {success}"
PERMUTATION = "a paired permutation test on the accuracies of the seeds"
LOSSES = "a paired permutation test on the losses of the seeds, all of which solve the task"


@dataclass(frozen=True)
class Learned:
    """What one case learned.

    Attributes
    ----------
    label
        Its value on the contrast's axis.
    accuracy
        Mean over replicas, with ``interval``; ``accuracies`` has one per replica.
    solved, replicas
        How many replicas answer everything right, out of how many.
    losses
        One per replica, where the task is judged by its loss and every replica solves it: then the loss alone tells
        more.
    """

    label: str
    case: Case
    accuracy: float
    interval: list[float] | None
    accuracies: tuple[float, ...]
    solved: int
    replicas: int
    losses: tuple[float, ...] = ()

    def figures(self) -> dict[str, Any]:
        """Return the figures for the document."""
        return {
            "case": self.case["name"],
            "accuracy": self.accuracy,
            "ci95": self.interval,
            "solved": self.solved,
            "replicas": self.replicas,
        }

    def text(self) -> str:
        """Return ``tridiagonal (0.61 [0.53, 0.68], 0 of 20 seeds)``."""
        seeds = f"{self.solved} of {plural(self.replicas, 'seed')}"
        return f"{self.label} ({with_interval(self.accuracy, self.interval, share)}, {seeds}{self.loss_text()})"

    def loss_text(self) -> str:
        """Return ``, bits per character 2.91 [2.89, 2.94]`` where the loss tells more than who solves the task."""
        if not self.losses:
            return ""
        record = self.case["metrics"]["final_loss"]
        meaning = record["details"].get("meaning", "loss")
        return f", {meaning} {with_interval(record['value'], record['ci95'], '{:#.3g}'.format)}"


@dataclass(frozen=True)
class Comparison:
    """A test between two cases of a group: ``p`` is adjusted, ``powerless`` says that it could not be small."""

    first: Learned
    second: Learned
    test: str
    p: float
    powerless: bool
    controls: bool
    """Whether the two store as many recurrent weights; else ``first`` is the baseline."""

    @property
    def significant(self) -> bool:
        """Whether the difference is significant."""
        return self.p <= SIGNIFICANT

    @property
    def better(self) -> bool:
        """Whether the second has learnt more, by what the test compares."""
        if self.test == LOSSES:
            return fmean(self.second.losses) < fmean(self.first.losses)
        return self.second.accuracy > self.first.accuracy

    def figures(self) -> dict[str, Any]:
        """Return the figures for the document."""
        cases = [self.first.figures(), self.second.figures()]
        return {"cases": cases, "test": self.test, "p_adjusted": self.p}


def learned(label: str, case: Case) -> Learned | None:
    """Return what a case learned, or None if its training was not measured."""
    accuracy, solved = case["metrics"].get("accuracy"), case["metrics"].get("solved_fraction")
    if accuracy is None or accuracy["value"] is None or not accuracy["samples"]:
        return None
    accuracies = tuple(accuracy["samples"][0])
    ones = sum(1 for value in (solved["samples"][0] if solved and solved["samples"] else ()) if value)
    losses = _losses(case) if ones == len(accuracies) else ()
    return Learned(label, case, accuracy["value"], accuracy["ci95"], accuracies, ones, len(accuracies), losses)


def _losses(case: Case) -> tuple[float, ...]:
    """Return the loss of each replica where it is what the task is judged by, and every one is finite; else nothing."""
    record = case["metrics"].get("final_loss")
    if record is None or record["value"] is None or record["details"].get("judged_by") != "loss":
        return ()
    return tuple(record["samples"][0]) if record["samples"] else ()


def learners_of(baseline: str, groups: Sequence[Group]) -> list[dict[str, Learned]]:
    """Return what the cases of each group learned, of the groups whose baseline was trained."""
    learners = [
        {label: result for label, case in group.cases.items() if (result := learned(label, case))} for group in groups
    ]
    return [group for group in learners if baseline in group]


def learning_findings(contrast: Contrast, groups: Sequence[Group]) -> list[Finding]:
    """Return what the baseline learns, how the others compare, and how cases with as many weights do."""
    learners = learners_of(contrast.baseline, groups)
    if not learners:
        return []
    found = comparisons(contrast.baseline, learners)
    said = [_baseline(contrast, learners)]
    against = [comparison for comparison in found if not comparison.controls]
    if against:
        said.append(against_baseline(against, len(found), len(learners)))
    controls = [comparison for comparison in found if comparison.controls]
    if controls:
        said.append(_controls(controls, len(learners)))
    return said


def _baseline(contrast: Contrast, learners: Sequence[dict[str, Learned]]) -> Finding:
    """Return what the baseline learns, and the floor where there is a case without recurrence."""
    bases = [group[contrast.baseline] for group in learners]
    floors = [group["none"] for group in learners if "none" in group and contrast.axis == "connectivity"]
    text = f"{contrast.baseline} gets {_accuracies(bases)} {asked(bases[0].case)}"
    text += f" after {iterations(bases[0].case)}" if "iterations" not in contrast.axis else ""
    text += f" and {success(bases[0].case, 's')} in {_seeds(bases)}"
    if len(learners) > 1:
        text += f", over {_settings(contrast, len(learners))}"
    if floors and contrast.baseline != "none":
        # Only cell rnn is without memory where U is zero.
        elman = all(floor.case["parameters"]["cell"] == "rnn" for floor in floors)
        lacking = "recurrence" if elman else "recurrent weights"
        text += f"; without {lacking} (none) it is {_accuracies(floors)}, the floor"
    floor = {"floor": [case.figures() for case in floors]} if floors else {}
    return {"text": sentence(text), "baseline": [case.figures() for case in bases], **floor}


def asked(case: Case) -> str:
    """Return what accuracy is a share of: ``of all sums right``, or of how many random ones.

    Where an answer is not a whole sequence, as the document tells: ``of the answers right (symbols recalled, in 1,024
    random sequences)``.
    """
    details = case["metrics"]["accuracy"]["details"]
    noun = answers(case["parameters"])
    examples = f"all {noun}s" if details.get("exhaustive", True) else plural(details["examples"], f"random {noun}")
    if noun == "sum" or "meaning" not in details:
        return f"of {examples} right"
    return f"of the answers right ({details['meaning']}, in {examples})"


def success(case: Case, ending: str = "") -> str:
    """Return what a seed does that has solved the task, with the ending of a verb: ``learn every sum``."""
    noun = answers(case["parameters"])
    if noun == "sum" or "meaning" not in case["metrics"]["accuracy"]["details"]:
        return f"learn{ending} every {noun}"
    return f"solve{ending} the task"


def iterations(case: Case) -> str:
    """Return how long a case was trained: ``10,000 iterations``."""
    return plural(case["parameters"]["measure"]["training"]["iterations"], "iteration")


def _accuracies(cases: Sequence[Learned]) -> str:
    if len(cases) == 1:
        return with_interval(cases[0].accuracy, cases[0].interval, share)
    return spread([case.accuracy for case in cases], share)


def _seeds(cases: Sequence[Learned]) -> str:
    return f"{sum(case.solved for case in cases):,} of {plural(sum(case.replicas for case in cases), 'seed')}"


def _settings(contrast: Contrast, number: int) -> str:
    """Return ``4 settings (hidden 8, 16, 32, 64)``."""
    axes = [f"{axis} {', '.join(labels)}" for axis, labels in contrast.varying.items()]
    return f"{number} settings ({'; '.join(axes)})" if len(axes) <= MOST_NAMED else f"{number} settings"


def comparisons(baseline: str, learners: Sequence[dict[str, Learned]]) -> list[Comparison]:
    """Return every test that findings quote, with p-values adjusted for their number."""
    pairs: list[tuple[Learned, Learned, bool]] = []
    for group in learners:
        others = [case for label, case in group.items() if label not in (baseline, "none")]
        pairs += [(group[baseline], other, False) for other in others]
        pairs += [(first, second, True) for first, second in _equal_weights(others)]
    tested = [(pair, test) for pair in pairs if (test := _test(*pair)) is not None]
    adjusted = holm([p for _, (_, p, _) in tested])
    return [
        Comparison(first, second, name, p, least * len(tested) > SIGNIFICANT, controls)
        for ((first, second, controls), (name, _, least)), p in zip(tested, adjusted, strict=True)
    ]


def _equal_weights(cases: Sequence[Learned]) -> Iterator[tuple[Learned, Learned]]:
    """Yield (structured, random) with the same number of recurrent weights."""

    def weights(case: Learned) -> float:
        record = case.case["metrics"].get("recurrent_parameters")
        return record["value"] if record and record["value"] is not None else -1.0

    for number, members in groupby(sorted(cases, key=weights), key=weights):
        same = list(members)
        random = [case for case in same if kind_of(case.label) == "random"]
        yield from ((first, second) for first in same if first not in random for second in random if number > 0)


def _test(first: Learned, second: Learned, controls: bool) -> tuple[str, float, float] | None:
    """Return (the test, its p-value, the least it could be), or None where the samples allow none.

    Where most seeds of the baseline learn everything, the seeds that do are counted, unless all of both do in a task
    that is judged by its loss: then losses are compared. Otherwise, and between cases with as many weights, accuracies
    are, in pairs: replicas share their seeds.
    """
    if not controls and first.losses and len(first.losses) == len(second.losses):
        return LOSSES, paired_permutation_test(first.losses, second.losses), 2.0 ** (1 - first.replicas)
    if not controls and 2 * first.solved >= first.replicas:
        name = FISHER.format(success=success(first.case))
        p = fisher_exact(second.solved, second.replicas, first.solved, first.replicas)
        return name, p, fisher_exact(0, second.replicas, first.replicas, first.replicas)
    if first.replicas != second.replicas:
        return None
    return PERMUTATION, paired_permutation_test(first.accuracies, second.accuracies), 2.0 ** (1 - first.replicas)


def against_baseline(comparisons: Sequence[Comparison], family: int, settings: int) -> Finding:
    """Return which cases match the baseline and which do not."""
    baseline = comparisons[0].first.label
    figures = {"comparisons": [comparison.figures() for comparison in comparisons]}
    if all(comparison.powerless for comparison in comparisons):
        text = f"{listing(_named(comparisons, settings))}: "
        text += f"{plural(comparisons[0].first.replicas, 'seed')} each are too few to tell a difference from {baseline}"
        return {"text": sentence(text), **figures}
    parts = []
    alike = [comparison for comparison in comparisons if not comparison.significant]
    less = [comparison for comparison in comparisons if comparison.significant and not comparison.better]
    more = [comparison for comparison in comparisons if comparison.significant and comparison.better]
    if alike:
        verb = "does" if len(alike) == 1 else "do"
        least = f"{'' if len(alike) == 1 else 'smallest '}{p_value(min(comparison.p for comparison in alike))}"
        parts.append(f"{listing(_named(alike, settings))} {verb} not differ significantly from {baseline} ({least})")
    for differing, how in ((less, "less"), (more, "more")):
        if differing:
            verb = "learns" if len(differing) == 1 else "learn"
            parts.append(f"{listing(_named(differing, settings))} {verb} {how} than {baseline} ({_largest(differing)})")
    tests = listing(dict.fromkeys(comparison.test for comparison in comparisons))
    return {"text": sentence(f"{'; '.join(parts)}; {_source(tests, family)}"), **figures}


def _named(comparisons: Sequence[Comparison], settings: int) -> list[str]:
    """Return each case with its figures; over several settings, each label with in how many of them and its range."""
    if settings == 1:
        return [comparison.second.text() for comparison in comparisons]
    members: dict[str, list[Learned]] = {}
    for comparison in comparisons:
        members.setdefault(comparison.second.label, []).append(comparison.second)
    return [
        f"{label} (in {len(cases)} of {settings}: {_accuracies(cases)}, {_seeds(cases)})"
        for label, cases in members.items()
    ]


def _largest(comparisons: Sequence[Comparison]) -> str:
    p_values = {p_value(comparison.p) for comparison in comparisons}
    if len(p_values) == 1:
        return p_values.pop() + (" each" if len(comparisons) > 1 else "")
    return f"largest {p_value(max(comparison.p for comparison in comparisons))}"


def _source(tests: str, family: int) -> str:
    return f"p by {tests}" + (f", adjusted by Holm's method for {family} comparisons" if family > 1 else "")


def _controls(comparisons: Sequence[Comparison], settings: int) -> Finding:
    """Return how structured cases compare with random ones that store as many recurrent weights."""
    figures = {"controls": [comparison.figures() for comparison in comparisons]}
    if settings > 1:
        structured = sum(comparison.significant and not comparison.better for comparison in comparisons)
        random = sum(comparison.significant and comparison.better for comparison in comparisons)
        text = f"Of {len(comparisons)} pairs with the same number of recurrent weights, the structured one learns more"
        text += f" in {structured} and the random one in {random}, without a significant difference in the others"
        return {"text": sentence(f"{text}; p by {PERMUTATION}, adjusted as above"), **figures}
    parts = []
    for comparison in comparisons:
        first, second = comparison.first, comparison.second
        weights = count(first.case["metrics"]["recurrent_parameters"]["value"])
        part = f"with the same {weights} recurrent weights, {first.text()} and {second.text()}"
        if comparison.significant:
            part += f" differ: {(second if comparison.better else first).label} learns more ({p_value(comparison.p)})"
        elif comparison.powerless:
            part += f" cannot be told apart by {plural(first.replicas, 'seed')}"
        else:
            part += f" do not differ significantly ({p_value(comparison.p)})"
        parts.append(part)
    parts.append(f"p by {PERMUTATION}, adjusted as above")
    return {"text": sentence("; ".join(parts)), **figures}
