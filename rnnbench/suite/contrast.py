"""Holding a suite's contrast against its cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import to_jsonable_python

from rnnbench.suite import yaml_positions as yaml
from rnnbench.suite.case import Case
from rnnbench.suite.problem import Path, Problem
from rnnbench.suite.schema import Contrast
from rnnbench.suite.setting import read_setting, value_of
from rnnbench.words import did_you_mean, quoted

_PATH: Path = ("contrast",)


@dataclass(frozen=True)
class Held:
    """A contrast as written, and what it is held against.

    Attributes
    ----------
    contrast
        The section, validated.
    root
        The suite as written.
    axes
        The labels of the cases' values, by axis.
    overridden
        Keys that the command line sets.
    folder
        Where files that the suite names are looked for.
    """

    contrast: Contrast
    root: yaml.Mapping
    axes: Mapping[str, Sequence[str]]
    overridden: Collection[str]
    folder: str

    def problem(self, message: str, key: str) -> list[Problem]:
        """Return a problem at a key of the contrast."""
        return [Problem(yaml.place_of(self.root, (*_PATH, key)), message, (*_PATH, key))]


def hold_contrast(held: Held, cases: Sequence[Case]) -> tuple[Contrast | None, list[Problem]]:
    """Return the contrast with its baseline as JSON data in the form of :meth:`Case.resolved`, and what is wrong.

    Overrides that leave nothing to contrast drop it silently: ``--set connectivity=dense`` is no mistake.
    """
    contrast = held.contrast
    axis = contrast.axis
    if axis not in held.axes:
        if axis in held.overridden:
            return None, []
        return None, held.problem(
            f"{quoted(axis)} is no axis of this suite{did_you_mean(axis, list(held.axes))}", "axis"
        )
    path: Path = (*_PATH, "baseline")
    node = yaml.find(held.root, path)
    if node is None and axis != "connectivity":
        return None, held.problem(
            f"the key 'baseline' is missing: say which value of '{axis}' the others are held against", "baseline"
        )
    baseline = read_setting(axis, node or yaml.Scalar(held.root.place, contrast.baseline), path, held.folder)
    if isinstance(baseline, list):
        return None, baseline
    values = {value_of(axis, case.written, case.measure) for case in cases}
    if baseline.value not in values or len(values) < 2:
        if axis in held.overridden:
            return None, []
        return None, _in_vain(held, axis, baseline.label())
    return contrast.model_copy(update={"baseline": to_jsonable_python(baseline.value)}), []


def _in_vain(held: Held, axis: str, baseline: str) -> list[Problem]:
    present = held.axes[axis]
    if baseline not in present:
        hint = did_you_mean(baseline, list(present))
        return held.problem(f"the baseline {quoted(baseline)} is no value of '{axis}' in this suite{hint}", "baseline")
    return held.problem(f"'{axis}' has one value only, {baseline}: there is nothing to hold against it", "axis")
