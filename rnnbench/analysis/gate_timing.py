"""The gate on timings: from the launches of cases to lines, by the rule of :mod:`rnnbench.analysis.stored_gate`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from rnnbench.analysis.align import Case
from rnnbench.analysis.gate_line import Line, Outcome
from rnnbench.analysis.launches import Array, log_launches
from rnnbench.analysis.stored_gate import Judgement, Timings, judge, launches_needed

Timed = tuple[str, Case, Case, float]
"""Metric key, case of base, case of new, limit."""


def timing_lines(timed: Sequence[Timed], sessions: Sequence[Mapping[str, Case]], alpha: float) -> list[Line]:
    """Return a line for each timing; all of them share the error rate ``alpha``.

    ``sessions`` has the cases of each earlier session by id. A line whose launches cannot reach ``alpha`` has no
    p-value.
    """
    if not timed:
        return []
    signs = np.array([-1.0 if first["metrics"][key]["better"] == "higher" else 1.0 for key, first, _, _ in timed])
    base = signs[:, None] * _launches([(key, first) for key, first, _, _ in timed])
    new = signs[:, None] * _launches([(key, second) for key, _, second, _ in timed])
    values = [[case["metrics"][key]["value"] for case in (first, second)] for key, first, second, _ in timed]
    change = signs * np.log(np.array(values)[:, 1] / np.array(values)[:, 0])
    earlier = np.array([[_figure(cases.get(first["id"]), key) for cases in sessions] for key, first, _, _ in timed])
    limits = np.array([limit for *_, limit in timed])
    judged = judge(Timings(base, new, change, np.log(earlier.reshape(len(timed), len(sessions))), limits), alpha)
    return [
        _line(one, index, judged, (int(counts[0]), int(counts[1])), alpha)
        for index, (one, counts) in enumerate(zip(timed, zip(_count(base), _count(new), strict=True), strict=True))
    ]


def _launches(wanted: Sequence[tuple[str, Case]]) -> Array:
    """Return the logarithms of launch medians of (metric, case), in the order asked for."""
    tables = [log_launches([case for _, case in group], key) for key, group in groupby(wanted, key=lambda one: one[0])]
    table = np.full((len(wanted), max(part.shape[1] for part in tables)), np.nan)
    start = 0
    for part in tables:
        table[start : start + len(part), : part.shape[1]] = part
        start += len(part)
    return table


def _figure(case: Case | None, key: str) -> float:
    record = case["metrics"].get(key) if case is not None else None
    return record["value"] if record is not None and record["value"] else math.nan


def _count(table: Array) -> list[int]:
    counts: list[int] = np.isfinite(table).sum(axis=1).tolist()
    return counts


def _line(timed: Timed, index: int, judged: Judgement, launches: tuple[int, int], alpha: float) -> Line:
    key, first, second, limit = timed
    base, new = (case["metrics"][key]["value"] for case in (first, second))
    possible = bool(judged.least_p[index] <= alpha)
    half = float(judged.half[index])
    worse = (new > base) == (first["metrics"][key]["better"] != "higher")
    noise = float(judged.noise[index])
    outcome = Outcome.INCONCLUSIVE
    if judged.worse[index] or judged.better[index]:
        outcome = Outcome.REGRESSED if judged.worse[index] else Outcome.IMPROVED
    elif judged.same[index]:
        outcome = Outcome.SAME
    p = float((judged.p_worse if worse else judged.p_better)[index])
    return Line(
        key,
        first["id"],
        first["name"],
        outcome,
        base,
        new,
        limit,
        change=new / base - 1,
        interval=(new / base * math.exp(-half) - 1, new / base * math.exp(half) - 1) if math.isfinite(half) else None,
        threshold=math.expm1(judged.threshold[index]),
        noise=math.expm1(noise) if math.isfinite(noise) else None,
        sessions=int(judged.sessions[index]),
        p=p if possible else None,
        launches=launches,
        binding=bool(judged.binding[index]),
        needs=_needs(judged, index, limit, launches, alpha) if outcome is Outcome.INCONCLUSIVE else "",
    )


def _needs(judged: Judgement, index: int, limit: float, launches: tuple[int, int], alpha: float) -> str:
    """Return what would decide an inconclusive timing."""
    from rnnbench.analysis.permutation import fewest_launches

    fewest = fewest_launches(alpha)
    launch_half, half = float(judged.launch_half[index]), float(judged.half[index])
    if limit == 0:
        return "a limit above 0: times are never equal"
    if min(launches) < fewest or not math.isfinite(launch_half):
        return f"{max(fewest, 3)} launches"
    if judged.threshold[index] > math.log1p(limit) or (half > launch_half > 0 and 2 * (half - launch_half) > half):
        return f"quieter sessions: they differ by {100 * math.expm1(judged.noise[index]):.1f} %"
    return f"about {launches_needed(min(launches), launch_half, limit)} launches"
