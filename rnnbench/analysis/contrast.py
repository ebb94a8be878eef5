"""What a suite contrasts: cases that differ in one axis only, one of them the baseline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnbench.choice import Choice, kind_of
from rnnbench.suite.case import canonical

Case = Mapping[str, Any]
"""A case of a results document."""
MATCH = "match"
UNMATCHED = "none"


_EXTENTS = ("throughput.scopes", "max_length.limits")
"""Settings of measurements that say which figures are taken; a figure is the same whichever others are."""


@dataclass(frozen=True)
class Group:
    """Cases that agree on everything but the contrast's axis.

    Attributes
    ----------
    cases
        By the name of their value on the axis (``tridiagonal``, ``hidden 16``), in the order of the suite.
    baseline
        Name of the value that the others are held against.
    """

    cases: dict[str, Case]
    baseline: str

    def others(self) -> dict[str, Case]:
        """Return the cases without the baseline."""
        return {label: case for label, case in self.cases.items() if label != self.baseline}


@dataclass(frozen=True)
class Contrast:
    """An axis, its baseline, and the groups of cases that hold everything else fixed.

    Attributes
    ----------
    axis
        A parameter (``connectivity``) or a dotted setting of a measurement (``training.iterations``).
    baseline
        Name of the baseline's value.
    groups
        One for each combination of the other parameters, in the order of the suite.
    varying
        The other parameters that differ between groups, with their labels.
    """

    axis: str
    baseline: str
    groups: tuple[Group, ...]
    varying: dict[str, tuple[str, ...]]

    def setting(self, group: Group, without: Collection[str] = ()) -> str:
        """Return what sets a group apart from the others: ``hidden 16, task adding(50)``; empty for the only one.

        Axes ``without`` are left out.
        """
        # The last one: a baseline that was borrowed stands first.
        flat = flatten(list(group.cases.values())[-1]["parameters"])
        return ", ".join(_written(axis, flat[axis]) for axis in self.varying if axis in flat and axis not in without)

    def complete(self) -> tuple[Group, ...]:
        """Return the groups that have the baseline and something to hold against it."""
        return tuple(group for group in self.groups if self.baseline in group.cases and len(group.cases) > 1)


def contrast_of(document: Mapping[str, Any]) -> Contrast | None:
    """Return the contrast that a results document's suite asks for, or None if it asks for none.

    Cases that lack the axis (a measurement that they do not take) belong to no group.
    """
    asked = document["suite"]["resolved"].get("contrast")
    return grouped(document["cases"], asked["axis"], name(asked["axis"], asked["baseline"])) if asked else None


def grouped(of: Sequence[Case], axis: str, baseline: str) -> Contrast:
    """Return the contrast of some cases along ``axis``; ``baseline`` is the name of a value on it.

    Cases whose hidden size was chosen to match a reference make groups of their own. The reference itself is matched to
    nothing: where it is the baseline, it is theirs, too.
    """
    follows = _input_follows_hidden(of)
    members: list[tuple[dict[str, Any], str, Case]] = []
    for case in of:
        flat = flatten(case["parameters"])
        if axis not in flat:
            continue
        value = flat.pop(axis)
        if (axis == "hidden" and follows) or "training" in case["parameters"].get("measure", {}):
            # It is no setting of its own: what is trained has the input of its task.
            flat.pop("input", None)
        members.append((flat, name(axis, value), case))
    cases: dict[tuple[str, str], dict[str, Case]] = {}
    settings: dict[tuple[str, str], dict[str, Any]] = {}
    for flat, value_name, case in _without_extents(members):
        match = flat.get(MATCH, UNMATCHED)
        others = {setting: flat[setting] for setting in flat if setting != MATCH}
        key = canonical(others), canonical(match)
        settings[key] = {**others, MATCH: match}
        cases.setdefault(key, {})[value_name] = case
    groups = tuple(
        Group(_with_baseline(found, cases.get((rest, canonical(UNMATCHED)), {}), baseline), baseline)
        for (rest, _), found in cases.items()
    )
    return Contrast(axis, baseline, groups, _varying(list(settings.values())))


def _without_extents(members: list[tuple[dict[str, Any], str, Case]]) -> list[tuple[dict[str, Any], str, Case]]:
    """Return (settings, name of the value, case) without settings that say how much is measured, not of what.

    They stay where they alone tell two cases apart.
    """
    bare = [({key: flat[key] for key in flat if key not in _EXTENTS}, label, case) for flat, label, case in members]
    distinct = {(canonical(flat), label) for flat, label, _ in bare}
    return bare if len(distinct) == len(bare) else members


def _with_baseline(members: dict[str, Case], unmatched: dict[str, Case], baseline: str) -> dict[str, Case]:
    """Return the cases of a group, the baseline of the unmatched ones first where it has none of its own."""
    borrow = baseline in unmatched and baseline not in members
    return {baseline: unmatched[baseline], **members} if borrow else members


def match_of(case: Case) -> str:
    """Return what a case's hidden size was chosen to match: ``parameters``, ``time``, or ``none``."""
    return kind_of(case["parameters"].get(MATCH, UNMATCHED)) or UNMATCHED


def flatten(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters by the names that suites use for axes: settings of measurements are dotted.

    A hidden size that was chosen to match a reference is the one that the suite gives, as in names of cases.
    """
    flat = {MATCH: UNMATCHED, **{key: value for key, value in parameters.items() if key != "measure"}}
    hidden = flat.pop("scaled_from", None)
    if hidden is not None:
        if flat.get("input") == flat.get("hidden"):
            flat["input"] = hidden
        flat["hidden"] = hidden
    measure = parameters.get("measure")
    for measurement, settings in measure.items() if isinstance(measure, Mapping) else ():
        if isinstance(settings, Mapping):
            flat.update({f"{measurement}.{key}": value for key, value in settings.items()})
    return flat


def diagonals(case: Case) -> int | None:
    """Return the number of diagonals of a case's band, or None."""
    connectivity: Any = case["parameters"].get("connectivity")
    options = connectivity.get("banded") if isinstance(connectivity, Mapping) else None
    return None if options is None else int(options["lower"]) + int(options["upper"]) + 1


def name(axis: str, value: Any) -> str:
    """Return a value's label as a sentence needs it: ``tridiagonal``, but ``hidden 16``."""
    text = label(axis, value)
    return text if isinstance(value, (str, dict)) else f"{axis.rpartition('.')[2]} {text}"


def _written(axis: str, value: Any) -> str:
    """Return a setting with its axis: ``kernel auto``, ``limits memory and task``."""
    text = " and ".join(map(str, value)) if isinstance(value, list) else label(axis, value)
    return f"{axis.rpartition('.')[2]} {text}"


def label(axis: str, value: Any) -> str:
    """Return the readable form of a value on an axis: ``{"banded": {"lower": 1, "upper": 1}}`` is ``tridiagonal``.

    A value that this version does not know (a document of a later one) is shown as it is written.
    """
    from pydantic import ValidationError

    from rnnbench.suite.schema import Measure, Parameters

    head, dot, tail = axis.partition(".")
    try:
        if dot:
            read = getattr(getattr(Measure.model_validate({head: {tail: value}}), head), tail)
        else:
            read = getattr(Parameters.model_validate({head: value}), head)
    except (ValidationError, AttributeError):
        read = value
    if isinstance(read, Choice):
        return read.label()
    return read if isinstance(read, str) else canonical(value)


def _input_follows_hidden(cases: Sequence[Case]) -> bool:
    """Return whether the input size is the hidden size throughout, so that it changes with it."""
    return all(case["parameters"].get("input") == case["parameters"].get("hidden") for case in cases)


def _varying(settings: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    keys = dict.fromkeys(key for setting in settings for key in setting)
    labels = {
        key: tuple(dict.fromkeys(label(key, setting[key]) for setting in settings if key in setting)) for key in keys
    }
    return {key: values for key, values in labels.items() if len(values) > 1}
