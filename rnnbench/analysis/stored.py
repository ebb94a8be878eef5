"""Findings on what is stored as the hidden size grows: the baseline's as a multiple of others', and powers of H."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import linear_regression
from typing import Any, NamedTuple

from rnnbench.analysis.contrast import Case, Contrast
from rnnbench.analysis.growth import FEWEST_SIZES
from rnnbench.analysis.wording import Finding, count, factor, hundredths, listing, plural, sentence

STORED = {
    "recurrent_parameters": "recurrent weights",
    "file_bytes.recurrence": "a file of them",
    "total_parameters": "weights in all",
    "file_bytes.model": "a file of them",
}
"""What is stored, by metric, as a sentence names it: that of the recurrent matrices first, then that of the model."""
_TOGETHER = (("recurrent_parameters", "file_bytes.recurrence"), ("total_parameters", "file_bytes.model"))


class Family(NamedTuple):
    """Cases that differ in their hidden size alone, by that size, rising; and what they have in common.

    Attributes
    ----------
    label
        Their value of the contrast.
    setting
        All else: ``as many inputs as units``, or ``2 inputs``, and what other axes say. Families of the same
        setting are held against each other.
    """

    label: str
    setting: str
    cases: dict[int, Case]

    def values(self, key: str) -> list[float]:
        """Return a metric at every size; empty where a case lacks it or it is zero."""
        records = [case["metrics"].get(key) for case in self.cases.values()]
        values = [float(record["value"]) for record in records if record and record["value"]]
        return values if len(values) == len(records) else []


def stored_findings(contrast: Contrast) -> list[Finding]:
    """Return how what is stored compares with the baseline and how it grows, over four hidden sizes or more.

    These are counts: they have no intervals.
    """
    families = [family for family in _families(contrast) if len(family.cases) >= FEWEST_SIZES]
    bases = {family.setting: family for family in families if family.label == contrast.baseline}
    pairs = [
        (family, bases[family.setting])
        for family in families
        if family.label != contrast.baseline
        and family.setting in bases
        and list(family.cases) == list(bases[family.setting].cases)
    ]
    found = []
    for together in _TOGETHER:
        keys = [key for key in together if any(family.values(key) and base.values(key) for family, base in pairs)]
        if keys:
            found.append(_stored(pairs, keys))
    grown = [key for keys in _TOGETHER for key in keys if any(family.values(key) for family in families)]
    return [*found, _powers(families, grown)] if found else []


def _stored(pairs: Sequence[tuple[Family, Family]], keys: Sequence[str]) -> Finding:
    """Return how many times as much the baseline stores, at the smallest size and at the largest."""
    sizes = list(pairs[0][0].cases)
    held = [
        _told(key, {(other.label, other.setting): _ratio(key, other, base) for other, base in pairs}) for key in keys
    ]
    text = f"for H from {count(sizes[0])} to {count(sizes[-1])}, what {pairs[0][1].label} stores is, as a multiple of "
    figures = [_figures(other, {key: _ratios(key, other, base) for key in keys}) for other, base in pairs]
    return {"text": sentence(f"{text}what another stores, {'; '.join(held)}"), "stored": figures}


def _powers(families: Sequence[Family], keys: Sequence[str]) -> Finding:
    """Return with which powers of H what is stored grows."""
    grown = [_told(key, {(family.label, family.setting): _power(key, family) for family in families}) for key in keys]
    figures = [_figures(family, {key: power(family, key) for key in keys}) for family in families]
    return {"text": sentence(f"over these sizes it grows, by least squares, as {'; '.join(grown)}"), "powers": figures}


def _families(contrast: Contrast) -> Iterator[Family]:
    made: dict[tuple[str, str], dict[int, Case]] = {}
    for group in contrast.groups:
        others = contrast.setting(group, without=("hidden", "input"))
        for label, case in group.cases.items():
            hidden, inputs = (case["parameters"].get(key) for key in ("hidden", "input"))
            if isinstance(hidden, int) and isinstance(inputs, int):
                said = "as many inputs as units" if inputs == hidden else plural(inputs, "input")
                setting = f"{said}, {others}" if others else said
                made.setdefault((label, setting), {})[hidden] = case
    yield from (Family(label, setting, dict(sorted(cases.items()))) for (label, setting), cases in made.items())


def _ratio(key: str, other: Family, base: Family) -> str:
    """Return ``64x to 8,192x``: the baseline's over the other's at the smallest size and at the largest."""
    ratios = _ratios(key, other, base)
    return " to ".join(dict.fromkeys(factor(ratio) for ratio in (ratios[0], ratios[-1]))) if ratios else ""


def _ratios(key: str, other: Family, base: Family) -> list[float]:
    own, theirs = other.values(key), base.values(key)
    return [b / a for a, b in zip(own, theirs, strict=True)] if own and theirs else []


def _power(key: str, family: Family) -> str:
    slope = power(family, key)
    return "" if slope is None else f"H^{hundredths(slope)}"


def power(family: Family, key: str) -> float | None:
    """Return the slope of the logarithm of a metric over that of the hidden size, by least squares."""
    values = family.values(key)
    return linear_regression(list(map(math.log, family.cases)), list(map(math.log, values))).slope if values else None


def _told(key: str, texts: dict[tuple[str, str], str]) -> str:
    """Return ``weights in all 1.9x (diagonal) with 2 inputs and 2.0x (diagonal) with as many inputs as units``.

    Where settings make no difference, they are not mentioned.
    """
    by_setting: dict[str, dict[str, list[str]]] = {}
    for (label, setting), text in texts.items():
        if text:
            by_setting.setdefault(setting, {}).setdefault(text, []).append(label)
    told = {
        setting: listing(f"{text} ({', '.join(labels)})" for text, labels in found.items())
        for setting, found in by_setting.items()
    }
    same = len(set(told.values())) == 1
    parts = dict.fromkeys(text if same else f"{text} with {setting}" for setting, text in told.items())
    return f"{STORED[key]} {', '.join(parts)}"


def _figures(family: Family, figures: dict[str, Any]) -> dict[str, Any]:
    return {"label": family.label, "setting": family.setting, "hidden": list(family.cases), **figures}
