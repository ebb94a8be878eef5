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
    return _weights(case, "recurrent_parameters", _OF_U, _recurrent)


def all_weights(case: Case) -> float | None:
    """Return how many trainable numbers the whole model has; None where this version cannot know it."""
    return _weights(case, "total_parameters", _OF_MODEL, _total)


def _weights(case: Case, metric: str, keys: Collection[str], of: Callable[[Parameters], int]) -> float | None:
    """Return what a run counted, else what ``of`` says of the parameters ``keys``."""
    record = case["metrics"].get(metric)
    if record is not None:
        value: float | None = record["value"]
        return value
    parameters = _parameters(case, keys)
    try:
        return None if parameters is None else float(of(parameters))
    except (ValueError, OSError):  # no matrix of that size can be, or it names a file that is not here
        return None


def _recurrent(parameters: Parameters) -> int:
    return parameters.layers * parameters.gates * parameters.connectivity.recurrent_parameters(parameters.hidden)


def _total(parameters: Parameters) -> int:
    from rnnbench.suite.size import total_parameters

    return total_parameters(parameters)


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
