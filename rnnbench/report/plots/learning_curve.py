"""Learning curves, with the spread over replicas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnnbench.analysis.contrast import Case
from rnnbench.analysis.wording import plural
from rnnbench.report.plots.plot import Axis, Plot, Point, Series
from rnnbench.report.plots.quartiles import middle
from rnnbench.report.plots.setting import Setting, parted
from rnnbench.report.printable import printable

KIND = "learning-curve"
_ACCURACY = ("accuracy", "accuracy (share)")
_MOST_SHADED = 4
"""With more lines, areas lie over one another and hide the lines."""
_LOSS = ("evaluation_loss", "evaluation loss")


def plots(setting: Setting) -> Iterator[Plot]:
    """Yield a plot for each group of cases that was trained."""
    for group in setting.contrast.groups:
        curves = {label: curve for label, case in group.cases.items() if (curve := _curve(case))}
        loss = any(_judged_by_loss(case) for case in group.cases.values())
        of, title = _LOSS if loss else _ACCURACY
        lines = {label: points for label, curve in curves.items() if (points := _points(curve, of))}
        for part in parted(lines):
            replicas = max(len(curves[label][of][0]) for label in part)
            yield _plot(setting, setting.contrast.setting(group), part, replicas, title)


def _plot(setting: Setting, where: str, lines: Mapping[str, tuple[Point, ...]], replicas: int, title: str) -> Plot:
    lower = title == _LOSS[1]
    ends = {label: points[-1].y for label, points in lines.items()}
    best = (min if lower else max)(ends, key=lambda label: ends[label])
    worst = (max if lower else min)(ends, key=lambda label: ends[label])
    said = f"{printable(best)} ends at a median {title.partition(' (')[0]} of {ends[best]:.2g}"
    said += f", {printable(worst)} at {ends[worst]:.2g}" if worst != best else ""
    shaded = len(lines) <= _MOST_SHADED
    spread = "area around it holds" if shaded else "figures give"
    return Plot(
        KIND,
        where,
        said,
        f"{title.partition(' (')[0].capitalize()} against iterations of training: the line is the median over "
        f"{plural(replicas, 'seed')}, the {spread} the middle half of them.",
        Axis("iterations of training"),
        Axis(f"{title}, log" if lower else title, log=lower),
        tuple(
            Series(
                printable(label),
                points,
                setting.slot(printable(label)),
                "ribbon" if shaded else "curve",
            )
            for label, points in lines.items()
        ),
    )


def _judged_by_loss(case: Case) -> bool:
    return bool(case["metrics"].get("final_loss", {}).get("details", {}).get("judged_by") == "loss")


def _curve(case: Case) -> Mapping[str, Any] | None:
    record = case["metrics"].get("accuracy")
    curve = record["details"].get("curve") if record else None
    return curve if isinstance(curve, Mapping) and curve.get("iterations") else None


def _points(curve: Mapping[str, Any], of: str) -> tuple[Point, ...]:
    """Return the median and quartiles at each evaluation; where a replica has no finite value, nothing."""
    rows: Sequence[Sequence[float | None]] = curve.get(of) or ()
    points = []
    for iteration, values in zip(curve["iterations"], rows, strict=False):
        found = middle(values)
        if found is not None:
            points.append(Point(float(iteration), found[1], (found[0], found[2])))
    return tuple(points)
