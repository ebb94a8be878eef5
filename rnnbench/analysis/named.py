"""What users name of a document: its metrics, and the axes along which its cases differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results
from rnnbench.words import did_you_mean, quoted


def metric_names(results: Results) -> list[str]:
    """Return every metric of a document, those of a single scope by their short names, too."""
    keys = list(results.metric_keys())
    return list(dict.fromkeys([*(key.partition(".")[0] for key in keys), *keys]))


def metric_keys(results: Results, name: str) -> list[str]:
    """Return the metrics that a name stands for: itself, or every scope of it; none where there is no such metric."""
    keys = list(results.metric_keys())
    return [name] if name in keys else [key for key in keys if key.partition(".")[0] == name]


def metric_key(results: Results, name: str, option: str) -> str:
    """Return the one metric that a name stands for.

    Raises
    ------
    RnnbenchError
        There is no such metric, or it was taken in several scopes; the message begins with ``option``.
    """
    found = metric_keys(results, name)
    if not found:
        raise RnnbenchError(f"{option}: no case has {quoted(name)}{did_you_mean(name, metric_names(results))}")
    if len(found) > 1:
        raise RnnbenchError(f"{option}: {quoted(name)} stands for several: name one of {', '.join(found)}")
    return found[0]


def axis_values(cases: Sequence[Mapping[str, Any]], axis: str, option: str) -> list[Any]:
    """Return each case's value on an axis (``connectivity``, ``training.iterations``); None where it has none.

    Raises
    ------
    RnnbenchError
        No case has the axis; the message begins with ``option`` and names those on which the cases differ.
    """
    from rnnbench.analysis.contrast import flatten  # it imports pydantic, which takes its time

    flat = [flatten(case["parameters"]) for case in cases]
    if not any(axis in parameters for parameters in flat):
        known = list(dict.fromkeys(key for parameters in flat for key in parameters))
        differ = varying(flat)
        said = did_you_mean(axis, known).partition(" (known:")[0].partition("; known:")[0]
        raise RnnbenchError(
            f"{option}: no case has {quoted(axis)}{said}; "
            + (f"cases differ in {', '.join(differ)}" if differ else "the cases differ in nothing")
        )
    return [parameters.get(axis) for parameters in flat]


def varying(flat: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keys whose values differ between flattened parameters."""
    keys = dict.fromkeys(key for parameters in flat for key in parameters)
    first = flat[0] if flat else {}
    return [key for key in keys if any(parameters.get(key) != first.get(key) for parameters in flat)]
