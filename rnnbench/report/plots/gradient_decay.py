"""How a gradient decays over the lag, at initialisation and after training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rnnbench.report.plots.plot import Axis, Guide, Plot, Point, Series
from rnnbench.report.plots.quartiles import middle
from rnnbench.report.plots.setting import Setting, parted

KIND = "gradient-decay"
_WHEN = {"max_length_gradient": "at initialisation", "max_length_gradient_trained": "after training"}
_SMALLEST = 1e-6
"""The ratio that no longer reaches, where a document does not say it."""
_LEAST = 1e-2
"""Ratios below this part of it are drawn there: all of them have vanished."""
_EXPLODED = 1e300


def plots(setting: Setting) -> Iterator[Plot]:
    """Yield a plot for each of the two, where cases have the curve."""
    for metric, when in _WHEN.items():
        found = [
            (case, points)
            for case in setting.results.cases
            if metric in case["metrics"] and len(points := _points(case["metrics"][metric]["details"])) > 1
        ]
        names, slots = setting.full_names([case for case, _ in found]), setting.slots_of([case for case, _ in found])
        lines = {
            names[case["id"]]: _Line(points, case["metrics"][metric], slot)
            for (case, points), slot in zip(found, slots, strict=True)
        }
        for part in parted(lines):
            yield _plot(when, part)


class _Line(NamedTuple):
    points: tuple[Point, ...]
    record: Mapping[str, Any]
    slot: int


def _plot(when: str, lines: Mapping[str, _Line]) -> Plot:
    smallest = next(iter(lines.values())).record["details"].get("smallest_ratio", _SMALLEST)
    longest = max(line.points[-1].x for line in lines.values())
    reaches = {name: line.record["value"] for name, line in lines.items() if line.record["value"] is not None}
    title = f"Gradients {when} reach beyond the longest lag"
    if reaches:
        near, far = min(reaches, key=lambda name: reaches[name]), max(reaches, key=lambda name: reaches[name])
        title = f"{when.capitalize()} gradients reach {reaches[near]:,.0f} steps back ({near})"
        title += f" to {reaches[far]:,.0f} ({far})" if far != near else ""
    return Plot(
        KIND,
        when,
        title,
        "Gradient by the input of the step that lies the lag back, over that of the last step, for a loss at the last "
        "step; both logarithmic. The line is the median over replicas, the area holds the middle half of them. "
        f"Below {smallest:.0e} nothing reaches. A reach is the lag at which the gradient of a replica gets there: lags "
        "are followed, each measured, until it does; the median over replicas is given.",
        Axis("lag (time steps), log", log=True),
        Axis("gradient, share of that of the last step, log", log=True),
        tuple(Series(name, line.points, line.slot, "ribbon") for name, line in lines.items()),
        (Guide("no longer reaches", ((1.0, smallest), (longest, smallest))),),
    )


def _points(details: Mapping[str, Any]) -> tuple[Point, ...]:
    """Return median and quartiles of the ratio at each lag of at least 1.

    Lags are followed until the gradient of the last replica no longer reaches. One that ceased to before stays below
    (or above) all others: where it ended is measured, and where the median then lies as well.
    """
    points = []
    least = _LEAST * details.get("smallest_ratio", _SMALLEST)
    curves = [_ended(curve) for curve in details.get("curve") or ()]
    for lag, *ratios in zip(details.get("lags") or (), *curves, strict=False):
        found = middle(ratios)
        if found is None or found[1] > 1 / least:
            break
        if lag >= 1:
            low, centre, high = (min(max(value, least), 1 / least) for value in found)
            points.append(Point(float(lag), centre, (low, high)))
    return tuple(points)


def _ended(curve: Sequence[float | None]) -> list[float]:
    """Return the ratios of a replica, with 0 or what is larger than any where it had vanished or exploded before."""
    ratios: list[float] = []
    for ratio in curve:
        before = ratios[-1] if ratios else 1.0
        ratios.append(ratio if ratio is not None else 0.0 if before < 1 else _EXPLODED)
    return ratios
