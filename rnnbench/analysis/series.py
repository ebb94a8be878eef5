"""A metric over the values of an axis: what a plot shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnbench.analysis.named import axis_values, metric_key, varying
from rnnbench.analysis.statistics import Interval
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.document import Results, metric
from rnnbench.results.metrics import metric_kind, scope_of


@dataclass(frozen=True)
class Point:
    """A figure of one case: its value on the axis (a number, or its label), the figure and its interval, in SI."""

    at: float | str
    value: float
    interval: Interval | None


@dataclass(frozen=True)
class Series:
    """The cases that agree in everything but the axis; ``label`` says in what they differ from other series."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Plotted:
    """Everything in a plot.

    Attributes
    ----------
    title, unit, axis
        Of the metric (with its scope) and of the axis.
    series
        In the order of the suite; points by size where the axis has numbers.
    numeric
        Whether every value on the axis is a number.
    missing
        Cases without a figure, by name, with the reason.
    """

    title: str
    unit: str
    axis: str
    series: tuple[Series, ...]
    numeric: bool
    missing: tuple[tuple[str, str], ...]


def series_of(results: Results, name: str, axis: str | None) -> Plotted:
    """Return the figures of a metric over an axis; None takes the contrast's, else the first in which cases differ.

    Raises
    ------
    RnnbenchError
        There is no such metric or axis, or no case has a figure of it.
    """
    key = metric_key(results, name, "--plot")
    records = [metric(case, key) for case in results.cases]
    axis = axis or _default_axis(results)
    values = axis_values(results.cases, axis, "--by")
    kept = [
        index
        for index, record in enumerate(records)
        if record is not None and record["value"] is not None and values[index] is not None
    ]
    if not kept:
        raise RnnbenchError(f"--plot {name}: no case has a figure to plot", ExitCode.CASE_FAILED)
    missing = tuple((results.cases[i]["name"], _reason(records[i])) for i in range(len(records)) if i not in set(kept))
    numeric = all(type(values[index]) in (int, float) for index in kept)
    labels = _labels([results.cases[index] for index in kept], axis)
    kind, scope = metric_kind(key), scope_of(key)
    title = f"{kind.title if kind else key.partition('.')[0]}{f', {scope}' if scope else ''}"
    unit = next(record["unit"] for record in records if record)
    series: dict[str, list[Point]] = {}
    for index, label in zip(kept, labels, strict=True):
        record = records[index]
        assert record is not None  # noqa: S101 - kept
        at = values[index] if numeric else _label(axis, values[index])
        low_high = record["ci95"]
        interval = None if low_high is None else (low_high[0], low_high[1])
        series.setdefault(label, []).append(Point(at, record["value"], interval))
    if numeric:
        series = {label: sorted(points, key=lambda point: float(point.at)) for label, points in series.items()}
    made = tuple(Series(label, tuple(points)) for label, points in series.items())
    return Plotted(title, unit, axis, made, numeric, missing)


def _default_axis(results: Results) -> str:
    from rnnbench.analysis.contrast import flatten

    contrast = results.suite["resolved"].get("contrast")
    asked = contrast.get("axis") if isinstance(contrast, Mapping) else None
    differ = varying([flatten(case["parameters"]) for case in results.cases])
    if isinstance(asked, str) and asked in differ:
        return asked
    return differ[0] if differ else "connectivity"


def _reason(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return "not measured"
    return ", ".join(str(flag).replace("_", " ") for flag in record["flags"]) or "no figure"


def _labels(cases: Sequence[Mapping[str, Any]], axis: str) -> list[str]:
    """Return what sets the series of each case apart: its values in which cases differ, but for the axis."""
    from rnnbench.analysis.contrast import flatten, name

    flat = [flatten(case["parameters"]) for case in cases]
    others = [key for key in varying(flat) if key != axis]
    if _follows("input", others, [*others, axis], flat):
        others.remove("input")
    return [
        ", ".join(name(key, parameters[key]) for key in others if parameters.get(key) is not None)
        for parameters in flat
    ]


def _follows(key: str, keys: Sequence[str], others: Sequence[str], flat: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a key is one of ``keys`` and has one value for every combination of the others."""
    if key not in keys:
        return False
    found: dict[str, Any] = {}
    for parameters in flat:
        combination = repr([parameters.get(other) for other in others if other != key])
        if found.setdefault(combination, parameters.get(key)) != parameters.get(key):
            return False
    return True


def _label(axis: str, value: Any) -> str:
    from rnnbench.analysis.contrast import label

    return label(axis, value)
