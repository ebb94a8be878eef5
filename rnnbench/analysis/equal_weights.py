"""Findings on structures with equally many recurrent weights: what their arrangement alone changes, over settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnbench.analysis.learning import PERMUTATION, Comparison
from rnnbench.analysis.seeds import SIGN_CHANGES, Effect, difference, effect
from rnnbench.analysis.statistics import bootstrap_mean_interval, holm
from rnnbench.analysis.wording import Finding, count, listing, p_value, plural, sentence


def equal_weights_finding(alike: Sequence[Comparison], settings: Sequence[str], family: int) -> Finding:
    """Return how cases that store as many recurrent weights as the baseline differ from it, in each setting and in all.

    Parameters
    ----------
    alike
        The comparisons with such cases, of one setting or more.
    settings
        What each setting is called, by :attr:`Comparison.setting`.
    family
        For how many comparisons their p-values are adjusted.
    """
    by_label: dict[str, list[Comparison]] = {}
    for comparison in alike:
        by_label.setdefault(comparison.second.label, []).append(comparison)
    over_all = {label: over_settings(members) for label, members in by_label.items()}
    adjusted = dict(zip(over_all, holm([found.p for found in over_all.values()]), strict=True))
    weights = {comparison.weights for comparison in alike}
    amount = f"{count(weights.pop() or 0)} recurrent weights" if len(weights) == 1 else "number of recurrent weights"
    baseline = alike[0].first.label
    text = f"with the same {amount} as {baseline}, the share right is above {baseline}'s by "
    text += listing(_told(label, members, over_all[label], adjusted[label]) for label, members in by_label.items())
    text += f", in the mean over settings; {_apart(alike, settings)}; p by {SIGN_CHANGES}, adjusted by Holm's method "
    text += f"for {plural(len(over_all), 'comparison')}, and in single settings by {PERMUTATION}, for {family}"
    figures = [
        {
            "label": label,
            **over_all[label].figures(adjusted[label]),
            "settings": [_figures(comparison, settings) for comparison in members],
        }
        for label, members in by_label.items()
    ]
    return {"text": sentence(text), "equal_weights": figures}


def over_settings(members: Sequence[Comparison]) -> Effect:
    """Return by how much the second of each comparison is above the first, in the mean over their settings."""
    return effect([found.first.accuracies for found in members], [found.second.accuracies for found in members])


def _told(label: str, members: Sequence[Comparison], over_all: Effect, p: float) -> str:
    """Return ``+0.026 [-0.023, 0.074] (random(45), -0.02 to +0.15 in single settings, p = 0.94)``."""
    single = [_difference(comparison)[0] for comparison in members]
    ends = " to ".join(dict.fromkeys(difference(value, None) for value in (min(single), max(single))))
    return f"{difference(over_all.value, over_all.interval)} ({label}, {ends} in single settings, {p_value(p)})"


def _apart(alike: Sequence[Comparison], settings: Sequence[str]) -> str:
    """Return in which settings which cases differ significantly, and by how much."""
    differing = [comparison for comparison in alike if comparison.significant]
    if all(comparison.powerless for comparison in alike):
        return f"{plural(alike[0].first.replicas, 'seed')} each are too few to tell in single settings"
    if not differing:
        return f"none of the {count(len(alike))} differences in single settings is significant"
    told = "; ".join(
        f"{found.second.label} with {settings[found.setting]}, {difference(*_difference(found))} ({p_value(found.p)})"
        for found in differing
    )
    verb = "is" if len(differing) == 1 else "are"
    return f"of the {count(len(alike))} differences in single settings, {len(differing)} {verb} significant: {told}"


def _difference(comparison: Comparison) -> tuple[float, Any]:
    """Return the mean difference of the seeds of one setting, with its bootstrap interval."""
    pairs = zip(comparison.first.accuracies, comparison.second.accuracies, strict=True)
    return comparison.second.accuracy - comparison.first.accuracy, bootstrap_mean_interval([b - a for a, b in pairs])


def _figures(comparison: Comparison, settings: Sequence[str]) -> dict[str, Any]:
    value, interval = _difference(comparison)
    ends = None if interval is None else list(interval)
    return {
        "setting": settings[comparison.setting],
        "difference": value,
        "ci95": ends,
        "p_adjusted": comparison.p,
        "cases": [comparison.first.figures(), comparison.second.figures()],
    }
