"""Where one value of the contrast overtakes the other as the band widens: banded against dense."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from rnnbench.analysis.crossover import course_of
from rnnbench.analysis.statistics import log_t_interval
from rnnbench.report.plots.plot import Axis, Guide, Plot, Point, Series
from rnnbench.report.plots.setting import Setting
from rnnbench.report.printable import printable

KIND = "crossover"


def plots(setting: Setting) -> Iterator[Plot]:
    """Yield the ratio of the two times over the number of diagonals, where a suite follows it."""
    course = course_of(setting.contrast)
    if course is None:
        return
    label, baseline = printable(course.label), printable(setting.contrast.baseline)
    points = tuple(
        Point(float(taps), median(ratios), log_t_interval(ratios))
        for taps, ratios in zip(course.taps, course.ratios, strict=True)
    )
    ends = (points[0].x, points[-1].x)
    guides = [Guide("equally fast", tuple((end, 1.0) for end in ends))]
    where = course.crossing()
    title = f"{label} and {baseline} do not cross"
    if where is not None:
        value, interval = where
        said = f"{value:.0f}" + ("" if interval is None else f" [{interval[0]:.0f}, {interval[1]:.0f}]")
        title = f"Up to {said} diagonals {label} is faster, beyond {baseline}"
        lowest = min(min(point.y_range or (point.y,)) for point in points)
        guides.append(Guide(f"crossover: {value:.0f}", ((value, lowest), (value, 1.0))))
    yield Plot(
        KIND,
        "",
        title,
        f"Time of {label} over that of {baseline} against the number of diagonals, both logarithmic, with 95 % "
        f"intervals over launches. Below 1, {label} is faster.",
        Axis("diagonals of the band, log", log=True, ticks=tuple(map(float, course.taps))),
        Axis(f"time of {label} / time of {baseline}, log", log=True),
        (Series(f"{label} / {baseline}", points, setting.slot(label)),),
        tuple(guides),
    )
