"""A case: one fully resolved configuration out of a suite."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rnnbench.suite.effort import EFFORT
from rnnbench.suite.schema import Measure, Parameters


@dataclass(frozen=True)
class Case:
    """One configuration, with what to measure of it.

    Attributes
    ----------
    name
        Readable and unique within its suite: the values of the axes, joined by ``/``.
    parameters
        Model, device and shape.
    measure
        Which measurements to take, with their settings.
    """

    name: str
    parameters: Parameters
    measure: Measure

    @cached_property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name what is measured.

        Hashes the semantic parameters that differ from their defaults, keys sorted: the order in the file, a
        default written out, a new parameter of a later version, where a text lies, and how long to measure do not
        change it.
        """
        said = self.parameters.model_dump(mode="json", exclude_defaults=True)
        if self.parameters.task is not None:
            said["task"] = self.parameters.task.identity()
        if self.parameters.input == self.parameters.model_copy(update={"input": None}).input_size:
            del said["input"]
        said["measure"] = {
            name: getattr(self.measure, name).model_dump(mode="json", exclude_defaults=True, exclude=EFFORT.get(name))
            for name in self.measure.names()
        }
        return hashlib.sha256(canonical(said).encode()).hexdigest()[:16]

    def resolved(self) -> dict[str, Any]:
        """Return every parameter with its value, measurement settings under ``measure``, as JSON data."""
        said = self.parameters.model_dump(mode="json")
        said["input"] = self.parameters.input_size
        said["measure"] = self.measure.model_dump(mode="json", exclude_none=True)
        return said

    @classmethod
    def from_resolved(cls, name: str, resolved: dict[str, Any]) -> Case:
        """Return the case that :meth:`resolved` described (it crosses to workers as JSON)."""
        said = dict(resolved)
        measure = Measure.model_validate(said.pop("measure"))
        return cls(name, Parameters.model_validate(said), measure)


def canonical(data: Any) -> str:
    """Return JSON with sorted keys and no spaces, for hashing and for equality."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
