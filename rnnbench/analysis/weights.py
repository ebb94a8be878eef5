"""Weights of a case: as they were counted or, where they were not, in closed form from its parameters."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from rnnbench.analysis.contrast import Case

if TYPE_CHECKING:
    from rnnbench.suite.schema import Parameters

_OF_U = ("connectivity", "cell", "hidden", "layers")
_OF_MODEL = (*_OF_U, "input", "bias", "task")


def recurrent_weights(case: Case) -> float | None:
    """Return how many free entries U has, of every gate and layer; None where this version cannot know it."""
    record = case["metrics"].get("recurrent_parameters")
    if record is not None:
        value: float | None = record["value"]
        return value
    parameters = _parameters(case, _OF_U)
    if parameters is None:
        return None
    of_one = _counted(lambda: parameters.connectivity.recurrent_parameters(parameters.hidden))
    return None if of_one is None else parameters.layers * parameters.gates * of_one


def all_weights(case: Case) -> float | None:
    """Return how many trainable numbers the whole model has; None where this version cannot know it."""
    record = case["metrics"].get("total_parameters")
    if record is not None:
        value: float | None = record["value"]
        return value
    parameters = _parameters(case, _OF_MODEL)
    if parameters is None:
        return None
    from rnnbench.suite.size import total_parameters

    return _counted(lambda: total_parameters(parameters))


def input_size(case: Case) -> int | None:
    """Return I, the input size; None where this version cannot know it."""
    parameters = _parameters(case, ("input", "task", "hidden"))
    return None if parameters is None else parameters.input_size


def _parameters(case: Case, keys: Collection[str]) -> Parameters | None:
    """Return what some of a case's parameters mean; None where one is missing, or is none that this version knows."""
    given = {key: case["parameters"][key] for key in keys if key in case["parameters"]}
    if len(given) < len(keys):
        return None
    # These import pydantic, which takes its time.
    from pydantic import ValidationError

    from rnnbench.suite.schema import Parameters

    try:
        return Parameters.model_validate(given)
    except (ValidationError, OSError):
        return None


def _counted(numbers: Callable[[], int]) -> float | None:
    """Return a count; None where a matrix of that size cannot be, or names a file that is not here."""
    try:
        return float(numbers())
    except (ValueError, OSError):
        return None
