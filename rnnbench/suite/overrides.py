"""Values that the command line sets: ``--set key=v1,v2`` and ``--device``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from rnnbench.commas import split_at_commas
from rnnbench.suite.axis import read_axis
from rnnbench.suite.problem import Place, Problem, SuiteError
from rnnbench.suite.setting import Setting, check_key
from rnnbench.suite.yaml_positions import Mapping, Node, Scalar, read_yaml
from rnnbench.suite.yaml_positions import Sequence as SequenceNode
from rnnbench.words import quoted


def read_overrides(
    options: Sequence[str], device: str | None, measured: Collection[str], folder: str
) -> tuple[dict[str, list[Setting]], list[Problem]]:
    """Return the values by key, and what is wrong with the options.

    Parameters
    ----------
    options
        The text after each ``--set``.
    device
        The text after ``--device``: the same as ``--set device=...``.
    measured
        The measurements that the suite takes.
    folder
        The suite's: where files that options name are looked for.
    """
    written = [(f"--set {option}", option) for option in options]
    if device is not None:
        written.append((f"--device {device}", f"device={device}"))
    overrides: dict[str, list[Setting]] = {}
    problems = []
    for source, option in written:
        place = Place(source)
        key, equals, values = option.partition("=")
        key = key.strip()
        wrong = None if equals else "write --set key=value or --set key=value1,value2"
        wrong = wrong or check_key(key, measured)
        if key in overrides:
            wrong = f"{quoted(key)} is set twice: separate several values by commas, {key}=a,b"
        if wrong:
            problems.append(Problem(place, wrong))
            continue
        overrides[key], found = _read_values(key, values, place, folder)
        problems += found
    return overrides, problems


def _read_values(key: str, values: str, place: Place, folder: str) -> tuple[list[Setting], list[Problem]]:
    try:
        pieces = split_at_commas(values)
    except ValueError as error:
        return [], [Problem(place, str(error))]
    if not all(pieces):
        return [], [
            Problem(place, "a value is missing" + (" at a comma" if len(pieces) > 1 else f": write {key}=value"))
        ]
    try:
        nodes = [_node(piece, place) for piece in pieces]
    except SuiteError as error:
        return [], list(error.problems)
    return read_axis(key, [(node, (key,)) for node in nodes], folder)


def _node(piece: str, place: Place) -> Node:
    """Return one value, read as YAML, as if all of it were written at ``place``."""
    try:
        node, problems = read_yaml(piece, place.source)
    except SuiteError as error:
        problems = list(error.problems)
    if problems:
        raise SuiteError(Problem(place, f"{quoted(piece)} cannot be read: {problem.message}") for problem in problems)
    return _at(node, place)


def _at(node: Node, place: Place) -> Node:
    if isinstance(node, Scalar):
        return replace(node, place=place)
    if isinstance(node, SequenceNode):
        return SequenceNode(place, tuple(_at(item, place) for item in node.items))
    return Mapping(
        place, {key: _at(value, place) for key, value in node.entries.items()}, dict.fromkeys(node.key_places, place)
    )
