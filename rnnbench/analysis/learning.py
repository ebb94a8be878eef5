"""What cases learned, and the tests between them: with the baseline, and with a control that has as many weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

from rnnbench.analysis.contrast import Case, Group
from rnnbench.analysis.statistics import fisher_exact, holm, paired_permutation_test
from rnnbench.analysis.wording import (
    count,
    listing,
    plural,
    share,
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
    share
        The exact binomial interval of ``solved / replicas``.
    """

    label: str
    case: Case
    accuracy: float
    interval: list[float] | None
    accuracies: tuple[float, ...]
    solved: int
    replicas: int
    losses: tuple[float, ...] = ()
    share: list[float] | None = None

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
        """Return ``tridiagonal (0.61 [0.53, 0.68], 0 of 20 seeds [0.00, 0.17])``."""
        accuracy = with_interval(self.accuracy, self.interval, share)
        # Losses are given where all seeds solve the task, which is said of all at once.
        return f"{self.label} ({accuracy}{self.loss_text() or f', {self.seeds_text()}'})"

    def seeds_text(self) -> str:
        """Return ``2 of 20 seeds [0.01, 0.32]``: how many solve the task, and the interval of their share."""
        ends = f" [{self.share[0]:.2f}, {self.share[1]:.2f}]" if self.share else ""
        return f"{self.solved} of {plural(self.replicas, 'seed')}{ends}"

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
    """Whether ``second`` is the random control of ``first``; else ``first`` is the baseline."""
    setting: int
    """Which of the groups it is."""
    weights: float | None
    """How many recurrent weights each of the two stores, None where they do not store as many."""

    @property
    def significant(self) -> bool:
        """Whether the difference is significant."""
        return self.p <= SIGNIFICANT

    @property
    def compared(self) -> Literal["seeds", "accuracy", "loss"]:
        """What the test compares: how many seeds solve the task, accuracies, or losses."""
        return "loss" if self.test == LOSSES else "accuracy" if self.test == PERMUTATION else "seeds"

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
    interval = solved["ci95"] if solved else None
    return Learned(
        label, case, accuracy["value"], accuracy["ci95"], accuracies, ones, len(accuracies), losses, interval
    )


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


def asked(cases: Sequence[Case]) -> str:
    """Return what accuracy is a share of: ``of all sums right``, or of how many random ones.

    Where an answer is not a whole sequence, as the document tells: ``of the answers right (symbols recalled, in 1,024
    random sequences)``.
    """
    details = cases[0]["metrics"]["accuracy"]["details"]
    noun = _answers(cases[0]["parameters"])
    examples = _examples(cases, noun)
    if noun == "sum" or "meaning" not in details:
        return f"of {examples} right"
    return f"of the answers right ({details['meaning']}, in {examples})"


def _answers(parameters: Mapping[str, Any]) -> str:
    """Return what a case's task calls one answer: a sum or a sequence."""
    return "sum" if kind_of(parameters.get("task")) == "binary_addition" else "sequence"


def _examples(cases: Sequence[Case], noun: str) -> str:
    """Return ``all sums``, ``5,461 random sums``, or ``all sums, or 5,461 to 8,192 random ones,``."""
    sampled = _sampled(cases)
    if not sampled:
        return f"all {noun}s"
    amount = " to ".join(dict.fromkeys(count(number) for number in (sampled[0], sampled[-1])))
    if any(case["metrics"]["accuracy"]["details"].get("exhaustive", True) for case in cases):
        return f"all {noun}s, or {amount} random ones,"
    return plural(sampled[0], f"random {noun}") if len(sampled) == 1 else f"{amount} random {noun}s"


def _sampled(cases: Sequence[Case]) -> list[int]:
    """Return how many random examples cases were evaluated on that were not on all there are, rising."""
    details = [case["metrics"]["accuracy"]["details"] for case in cases]
    return sorted({said["examples"] for said in details if not said.get("exhaustive", True)})


def success(cases: Sequence[Case], ending: str = "") -> str:
    """Return what a seed does that has solved the task, with the ending of a verb: ``learn every sum``.

    Where only some were asked, it is not said to have learnt them all.
    """
    noun = _answers(cases[0]["parameters"])
    if noun == "sum" and _sampled(cases):
        return f"get{ending} all that were asked right"
    if noun == "sum" or "meaning" not in cases[0]["metrics"]["accuracy"]["details"]:
        return f"learn{ending} every {noun}"
    return f"solve{ending} the task"


def iterations(cases: Sequence[Case]) -> str:
    """Return how long cases were trained: ``10,000 iterations``, ``10,000 and 30,000 iterations``."""
    amounts = sorted({case["parameters"]["measure"]["training"]["iterations"] for case in cases})
    return plural(amounts[0], "iteration") if len(amounts) == 1 else f"{listing(map(count, amounts))} iterations"


def comparisons(baseline: str, learners: Sequence[dict[str, Learned]]) -> list[Comparison]:
    """Return every test that findings quote, with p-values adjusted for their number."""
    if not learners:
        return []
    pairs: list[tuple[int, Learned, Learned, bool]] = []
    for setting, group in enumerate(learners):
        base = group[baseline]
        others = [case for label, case in group.items() if label not in (baseline, "none")]
        pairs += [(setting, base, other, False) for other in others]
        # Where the baseline itself stores as many, all with so many are held against it already.
        controlled = [case for case in others if _weights(case) is None or _weights(case) != _weights(base)]
        pairs += [(setting, first, second, True) for first, second in _random_controls(controlled)]
    solving = success([case.case for group in learners for case in group.values()])
    tested = [(pair, test) for pair in pairs if (test := _test(*pair[1:3], solving)) is not None]
    adjusted = holm([p for _, (_, p, _) in tested])
    return [
        Comparison(first, second, name, p, least * len(tested) > SIGNIFICANT, controls, setting, _shared(first, second))
        for ((setting, first, second, controls), (name, _, least)), p in zip(tested, adjusted, strict=True)
    ]


def _weights(case: Learned) -> float | None:
    """Return how many recurrent weights a case stores, None where it was not counted or there are none."""
    record = case.case["metrics"].get("recurrent_parameters")
    return (record["value"] or None) if record else None


def _shared(first: Learned, second: Learned) -> float | None:
    return _weights(first) if _weights(first) == _weights(second) else None


def _random_controls(cases: Sequence[Learned]) -> Iterator[tuple[Learned, Learned]]:
    """Yield (structured, random) with the same number of recurrent weights."""
    counted = [case for case in cases if _weights(case) is not None]
    random = [case for case in counted if kind_of(case.label) == "random"]
    for first in sorted((case for case in counted if case not in random), key=lambda case: _weights(case) or 0.0):
        yield from ((first, second) for second in random if _shared(first, second) is not None)


def _test(first: Learned, second: Learned, solving: str) -> tuple[str, float, float] | None:
    """Return (the test, its p-value, the least it could be), or None where the samples allow none.

    ``solving`` says what seeds do that have solved the task.

    Where most seeds of the baseline learn everything, the seeds that do are counted, unless all of both do in a task
    that is judged by its loss: then losses are compared. Otherwise, and between cases with as many weights, accuracies
    are, in pairs: replicas share their seeds.
    """
    alike = _shared(first, second) is not None
    if not alike and first.losses and len(first.losses) == len(second.losses):
        return LOSSES, paired_permutation_test(first.losses, second.losses), 2.0 ** (1 - first.replicas)
    if not alike and 2 * first.solved >= first.replicas:
        name = FISHER.format(success=solving)
        p = fisher_exact(second.solved, second.replicas, first.solved, first.replicas)
        return name, p, fisher_exact(0, second.replicas, first.replicas, first.replicas)
    if first.replicas != second.replicas:
        return None
    return PERMUTATION, paired_permutation_test(first.accuracies, second.accuracies), 2.0 ** (1 - first.replicas)
