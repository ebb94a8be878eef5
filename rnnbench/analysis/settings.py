"""Findings on what the other axes do: how much is learnt at the last value of each in place of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rnnbench.analysis.contrast import Case, Contrast, flatten, label
from rnnbench.analysis.learning import Learned
from rnnbench.analysis.seeds import SIGN_CHANGES, Effect, effect
from rnnbench.analysis.statistics import holm
from rnnbench.analysis.wording import Finding, listing, plural, sentence
from rnnbench.choice import kind_of
from rnnbench.suite.case import canonical


class Step(NamedTuple):
    """What an axis does from its first value to its last, in the mean over all else."""

    axis: str
    first: str
    last: str
    of: str
    """Whose accuracy it is; or ``other - baseline``."""
    effect: Effect

    def text(self, p: float) -> str:
        """Return ``+0.412 [0.380, 0.447] (p = 3e-06) with bias true in place of false``."""
        name = self.axis.rpartition(".")[2]
        return f"{self.effect.text(p)} with {name} {self.last} in place of {self.first}"


def settings_finding(contrast: Contrast, learners: Sequence[Mapping[str, Learned]]) -> Finding | None:
    """Return what each varying axis does to what the baseline gets right, and to another's difference from it.

    The latter where there is but one other, the floor aside. None where seeds or values cannot be paired, or nothing
    varies.
    """
    others = list(
        dict.fromkeys(name for group in learners for name in group if name not in (contrast.baseline, "none"))
    )
    shown = [contrast.baseline, *others[:1]] if len(others) == 1 else [contrast.baseline]
    complete = [group for group in learners if all(name in group for name in shown)]
    if len(complete) < 2 or "seed" in contrast.varying or len({_replicas(group, shown) for group in complete}) > 1:
        return None
    steps = [step for axis in contrast.varying for step in _steps(axis, contrast, complete, shown)]
    if not steps:
        return None
    adjusted = holm([step.effect.p for step in steps])
    told = {
        of: listing(step.text(p) for step, p in zip(steps, adjusted, strict=True) if step.of == of)
        for of in dict.fromkeys(step.of for step in steps)
    }
    first, *rest = told.values()
    text = f"in the mean over the other settings, the share that {contrast.baseline} gets right moves by {first}"
    for moved in rest:
        text += f"; how far {shown[1]} is above it moves by {moved}"
    text += f"; p by {SIGN_CHANGES}, adjusted by Holm's method for {plural(len(steps), 'comparison')}"
    figures = [
        {"axis": step.axis, "first": step.first, "last": step.last, "of": step.of, **step.effect.figures(p)}
        for step, p in zip(steps, adjusted, strict=True)
    ]
    return {"text": sentence(text), "settings": figures}


def _replicas(group: Mapping[str, Learned], shown: Sequence[str]) -> tuple[int, ...]:
    return tuple(group[name].replicas for name in shown)


def _steps(axis: str, contrast: Contrast, groups: Sequence[Mapping[str, Learned]], shown: Sequence[str]) -> list[Step]:
    """Return the step of the baseline along an axis, and of another's difference from it; nothing without an order."""
    flat = [_setting(group[contrast.baseline].case, contrast) for group in groups]
    values = {canonical(setting.get(axis)): setting.get(axis) for setting in flat}
    if not _ordered(list(values.values())):
        return []
    first, *_, last = values
    pairs: dict[str, dict[str, Mapping[str, Learned]]] = {}
    for setting, group in zip(flat, groups, strict=True):
        rest = canonical({key: value for key, value in setting.items() if key != axis})
        pairs.setdefault(rest, {})[canonical(setting.get(axis))] = group
    found = [(members[first], members[last]) for members in pairs.values() if {first, last} <= set(members)]
    if not found:
        return []
    made = []
    for name in shown:
        before, after = (
            [_figures(group, name, contrast.baseline) for group in side] for side in zip(*found, strict=True)
        )
        of = name if name == contrast.baseline else f"{name} - {contrast.baseline}"
        made.append(Step(axis, label(axis, values[first]), label(axis, values[last]), of, effect(before, after)))
    return made


def _setting(case: Case, contrast: Contrast) -> dict[str, Any]:
    flat = flatten(case["parameters"])
    return {axis: flat.get(axis) for axis in contrast.varying}


def _ordered(values: Sequence[Any]) -> bool:
    """Return whether a first and a last value mean something: two of any kind, or numbers, or lengths of one task."""
    if len(values) <= 2:
        return len(values) == 2
    if all(isinstance(value, dict) for value in values):
        return len({kind_of(value) for value in values}) == 1
    return all(isinstance(value, (int, float)) for value in values)


def _figures(group: Mapping[str, Learned], name: str, baseline: str) -> list[float]:
    """Return what each seed gets right; of another than the baseline, beside what the baseline gets."""
    own, base = group[name].accuracies, group[baseline].accuracies
    return list(own) if name == baseline else [a - b for a, b in zip(own, base, strict=True)]
