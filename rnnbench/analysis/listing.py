"""Which cases of a document are shown, in which order, and in which groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnbench.analysis.named import axis_values, metric_key, metric_keys, metric_names
from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results, metric
from rnnbench.results.metrics import metric_kind
from rnnbench.suite.select import select_names
from rnnbench.words import did_you_mean, quoted

Case = Mapping[str, Any]
NAME = "name"


@dataclass(frozen=True)
class Listing:
    """A document with its cases as they are to be shown.

    Attributes
    ----------
    results
        The document, cases selected and ordered.
    groups
        Title and number of cases of each group, one after the other; empty where nothing is grouped.
    """

    results: Results
    groups: tuple[tuple[str, int], ...] = ()


def listing(
    results: Results, select: str | None = None, sort: str | None = None, group_by: str | None = None
) -> Listing:
    """Return a document with only the cases that ``select`` chooses, sorted, and grouped by an axis.

    Parameters
    ----------
    select
        An expression, as after ``-k``.
    sort
        A metric (the best first), an axis (numbers by size), or ``name``; turned round by a ``-`` in front. What has no
        figure comes last.
    group_by
        An axis.

    Raises
    ------
    RnnbenchError
        The expression selects nothing; there is no such metric or axis.
    """
    cases: list[Any] = list(results.cases)
    if select is not None:
        chosen = select_names(select, [case["name"] for case in cases], results.suite["name"])
        cases = [case for case in cases if case["name"] in chosen]
    if sort is not None:
        cases = _sorted(results, cases, sort)
    groups: list[tuple[str, int]] = []
    if group_by is not None:
        members = _grouped(cases, group_by)
        cases = [case for group in members.values() for case in group]
        groups = [(title, len(group)) for title, group in members.items()]
    return Listing(Results({**results.data, "cases": cases}), tuple(groups))


def _sorted(results: Results, cases: Sequence[Case], sort: str) -> list[Case]:
    reverse, name = sort.startswith("-"), sort.removeprefix("-")
    if name == NAME:
        return sorted(cases, key=lambda case: str(case["name"]), reverse=reverse)
    if metric_keys(results, name):
        key = metric_key(results, name, "--sort")
        values = [_value(case, key) for case in cases]
        kind = metric_kind(key)
        reverse ^= kind is not None and kind.better == "higher"
    else:
        values = _on_axis(results, cases, name)
    order = sorted(
        (index for index, value in enumerate(values) if value is not None), key=_key(values), reverse=reverse
    )
    return [cases[index] for index in [*order, *(i for i, value in enumerate(values) if value is None)]]


def _value(case: Case, key: str) -> Any:
    record = metric(case, key)
    return None if record is None else record["value"]


def _on_axis(results: Results, cases: Sequence[Case], name: str) -> list[Any]:
    """Return the values on an axis; the error where there is none knows metrics, too."""
    try:
        return axis_values(cases, name, "--sort")
    except RnnbenchError as error:
        close = did_you_mean(name, [NAME, *metric_names(results)])
        if close.startswith(": did you mean"):
            raise RnnbenchError(f"--sort: no case has {quoted(name)}{close}") from error
        raise RnnbenchError(f"{error.message} Metrics: {', '.join(metric_names(results))}.") from error


def _key(values: Sequence[Any]) -> Any:
    """Return the key by which indices of ``values`` sort: numbers by size and before text."""

    def key(index: int) -> tuple[bool, float, str]:
        value = values[index]
        if isinstance(value, (int, float)):
            return (False, float(value), "")
        return (True, 0.0, str(value))

    return key


def _grouped(cases: Sequence[Case], axis: str) -> dict[str, list[Case]]:
    """Return the cases of each value of an axis, in the order in which the values appear."""
    from rnnbench.analysis.contrast import name as name_of

    groups: dict[str, list[Case]] = {}
    for case, value in zip(cases, axis_values(cases, axis, "--group-by"), strict=True):
        title = f"no {axis}" if value is None else name_of(axis, value)
        groups.setdefault(title, []).append(case)
    return groups
