"""From a suite file to a :class:`~rnnbench.suite.suite.Suite`, or to all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from rnnbench.named_file import FOLDER
from rnnbench.suite import yaml_positions as yaml
from rnnbench.suite.case import Case
from rnnbench.suite.contrast import Held, hold_contrast
from rnnbench.suite.explain import explain
from rnnbench.suite.gate import hold_gate
from rnnbench.suite.matrix import SECTIONS, Entry, Matrix, Settings, read_matrix
from rnnbench.suite.overrides import read_overrides
from rnnbench.suite.problem import Problem, SuiteError, gather
from rnnbench.suite.resolve import Resolver
from rnnbench.suite.schema import MEASUREMENT_SETTINGS, Contrast, Header, Measure
from rnnbench.suite.source_file import read_source_file
from rnnbench.suite.suite import Suite, labels
from rnnbench.words import did_you_mean, quoted

M = TypeVar("M", bound=BaseModel)

IN_MEMORY = "suite"
"""What messages and documents call a suite that no file holds."""


def load_suites(paths: Iterable[Path], overrides: Sequence[str] = (), device: str | None = None) -> list[Suite]:
    """Return several suites, each under the same overrides.

    Raises
    ------
    SuiteError
        All problems of all of them.
    """
    return gather(partial(load_suite, path, overrides, device) for path in paths)


def load_suite(path: Path, overrides: Sequence[str] = (), device: str | None = None) -> Suite:
    """Return the suite in a file.

    Parameters
    ----------
    path
        The file.
    overrides
        ``key=value`` or ``key=value1,value2``, as given to ``--set``.
    device
        The same as an override ``device=...``.

    Raises
    ------
    SuiteError
        Everything that is wrong with the file and the overrides, by position.
    """
    file = read_source_file(path)
    root, problems = yaml.read_yaml(file.text, str(path))
    if not isinstance(root, yaml.Mapping):
        found = "only comments" if isinstance(root, yaml.Scalar) and root.value is None else "no mapping"
        message = f"{found} here: a suite is a mapping, starting with `version: 1`"
        raise SuiteError([*problems, Problem(root.place, message)])
    if {"schema", "run", "suite"} <= root.key_places.keys():
        message = "this is what a run wrote, and no suite: `rnnbench show` prints it"
        raise SuiteError([Problem(root.place, message)])
    return _Loader(str(path), str(path.parent), file.sha256, root, problems).load(overrides, device)


def load_mapping(data: Mapping[str, Any], overrides: Sequence[str] = (), device: str | None = None) -> Suite:
    """Return the suite in a mapping that holds what a suite's file would; files that it names are looked for here.

    Raises
    ------
    SuiteError
        Everything that is wrong with it, by path.
    """
    root, problems = yaml.from_plain(data, IN_MEMORY)
    if problems:
        raise SuiteError(problems)
    assert isinstance(root, yaml.Mapping)  # noqa: S101 - it was one
    said = json.dumps(yaml.plain(root), sort_keys=True)
    sha256 = hashlib.sha256(said.encode(errors="backslashreplace")).hexdigest()
    return _Loader(IN_MEMORY, ".", sha256, root, []).load(overrides, device)


class _Loader:
    """Reads one suite, noting problems on the way and going on as far as they allow.

    ``source`` is what messages call it, ``folder`` where the files that it names lie.
    """

    def __init__(self, source: str, folder: str, sha256: str, root: yaml.Mapping, problems: list[Problem]) -> None:
        self.source = source
        self.folder = folder
        self.sha256 = sha256
        self.root = root
        self.problems = problems

    def load(self, options: Sequence[str], device: str | None) -> Suite:
        """Return the suite, or raise all problems."""
        self._check_keys()
        header = self._header()
        measured = self._measured()
        folder = self.folder
        matrix, found = read_matrix(self.root, measured, folder)
        overrides, wrong_options = read_overrides(options, device, measured, folder)
        self.problems += found + wrong_options
        self._check_set_once(matrix.defaults)
        matrix = matrix.overridden(overrides)
        measure = self._section("measure", Measure)
        if wrong_options or measure is None or not self._cases_are_known():
            raise SuiteError(self.problems)
        doubtful_axes = {problem.path[1] for problem in self.problems if problem.path[:1] == ("matrix",)}
        cases = self._cases(matrix, measure)
        axes = labels([*matrix.varying(), *matrix.others()], cases)
        contrast = self._section("contrast", Contrast)
        if contrast is not None and contrast.axis not in doubtful_axes:
            contrast, found = hold_contrast(Held(contrast, self.root, axes, overrides, folder), cases)
            self.problems += found
        if header is not None and header.gate is not None and not overrides:
            # Values that the command line sets may leave a pattern without a case: that is no mistake.
            self.problems += hold_gate(header.gate, self.root, [case.name for case in cases])
        if header is None or self.problems:
            raise SuiteError(self.problems)
        return Suite(
            name=header.name,
            path=self.source,
            sha256=self.sha256,
            description=header.description,
            contrast=contrast,
            cases=tuple(cases),
            axes=axes,
            resolved=_resolved(header.model_copy(update={"contrast": contrast}), matrix),
            named_by=matrix.varying(),
        )

    def _check_keys(self) -> None:
        known = [*Header.model_fields, *SECTIONS]
        for key, place in self.root.key_places.items():
            if key not in known:
                self.problems.append(Problem(place, f"unknown key {quoted(key)}{did_you_mean(key, known)}", (key,)))

    def _header(self) -> Header | None:
        written = {key: yaml.plain(node) for key, node in self.root.entries.items() if key in Header.model_fields}
        try:
            return Header.model_validate(written, context={FOLDER: self.folder})
        except ValidationError as error:
            for why in explain(error, Header):
                place = yaml.place_of(self.root, why.path, why.at_key)
                self.problems.append(Problem(place, why.message, why.path))
        return None

    def _section(self, key: str, model: type[M]) -> M | None:
        """Return one section of the header, even if others are wrong; None if it is wrong itself, or not there."""
        node = self.root.entries.get(key)
        try:
            return None if node is None else model.model_validate(yaml.plain(node), context={FOLDER: self.folder})
        except ValidationError:
            return None

    def _measured(self) -> list[str]:
        """Return the measurements that the suite names; all, where it cannot be told."""
        node = self.root.entries.get("measure")
        written = yaml.plain(node) if node is not None else None
        if not isinstance(written, (dict, list)):
            return list(MEASUREMENT_SETTINGS)
        return [name for name in MEASUREMENT_SETTINGS if name in written]

    def _check_set_once(self, defaults: Settings) -> None:
        for key, setting in defaults.items():
            path = ("measure", *key.split("."))
            if "." in key and yaml.find(self.root, path) is not None:
                self.problems.append(
                    Problem(setting.place, f"{quoted(key)} is set under measure, too: remove one", setting.path)
                )

    def _cases_are_known(self) -> bool:
        """Return whether the problems so far leave it certain what the remaining cases are.

        A wrong value of an axis takes its cases away; a misspelt key may change any case.
        """
        harmless = {(), ("version",), ("name",), ("description",), ("contrast",), ("gate",)}
        return all(
            problem.path[:1] in harmless or (problem.path[0] == "matrix" and len(problem.path) > 2)
            for problem in self.problems
        )

    def _cases(self, matrix: Matrix, measure: Measure) -> list[Case]:
        """Return the cases, noting the rules that they break; without other problems also what is in vain."""
        try:
            matrix.check_size(yaml.place_of(self.root, ("matrix",), key=True))
        except SuiteError as error:
            raise SuiteError([*self.problems, *error.problems]) from error
        combinations, in_vain = matrix.combinations()
        resolver = Resolver(self.root, measure)
        cases, combinations = resolver.cases(combinations, matrix.varying(), matrix.others())
        if not self.problems:
            self.problems += in_vain
            self.problems += resolver.repetitions(cases, combinations)
            if not cases:
                place = yaml.place_of(self.root, ("exclude",), key=True)
                self.problems.append(Problem(place, "every combination is excluded: no case is left", ("exclude",)))
        self.problems += resolver.broken_rules(cases, combinations)
        return cases


def _resolved(header: Header, matrix: Matrix) -> dict[str, Any]:
    """Return what the suite asks for as JSON data, under the overrides, all values validated."""
    fixed = {key: values[0] for key, values in matrix.overrides.items() if len(values) == 1}
    axes = {key: values for key, values in matrix.all_axes().items() if key not in fixed}

    def entries(written: Iterable[Entry]) -> list[dict[str, Any]]:
        return [{key: setting.value for key, setting in entry.settings.items()} for entry in written]

    said: dict[str, Any] = to_jsonable_python(
        {
            **header.model_dump(mode="json", exclude_none=True, exclude={"description"}),
            "defaults": {key: setting.value for key, setting in {**matrix.defaults, **fixed}.items()},
            "matrix": {key: [setting.value for setting in values] for key, values in axes.items()},
            "include": entries(matrix.include),
            "exclude": entries(matrix.exclude),
        }
    )
    return said
