"""What users name of a document: its metrics, and the axes along which its cases differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results
from rnnbench.words import closest, did_you_mean, quoted


def metric_names(results: Results) -> list[str]:
    """Return what the metrics of a document may be called: by short names those that were taken in one scope alone."""
    keys = list(results.metric_keys())
    short = Counter(key.partition(".")[0] for key in keys)
    return [name if short[name := key.partition(".")[0]] == 1 else key for key in keys]


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
        close = closest(axis, known)
        meant = f": did you mean '{close}'?" if close else "."
        raise RnnbenchError(
            f"{option}: no case has {quoted(axis)}{meant} Cases differ in {', '.join(differ) or 'nothing'}."
        )
    return [parameters.get(axis) for parameters in flat]


def varying(flat: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keys whose values differ between flattened parameters."""
    keys = dict.fromkeys(key for parameters in flat for key in parameters)
    first = flat[0] if flat else {}
    return [key for key in keys if any(parameters.get(key) != first.get(key) for parameters in flat)]
