"""Recurrent weights of a case: as they were counted or, where they were not, in closed form from its parameters."""

from __future__ import annotations

from rnnbench.analysis.contrast import Case

_KEYS = ("connectivity", "cell", "hidden", "layers")


def recurrent_weights(case: Case) -> float | None:
    """Return how many free entries U has, of every gate and layer; None where this version cannot know it."""
    record = case["metrics"].get("recurrent_parameters")
    if record is not None:
        value: float | None = record["value"]
        return value
    given = {key: case["parameters"][key] for key in _KEYS if key in case["parameters"]}
    if len(given) < len(_KEYS):
        return None
    # These import pydantic, which takes its time.
    from pydantic import ValidationError

    from rnnbench.suite.schema import Parameters

    try:
        parameters = Parameters.model_validate(given)
        return float(
            parameters.layers * parameters.gates * parameters.connectivity.recurrent_parameters(parameters.hidden)
        )
    except (ValidationError, ValueError, OSError):
        return None
