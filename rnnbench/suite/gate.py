"""The section ``gate`` of a suite: by how much which metric of which cases may get worse before a gate fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from rnnbench.errors import RnnbenchError
from rnnbench.results.metrics import METRICS, metric_kind
from rnnbench.suite import yaml_positions as yaml
from rnnbench.suite.problem import Path, Problem
from rnnbench.suite.select import parse
from rnnbench.words import did_you_mean, quoted


def _is_metric(value: str) -> str:
    if metric_kind(value) is None:
        hint = did_you_mean(value, list(METRICS))
        raise PydanticCustomError("metric", "{text}", {"text": f"unknown metric {quoted(value)}{hint}"})
    return value


def _is_pattern(value: str) -> str:
    try:
        parse(value)
    except RnnbenchError as error:
        reason = error.message.splitlines()[0].partition(": ")[2]
        raise PydanticCustomError("pattern", "{text}", {"text": f"{quoted(value)}: {reason}"}) from error
    return value


_METRIC = {"type": "string", "pattern": rf"^({'|'.join(METRICS)})(\..*)?$"}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Limit(_Strict):
    """How much worse a metric may get in some cases."""

    metric: Annotated[str, AfterValidator(_is_metric), WithJsonSchema(_METRIC)]
    """With its scope (``training_time.layer``) or for all scopes (``training_time``)."""
    limit: Annotated[float, Field(ge=0, le=10)] | None
    """A fraction: 0.05 is 5 %; 0 lets figures without noise not get worse at all; null leaves the metric out."""
    cases: Annotated[str, AfterValidator(_is_pattern)] | None = None
    """Which cases, as after ``-k``; all of them unless given. Later entries overrule earlier ones."""


class Gate(_Strict):
    """What `rnnbench gate` holds runs of the suite to."""

    alpha: Annotated[float, Field(gt=0, le=0.5)] = 0.01
    """The probability with which a gate on unchanged code may fail."""
    limits: tuple[Limit, ...] = Field(default=(), strict=False)
    """Added to the usual limits."""


def hold_gate(gate: Gate, root: yaml.Mapping, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each pattern that selects none of the cases' ``names``."""
    problems = []
    for index, entry in enumerate(gate.limits):
        if entry.cases is not None:
            selects = parse(entry.cases)
            if not any(selects(name.lower()) for name in names):
                path: Path = ("gate", "limits", index, "cases")
                message = f"{quoted(entry.cases)} selects none of the {len(names)} cases of this suite"
                problems.append(Problem(yaml.place_of(root, path), message, path))
    return problems
