"""From settings to cases: the last step of reading a suite, and the rules that only whole cases can break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnbench.suite.case import Case
from rnnbench.suite.equal_size import nearest_size, size_of_equal_parameters, with_hidden
from rnnbench.suite.match import MatchParameters, NoMatch, is_reference
from rnnbench.suite.matrix import Settings
from rnnbench.suite.naming import names
from rnnbench.suite.problem import Path, Place, Problem
from rnnbench.suite.rules import Violation, match_violations, violations
from rnnbench.suite.schema import Measure, Parameters
from rnnbench.suite.yaml_positions import Mapping, find, place_of


@dataclass(frozen=True)
class Resolver:
    """Makes the cases of a suite.

    Attributes
    ----------
    root
        The suite as written, to say where a broken rule comes from.
    measure
        The section ``measure``; cases may override its settings.
    """

    root: Mapping
    measure: Measure

    def cases(
        self, combinations: Sequence[Settings], axes: Sequence[str], others: Sequence[str]
    ) -> tuple[list[Case], list[Settings]]:
        """Return the named cases, and the settings of each: one for each combination of settings.

        References of ``match`` that are the same case, whatever is matched to them, are there once.
        """
        written = [self._configuration(settings) for settings in combinations]
        own = [is_reference(parameters) for parameters, _ in written]
        configurations = [
            (parameters.model_copy(update={"match": NoMatch()}) if itself else parameters, measure)
            for (parameters, measure), itself in zip(written, own, strict=True)
        ]
        named = names(configurations, axes, others)
        cases = [_sized(Case(name, *configuration)) for name, configuration in zip(named, configurations, strict=True)]
        kept = _once(cases, own)
        return [cases[index] for index in kept], [combinations[index] for index in kept]

    def broken_rules(self, cases: Sequence[Case], combinations: Sequence[Settings]) -> set[Problem]:
        """Return every broken rule once, at the place of the value that breaks it."""
        return {
            self._problem(violation, settings)
            for case, settings in zip(cases, combinations, strict=True)
            for violation in list(match_violations(case.written, case.measure))
            or violations(_existing(case), case.measure)
        }

    def repetitions(self, cases: Sequence[Case], combinations: Sequence[Settings]) -> list[Problem]:
        """Return the cases that are the same as an earlier one."""
        problems = []
        first: dict[str, Case] = {}
        for case, settings in zip(cases, combinations, strict=True):
            same = first.setdefault(case.id, case)
            if same is not case:
                last = max(settings.values(), key=lambda setting: setting.place)
                names = f"'{case.name}'" if case.name == same.name else f"'{case.name}' (the same as '{same.name}')"
                problems.append(Problem(last.place, f"the case {names} is there twice: remove one", last.path))
        return problems

    def _configuration(self, settings: Settings) -> tuple[Parameters, Measure]:
        parameters = {key: setting.value for key, setting in settings.items() if "." not in key}
        measure = self.measure
        for key, setting in settings.items():
            measurement, dot, name = key.partition(".")
            if dot:
                changed = getattr(measure, measurement).model_copy(update={name: setting.value})
                measure = measure.model_copy(update={measurement: changed})
        return Parameters(**parameters), measure

    def _problem(self, violation: Violation, settings: Settings) -> Problem:
        place, path = self._origin(violation.keys, settings)
        return Problem(place, violation.message, path)

    def _origin(self, keys: Sequence[str], settings: Settings) -> tuple[Place, Path]:
        """Return where the first of ``keys`` that is written anywhere is written."""
        for key in keys:
            if key in settings:
                return settings[key].place, settings[key].path
            path: Path = ("measure", *key.split("."))
            if find(self.root, path) is not None:
                return place_of(self.root, path, key=len(path) == 2), path
        return place_of(self.root, ("measure",), key=True), ("measure",)


def _sized(case: Case) -> Case:
    """Return a case with the hidden size that can be counted out; as it is where there is none, which breaks a rule."""
    if not isinstance(case.parameters.match, MatchParameters):
        return case
    try:
        return case.scaled(size_of_equal_parameters(case.parameters))
    except ValueError:
        return case


def _existing(case: Case) -> Parameters:
    """Return a case's parameters, at a hidden size at which it exists where the size is still to be measured."""
    if not case.timed_match:
        return case.parameters
    size = nearest_size(case.parameters, case.parameters.hidden)
    return case.parameters if size is None else with_hidden(case.parameters, size)


def _once(cases: Sequence[Case], references: Sequence[bool]) -> list[int]:
    """Return the indices of the cases without those references that are there anyway, or earlier."""
    there = {case.id for case, reference in zip(cases, references, strict=True) if not reference}
    kept = []
    for index, (case, reference) in enumerate(zip(cases, references, strict=True)):
        if not reference or case.id not in there:
            kept.append(index)
            there.add(case.id)
    return kept
