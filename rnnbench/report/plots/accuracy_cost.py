"""Accuracy against what it costs, with the Pareto front: does full connectivity pay?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rnnbench.analysis.contrast import Case, Group
from rnnbench.analysis.cost import compared_time
from rnnbench.analysis.pareto import front
from rnnbench.analysis.setting_line import timed_shape, trained_shape
from rnnbench.analysis.wording import listing
from rnnbench.report.plots.plot import Axis, Guide, Plot, Point, Series
from rnnbench.report.plots.setting import Setting
from rnnbench.report.printable import printable
from rnnbench.report.units import Unit, unit_for

KIND = "accuracy-cost"
_FEWEST = 3


class _Cost(NamedTuple):
    """A metric that is a cost, as a sentence names it, and the shape at which it was measured, if it depends on one."""

    key: str
    title: str
    shape: str = ""


def plots(setting: Setting) -> Iterator[Plot]:
    """Yield a plot by recurrent weights and one by time, for each group of cases that was trained."""
    for group in setting.contrast.groups:
        trained = {label: case for label, case in group.cases.items() if _value(case, "accuracy") is not None}
        time = compared_time([group]) if group.baseline in group.cases else ""
        what = "training pass" if time.startswith("training") else "forward pass"
        timed = timed_shape([case for case in trained.values() if time in case["metrics"]])
        for cost in (_Cost("recurrent_parameters", "recurrent weights"), _Cost(time, f"time of a {what}", timed)):
            known = {label: case for label, case in trained.items() if _value(case, cost.key)}
            if len(known) >= _FEWEST:
                yield _plot(setting, group, cost, known, trained)


def _plot(setting: Setting, group: Group, cost: _Cost, known: Mapping[str, Case], trained: Mapping[str, Case]) -> Plot:
    unit = unit_for(
        _record(next(iter(known.values())), cost.key)["unit"], [_cost(case, cost) for case in known.values()]
    )
    points = {label: _point(label, case, cost, unit) for label, case in known.items()}
    labels = list(points)
    edge = [labels[index] for index in front([(point.x, point.y) for point in points.values()])]
    line = Guide("Pareto front", tuple((points[label].x, points[label].y) for label in edge))
    # What costs nothing has no place on a logarithmic axis: it is the floor.
    floors = [
        Guide(
            f"{printable(label)}: no {cost.title}",
            tuple((x, case["metrics"]["accuracy"]["value"]) for x in _ends(points)),
        )
        for label, case in trained.items()
        if _value(case, cost.key) == 0
    ]
    series = tuple(
        Series(printable(label), (point,), setting.slot(printable(label)), "points") for label, point in points.items()
    )
    return Plot(
        KIND,
        setting.contrast.setting(group),
        f"{_verdict(group.baseline, points, edge)}, by {cost.title}",
        f"Accuracy of each case against its {cost.title}, with 95 % intervals. The line is the Pareto front of the "
        f"estimates: no other case costs at most as much and is at least as accurate. On it: {listing(edge)}. "
        "Points of the same cost stand side by side.",
        Axis(f"{cost.title}{f' ({unit.name})' if unit.name else ''}{_at(cost.shape)}, log", log=True),
        Axis(f"accuracy (share){_at(trained_shape(list(trained.values())), ', trained')}"),
        series,
        (line, *floors),
    )


def _at(shape: str, before: str = "") -> str:
    """Return at which shape something was done, to stand after its name; empty where that is not known."""
    return f"{before} at {shape}" if shape else ""


def _verdict(baseline: str, points: Mapping[str, Point], edge: list[str]) -> str:
    """Say whether the baseline is on the front, or what beats it."""
    if baseline in edge:
        alone = max(points, key=lambda label: points[label].y) == baseline
        return f"Nothing cheaper than {baseline} is as accurate" if alone else f"{baseline} is on the Pareto front"
    if baseline not in points:
        return "The Pareto front of accuracy"
    base = points[baseline]
    better = [label for label in edge if points[label].x <= base.x and points[label].y >= base.y]
    return f"{baseline} does not pay: {better[-1]} is as accurate and costs no more"


def _point(label: str, case: Case, cost: _Cost, unit: Unit) -> Point:
    accuracy, spent = _record(case, "accuracy"), _record(case, cost.key)
    x_range = tuple(end / unit.factor for end in spent["ci95"]) if spent["ci95"] else None
    y_range = tuple(accuracy["ci95"]) if accuracy["ci95"] else None
    return Point(spent["value"] / unit.factor, accuracy["value"], y_range, x_range, printable(label))


def _ends(points: Mapping[str, Point]) -> tuple[float, float]:
    return min(point.x for point in points.values()), max(point.x for point in points.values())


def _cost(case: Case, cost: _Cost) -> float:
    return float(_record(case, cost.key)["value"])


def _value(case: Case, key: str) -> Any:
    return case["metrics"].get(key, {}).get("value")


def _record(case: Case, key: str) -> dict[str, Any]:
    record: dict[str, Any] = case["metrics"][key]
    return record
