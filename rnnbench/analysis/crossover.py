"""Where one value of the contrast overtakes the other as the band widens: the crossover, with an interval.

In every launch the ratio of the two times is followed over the bandwidths. Where it passes 1 is read off between its
two neighbours, both on logarithmic scales. Launches are the unit of replication: the interval is theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from rnnbench.analysis.aggregate import times_of
from rnnbench.analysis.contrast import Contrast, Group, diagonals, flatten
from rnnbench.analysis.cost import compared_time
from rnnbench.analysis.statistics import Interval, log_t_interval
from rnnbench.analysis.wording import Finding, sentence
from rnnbench.suite.case import canonical

FEWEST_WIDTHS = 3
"""Bandwidths from which on there is a course to follow."""


class Course(NamedTuple):
    """How a ratio goes with the number of diagonals.

    Attributes
    ----------
    label, metric
        The contrasted value, and the time that is compared.
    taps
        Numbers of diagonals, rising.
    ratios
        For each of them, the time of the contrasted value over the baseline's in every launch.
    """

    label: str
    metric: str
    taps: tuple[int, ...]
    ratios: tuple[tuple[float, ...], ...]

    def by_launch(self) -> list[tuple[float, ...]]:
        """Return the course of every launch."""
        return list(zip(*self.ratios, strict=True))

    def crossing(self) -> tuple[float, Interval | None] | None:
        """Return where the ratio passes 1, with its interval; None where it does not in every launch."""
        found = [crossing(self.taps, ratios) for ratios in self.by_launch()]
        crossed = [value for value in found if value is not None]
        return (median(crossed), log_t_interval(crossed)) if len(crossed) == len(found) else None


def crossover_finding(contrast: Contrast) -> Finding | None:
    """Return from how many diagonals on the baseline is faster; None unless cases differ in bandwidth and little else.

    A contrast of two values (of ``kernel``, say) in groups that are bands of at least :data:`FEWEST_WIDTHS` widths and
    alike otherwise.
    """
    course = course_of(contrast)
    if course is None:
        return None
    figures = {"time_metric": course.metric, "taps": list(course.taps), "ratios": [median(r) for r in course.ratios]}
    where = course.crossing()
    if where is None:
        return {"text": _open_text(course, contrast.baseline), "crossover": None, "ci95": None, **figures}
    label, (value, interval) = course.label, where
    said = f"{value:.0f}" + ("" if interval is None else f" [{interval[0]:.0f}, {interval[1]:.0f}]")
    text = f"bands of more than {said} diagonals run faster by {contrast.baseline} than by {label}"
    if interval is None:
        text += " (no interval from fewer than 3 launches)"
    ci95 = None if interval is None else list(interval)
    return {"text": sentence(text), "crossover": value, "ci95": ci95, **figures}


def course_of(contrast: Contrast) -> Course | None:
    """Return how the ratio goes with the bandwidth; None as in :func:`crossover_finding`."""
    groups = [group for group in contrast.complete() if len(group.cases) == 2]
    widths = {diagonals(case): group for group in groups for case in group.others().values()}
    if None in widths or len(widths) < FEWEST_WIDTHS or len(widths) != len(groups) or not _alike(groups):
        return None
    ordered = [(taps, widths[taps]) for taps in sorted(taps for taps in widths if taps is not None)]
    return _course(ordered, compared_time(groups), next(iter(groups[0].others())))


def crossing(taps: Sequence[int], ratios: Sequence[float]) -> float | None:
    """Return where the ratio passes 1 from below for the last time, or None if it is not below first and above at last.

    Examples
    --------
    >>> crossing([1, 100], [0.1, 10.0])
    10.0
    >>> crossing([1, 100], [0.1, 0.9]) is None
    True
    """
    below = [index for index, ratio in enumerate(ratios) if ratio <= 1]
    if not below or below[-1] == len(ratios) - 1:
        return None
    at = below[-1]
    low, high = math.log(ratios[at]), math.log(ratios[at + 1])
    part = -low / (high - low)
    return math.exp((1 - part) * math.log(taps[at]) + part * math.log(taps[at + 1]))


def _open_text(course: Course, baseline: str) -> str:
    """Say who is faster throughout, or that launches do not agree on a crossover."""
    ends, label = (course.taps[0], course.taps[-1]), course.label
    ratios = [ratio for row in course.ratios for ratio in row]
    faster = label if max(ratios) <= 1 else baseline if min(ratios) > 1 else None
    over = f"over bands of {ends[0]} to {ends[1]} diagonals"
    if faster is None:
        return sentence(f"the times of {label} and {baseline} do not cross in every launch {over}")
    return sentence(f"{faster} is faster {over}; no crossover was reached")


def _course(ordered: Sequence[tuple[int, Group]], key: str, label: str) -> Course | None:
    rows = []
    for _, group in ordered:
        (other,) = group.others().values()
        sides = [times_of(case, key) for case in (other, group.cases[group.baseline])]
        if not sides[0] or len(sides[0]) != len(sides[1]):
            return None
        rows.append(tuple(a / b for a, b in zip(*sides, strict=True)))
    if len({len(row) for row in rows}) != 1:
        return None
    return Course(label, key, tuple(taps for taps, _ in ordered), tuple(rows))


def _alike(groups: Sequence[Group]) -> bool:
    """Say whether the groups differ in connectivity alone."""
    rest = set()
    for group in groups:
        flat = flatten(group.cases[group.baseline]["parameters"])
        del flat["connectivity"]
        rest.add(canonical(flat))
    return len(rest) == 1
