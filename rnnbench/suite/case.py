"""A case: one fully resolved configuration out of a suite."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from rnnbench.suite.effort import EFFORT
from rnnbench.suite.match import MatchTime, NoMatch
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
    scaled_from
        The hidden size that the suite gives, where ``match`` has chosen another one; None where the case has the one
        given, or where it is still to be measured which one matches (``match: time``).
    """

    name: str
    parameters: Parameters
    measure: Measure
    scaled_from: int | None = None

    @property
    def written(self) -> Parameters:
        """The parameters with the hidden size that the suite gives."""
        if self.scaled_from is None:
            return self.parameters
        return self.parameters.model_copy(update={"hidden": self.scaled_from})

    @property
    def timed_match(self) -> bool:
        """Whether measuring is to choose, or has chosen, the hidden size."""
        return isinstance(self.parameters.match, MatchTime)

    def scaled(self, hidden: int) -> Case:
        """Return this case with the hidden size that matches its reference."""
        parameters = self.parameters.model_copy(update={"hidden": hidden})
        return replace(self, parameters=parameters, scaled_from=self.written.hidden)

    @cached_property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name what is measured.

        Hashes the semantic parameters that differ from their defaults, keys sorted: the order in the file, a
        default written out, a new parameter of a later version, where a text or a matrix lies, and how long to
        measure do not change it. A hidden size that was counted out is what the case is, however it came about; one
        that was measured is not, and the size given stands for it.
        """
        parameters = self.written if self.timed_match else self.parameters.model_copy(update={"match": NoMatch()})
        said = parameters.model_dump(mode="json", exclude_defaults=True)
        if self.parameters.task is not None:
            said["task"] = self.parameters.task.identity()
        if self.parameters.input == self.parameters.model_copy(update={"input": None}).input_size:
            del said["input"]
        said["measure"] = {
            name: getattr(self.measure, name).model_dump(mode="json", exclude_defaults=True, exclude=EFFORT.get(name))
            for name in self.measure.names()
        }
        if self.measure.equivalence is not None and "weights" in said["measure"]["equivalence"]:
            said["measure"]["equivalence"]["weights"] = self.measure.equivalence.weights.identity()
        return hashlib.sha256(canonical(said).encode()).hexdigest()[:16]

    def resolved(self) -> dict[str, Any]:
        """Return every parameter with its value, measurement settings under ``measure``, as JSON data.

        ``match`` and ``scaled_from`` are there where a hidden size is, or was, to be chosen.
        """
        said = self.parameters.model_dump(mode="json")
        if not self.parameters.match.chooses:
            del said["match"]
        if self.scaled_from is not None:
            said["scaled_from"] = self.scaled_from
        said["input"] = self.parameters.input_size
        said["measure"] = self.measure.model_dump(mode="json", exclude_none=True)
        return said

    @classmethod
    def from_resolved(cls, name: str, resolved: dict[str, Any]) -> Case:
        """Return the case that :meth:`resolved` described (it crosses to workers as JSON)."""
        said = dict(resolved)
        measure = Measure.model_validate(said.pop("measure"))
        scaled_from = said.pop("scaled_from", None)
        return cls(name, Parameters.model_validate(said), measure, scaled_from)


def canonical(data: Any) -> str:
    """Return JSON with sorted keys and no spaces, for hashing and for equality."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
