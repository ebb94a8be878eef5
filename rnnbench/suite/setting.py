"""The keys that make a case, and one validated value of one of them.

A key is a field of :class:`~rnnbench.suite.schema.Parameters` (``hidden``), or a dotted path to a setting of a
measurement (``training.iterations``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from rnnbench.choice import plain_text
from rnnbench.named_file import FOLDER
from rnnbench.suite.explain import explain
from rnnbench.suite.problem import Path, Place, Problem
from rnnbench.suite.schema import MEASUREMENT_SETTINGS, Measure, Parameters
from rnnbench.suite.yaml_positions import Node, place_of, plain
from rnnbench.words import closest, quoted


@dataclass(frozen=True)
class Setting:
    """A validated value of a key; two settings are equal when their values are, wherever they are written."""

    value: Any
    place: Place = field(compare=False)
    path: Path = field(compare=False)

    def label(self) -> str:
        """Return the value as readable text: ``tridiagonal``, ``32``, ``[forward,training]``."""
        return plain_text(self.value)


def known_keys() -> list[str]:
    """Return every key that a case can be given."""
    dotted = [f"{name}.{key}" for name, model in MEASUREMENT_SETTINGS.items() for key in model.model_fields]
    return [*Parameters.model_fields, *dotted]


def check_key(key: str, measured: Collection[str]) -> str | None:
    """Return what is wrong with a key in a suite that takes the measurements ``measured``, or None."""
    if key in Parameters.model_fields:
        return None
    if key in known_keys():
        measurement = key.partition(".")[0]
        if measurement in measured:
            return None
        return f"{quoted(key)} is a setting of '{measurement}', which this suite does not measure: add it under measure"
    close = closest(key, known_keys())
    if close:
        return f"unknown key {quoted(key)}: did you mean '{close}'?"
    dotted = ", ".join(f"{name}.*" for name in MEASUREMENT_SETTINGS)
    return f"unknown key {quoted(key)}; known: {', '.join(Parameters.model_fields)}, {dotted}"


def read_setting(key: str, node: Node, path: Path, folder: str) -> Setting | list[Problem]:
    """Return the value of the known ``key`` that is written at ``node``, or what is wrong with it.

    A file that it names is looked for from ``folder``.
    """
    model, name = owner_of(key)
    try:
        validated = model.model_validate({name: plain(node)}, context={FOLDER: folder})
    except ValidationError as error:
        return [
            Problem(place_of(node, why.path[1:], why.at_key), why.message, (*path, *why.path[1:]))
            for why in explain(error, model)
        ]
    return Setting(getattr(validated, name), node.place, path)


def owner_of(key: str) -> tuple[type[BaseModel], str]:
    """Return the model that a known key belongs to, and the name of its field there."""
    measurement, dot, name = key.partition(".")
    return (MEASUREMENT_SETTINGS[measurement], name) if dot else (Parameters, key)


def value_of(key: str, parameters: Parameters, measure: Measure) -> Any:
    """Return the value that a case has for a known key; None where it does not take the measurement."""
    measurement, dot, name = key.partition(".")
    return getattr(getattr(measure, measurement), name, None) if dot else getattr(parameters, key)
