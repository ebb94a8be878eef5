"""Answers over several settings in a sentence: in how many each value is worse or better, and which these are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rnnbench.analysis.answer import Answer, Candidate
from rnnbench.analysis.contrast import Contrast, flatten, label
from rnnbench.analysis.wording import listing

_ORDER = ("worse", "better", "not told apart", "untested for want of seeds")


def told_over_settings(contrast: Contrast, found: Sequence[Answer]) -> str:
    """Return ``... over 18 settings and beside dense: tridiagonal is worse in 9 (bias false) and ...``.

    A value of another axis stands with a number where it marks out just these settings.
    """
    told = []
    for name in dict.fromkeys(one.label for answer in found for one in answer.candidates if one.comparison):
        own = [one for answer in found for one in answer.candidates if one.label == name and one.comparison]
        settings = [_setting(one, contrast) for one in own]
        verdicts = [_verdict(one) for one in own]
        parts = [
            f"{verdict} in {verdicts.count(verdict)}{_where(settings, [said == verdict for said in verdicts])}"
            for verdict in _ORDER
            if verdict in verdicts
        ]
        told.append(f"{name} is {listing(parts)}{'' if len(own) == len(found) else f' of {len(own)}'}")
    return f"In what is learnt, over {len(found)} settings and beside {contrast.baseline}: {'; '.join(told)}."


def _verdict(candidate: Candidate) -> str:
    comparison = candidate.comparison
    if comparison is None or (comparison.powerless and not comparison.significant):
        return "untested for want of seeds"
    return "not told apart" if not comparison.significant else "better" if comparison.better else "worse"


def _setting(candidate: Candidate, contrast: Contrast) -> dict[str, str]:
    """Return the values that set a candidate's setting apart, by axis."""
    flat = flatten(candidate.case["parameters"])
    return {axis.rpartition(".")[2]: label(axis, flat[axis]) for axis in contrast.varying if axis in flat}


def _where(settings: Sequence[Mapping[str, str]], chosen: Sequence[bool]) -> str:
    """Return `` (bias false)`` where just the chosen settings have that value; empty where none does, or all."""
    if all(chosen):
        return ""
    for axis, value in dict.fromkeys(item for setting in settings for item in setting.items()):
        if [setting.get(axis) == value for setting in settings] == list(chosen):
            return f" ({axis} {value})"
    return ""
