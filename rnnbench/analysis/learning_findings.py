"""Findings on what is learned: the baseline, which others match it, the control with as many weights, other axes."""

from __future__ import annotations

from collections.abc import Sequence

from rnnbench.analysis.contrast import Contrast, Group
from rnnbench.analysis.equal_weights import equal_weights_finding, over_settings
from rnnbench.analysis.learning import (
    PERMUTATION,
    Comparison,
    Learned,
    asked,
    comparisons,
    iterations,
    learned,
    learners_of,
    success,
)
from rnnbench.analysis.seeds import SIGN_CHANGES, difference
from rnnbench.analysis.settings import settings_finding
from rnnbench.analysis.statistics import holm
from rnnbench.analysis.wording import (
    MOST_NAMED,
    Finding,
    count,
    listing,
    p_value,
    plural,
    sentence,
    share,
    spread,
    with_interval,
)

_MOST_SETTINGS_NAMED = 3


def learning_findings(contrast: Contrast, groups: Sequence[Group]) -> list[Finding]:
    """Return what the baseline learns, how the others compare, how cases with as many weights do, what settings do."""
    learners = learners_of(contrast.baseline, groups)
    if not learners:
        return []
    settings = [contrast.setting(group) for group in groups if learned("", group.cases[contrast.baseline])]
    found = comparisons(contrast.baseline, learners)
    sizes = {case.replicas for group in learners for case in group.values()}
    aligned = len(settings) > 1 and len(sizes) == 1 and "seed" not in contrast.varying
    # Over several settings, those that store as many weights as the baseline are told apart by arrangement alone.
    alike = [c for c in found if aligned and c.weights is not None and not c.controls]
    against = [c for c in found if c not in alike and not c.controls]
    controls = [c for c in found if c.controls]
    said = [_baseline(contrast, learners)]
    said += [equal_weights_finding(alike, settings, len(found))] if alike else []
    said += [_with_means(against_baseline(against, settings, len(found)), against, aligned)] if against else []
    said += [_controls(controls, len(settings))] if controls else []
    moved = settings_finding(contrast, learners)
    return [*said, moved] if moved else said


def _baseline(contrast: Contrast, learners: Sequence[dict[str, Learned]]) -> Finding:
    """Return what the baseline learns, and the floor where there is a case without recurrence."""
    bases = [group[contrast.baseline] for group in learners]
    floors = [group["none"] for group in learners if "none" in group and contrast.axis == "connectivity"]
    cases = [base.case for base in bases]
    text = f"{contrast.baseline} gets {_accuracies(bases)} {asked(cases)}"
    text += f" after {iterations(cases)}" if "iterations" not in contrast.axis else ""
    text += f" and {success(cases, 's')} in {bases[0].seeds_text() if len(bases) == 1 else _seeds(bases)}"
    if len(learners) > 1:
        text += f", over {_settings(contrast, len(learners))}"
    if floors and contrast.baseline != "none":
        # Only cell rnn is without memory where U is zero.
        elman = all(floor.case["parameters"]["cell"] == "rnn" for floor in floors)
        lacking = "recurrence" if elman else "recurrent weights"
        text += f"; without {lacking} (none) it is {_accuracies(floors)}, the floor"
    floor = {"floor": [case.figures() for case in floors]} if floors else {}
    return {"text": sentence(text), "baseline": [case.figures() for case in bases], **floor}


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


def against_baseline(comparisons: Sequence[Comparison], settings: Sequence[str], family: int) -> Finding:
    """Return which cases match the baseline and which do not."""
    baseline = comparisons[0].first.label
    figures = {"comparisons": [comparison.figures() for comparison in comparisons]}
    if all(comparison.powerless for comparison in comparisons):
        text = f"{_named(comparisons, settings)}: "
        text += f"{plural(comparisons[0].first.replicas, 'seed')} each are too few to tell a difference from {baseline}"
        return {"text": sentence(text), **figures}
    parts = []
    alike = [comparison for comparison in comparisons if not comparison.significant]
    less = [comparison for comparison in comparisons if comparison.significant and not comparison.better]
    above = [comparison for comparison in comparisons if comparison.significant and comparison.better]
    if alike:
        verb = "does" if _is_one(alike) else "do"
        least = f"{'' if len(alike) == 1 else 'smallest '}{p_value(min(comparison.p for comparison in alike))}"
        parts.append(f"{_named(alike, settings)} {verb} not differ significantly from {baseline} ({least})")
    for differing, more in ((less, False), (above, True)):
        for compared in dict.fromkeys(comparison.compared for comparison in differing):
            own = [comparison for comparison in differing if comparison.compared == compared]
            parts.append(f"{_named(own, settings)} {_differ(own, more)} {baseline} ({_largest(own)})")
    tests = listing(dict.fromkeys(comparison.test for comparison in comparisons))
    return {"text": sentence(f"{'; '.join(parts)}; {_source(tests, comparisons, family)}"), **figures}


def _differ(comparisons: Sequence[Comparison], more: bool) -> str:
    """Return how cases differ from the baseline, by what was compared: ``learn every sum in fewer seeds than``."""
    ending = "s" if _is_one(comparisons) else ""
    compared = comparisons[0].compared
    if compared == "seeds":
        cases = [side.case for comparison in comparisons for side in (comparison.first, comparison.second)]
        trained = {one["parameters"]["measure"]["training"]["iterations"] for one in cases}
        within = f" within {iterations(cases)}" if len(trained) == 1 else ""
        return f"{success(cases, ending)}{within} in {'more' if more else 'fewer'} seeds than"
    if compared == "loss":
        return f"end{ending} at a {'lower' if more else 'higher'} loss than"
    return f"{'has' if ending else 'have'} a {'higher' if more else 'lower'} mean accuracy than"


def _with_means(finding: Finding, comparisons: Sequence[Comparison], aligned: bool) -> Finding:
    """Return a finding with the mean differences over all settings, of those that are in several.

    Single settings may each have too few seeds to tell what all of them together show.
    """
    members: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        members.setdefault(comparison.second.label, []).append(comparison)
    means = {label: over_settings(found) for label, found in members.items() if aligned and len(found) > 1}
    if not means:
        return finding
    adjusted = dict(zip(means, holm([mean.p for mean in means.values()]), strict=True))
    told = listing(
        f"{difference(mean.value, mean.interval)} ({label}, {p_value(adjusted[label])})"
        for label, mean in means.items()
    )
    family = plural(len(means), "comparison")
    text = f"{finding['text'].removesuffix('.')}; the mean difference over settings is {told}, p by {SIGN_CHANGES}"
    text += f", adjusted by Holm's method for {family}" if len(means) > 1 else ""
    figures = [{"label": label, **mean.figures(adjusted[label])} for label, mean in means.items()]
    return {**finding, "text": f"{text}.", "means": figures}


def _named(comparisons: Sequence[Comparison], settings: Sequence[str]) -> str:
    """Return each case with its figures, many by their names and the range of these.

    Over several settings, each label with in how many of them and its range; a few settings are named.
    """
    if len(settings) == 1:
        cases = [comparison.second for comparison in comparisons]
        if len(cases) <= MOST_NAMED:
            return listing(case.text() for case in cases)
        return f"{listing(case.label for case in cases)} ({_range(cases)})"
    members: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        members.setdefault(comparison.second.label, []).append(comparison)
    named = []
    for label, found in members.items():
        which = f" ({'; '.join(settings[comparison.setting] for comparison in found)})"
        few = len(found) <= _MOST_SETTINGS_NAMED and len(found) < len(settings)
        cases = [comparison.second for comparison in found]
        figures = f"{_accuracies(cases)}, {_seeds(cases)}"
        named.append(f"{label} (in {len(found)} of {len(settings)}{which if few else ''}: {figures})")
    return listing(named)


def _range(cases: Sequence[Learned]) -> str:
    """Return ``mean accuracy 0.20 to 0.89, at most 2 of 20 seeds [0.01, 0.32]``."""
    accuracies = "mean accuracy " + " to ".join(
        dict.fromkeys(share(end(case.accuracy for case in cases)) for end in (min, max))
    )
    fewest, most = (end(cases, key=lambda case: case.solved / case.replicas) for end in (min, max))
    if fewest.solved * most.replicas == most.solved * fewest.replicas:
        return f"{accuracies}, {most.seeds_text()}"
    if most.solved < most.replicas:
        return f"{accuracies}, at most {most.seeds_text()}"
    return f"{accuracies}, at least {fewest.seeds_text()}"


def _is_one(comparisons: Sequence[Comparison]) -> bool:
    return len({comparison.second.label for comparison in comparisons}) == 1


def _largest(comparisons: Sequence[Comparison]) -> str:
    p_values = {p_value(comparison.p) for comparison in comparisons}
    if len(p_values) == 1:
        return p_values.pop() + (" each" if len(comparisons) > 1 else "")
    return f"largest {p_value(max(comparison.p for comparison in comparisons))}"


def _source(tests: str, comparisons: Sequence[Comparison], family: int) -> str:
    """Return which tests gave the p-values, and for how many comparisons, of which kinds, they are adjusted."""
    text = f"p by {tests}"
    if family <= 1:
        return text
    own = len(comparisons)
    others = f" ({own} here, {family - own} in other sentences)" if own < family else ""
    return f"{text}, adjusted by Holm's method for {family} comparisons{others}"


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
