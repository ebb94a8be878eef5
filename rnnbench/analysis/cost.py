"""Findings on what a case costs beside the baseline: weights stored, time of a pass, peak memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rnnbench.analysis.aggregate import launch_medians
from rnnbench.analysis.contrast import Case, Group
from rnnbench.analysis.statistics import ratio_interval
from rnnbench.analysis.wording import (
    MOST_NAMED,
    NEAR,
    Finding,
    count,
    factor,
    hundredths,
    listing,
    sentence,
    spread,
    with_interval,
)
from rnnbench.results.metrics import resolution, scope_of

_PASSES = ("training_time", "forward_time")
_SCOPES = ("layer", "model", "recurrence")
_OF_SCOPE = {
    "layer": (" of a layer", "W x included"),
    "model": (" of the whole model", ""),
    "recurrence": (" of the recurrence alone", "W x given"),
}


@dataclass(frozen=True)
class Ratio:
    """A metric of a case over the baseline's."""

    label: str
    case: Case
    value: float
    baseline: float
    interval: tuple[float, float] | None = None

    @property
    def ratio(self) -> float:
        """``value / baseline``."""
        return self.value / self.baseline

    @property
    def includes_one(self) -> bool:
        """Whether its interval includes 1: the two are not told apart."""
        return self.interval is not None and self.interval[0] <= 1 <= self.interval[1]

    @property
    def told_less(self) -> bool:
        """Whether all of its interval is below 1."""
        return self.interval is not None and self.interval[1] < 1

    @property
    def told_more(self) -> bool:
        """Whether all of its interval is above 1."""
        return self.interval is not None and self.interval[0] > 1

    def figures(self) -> dict[str, Any]:
        """Return the figures for the document."""
        interval = None if self.interval is None else list(self.interval)
        return {"case": self.case["name"], "ratio": self.ratio, "ci95": interval}


def told(ratio: Ratio | None) -> str:
    """Return a ratio of times with its interval; empty of None."""
    return with_interval(ratio.ratio, ratio.interval, hundredths, "x") if ratio else ""


def told_span(ratios: Sequence[Ratio]) -> str:
    """Return ``0.64x [0.60, 0.69] to 1.06x [0.77, 1.79]``, or the one ratio."""
    ordered = sorted(ratios, key=lambda ratio: ratio.ratio)
    return " to ".join(dict.fromkeys(told(ratio) for ratio in (ordered[0], ordered[-1])))


def held(ratio: Ratio | None) -> str:
    """Return a ratio of times as a table holds it: with whether it can be told from 1; empty of None."""
    doubt = ", no interval" if ratio and ratio.interval is None else ""
    return f"{told(ratio)}{', not told apart' if ratio and ratio.includes_one else doubt}"


def told_memory(ratio: Ratio) -> str:
    """Return a ratio of peak memories; ``about 1x`` where the difference is below what one process each can tell."""
    return "about 1x" if is_near(ratio) else f"{hundredths(ratio.ratio)}x"


def is_near(ratio: Ratio) -> bool:
    """Say whether two peak memories differ by less than the metric's resolution."""
    return abs(ratio.value - ratio.baseline) <= resolution("peak_memory")


def ratios(groups: Sequence[Group], key: str) -> list[Ratio]:
    """Return every case's metric over its group's baseline, where both were measured and neither is zero."""
    found = []
    for group in groups:
        base = group.cases[group.baseline]["metrics"].get(key)
        for label, case in group.others().items():
            record = case["metrics"].get(key)
            if base and record and base["value"] and record["value"]:
                timed = base["unit"] == "s" and base["samples"] and record["samples"]
                medians = [launch_medians(side["samples"]) for side in (record, base)] if timed else None
                interval = ratio_interval(*medians) if medians else None
                found.append(Ratio(label, case, record["value"], base["value"], interval))
    return found


def without_floor(groups: Sequence[Group]) -> list[Group]:
    """Return the groups without the case that has no recurrence, where others remain to hold against the baseline.

    It would be the extreme of every range of costs, and no candidate for an answer.
    """
    return [
        Group({label: case for label, case in group.cases.items() if label != "none"}, group.baseline)
        if group.baseline != "none" and len(group.others()) > 1
        else group
        for group in groups
    ]


def storage_finding(groups: Sequence[Group]) -> Finding | None:
    """Return how many weights are stored, recurrent and in all, beside the baseline's."""
    recurrent, total = ratios(groups, "recurrent_parameters"), ratios(groups, "total_parameters")
    if not recurrent:
        return None
    who, verb = (recurrent[0].label, "stores") if len(recurrent) == 1 else ("the others", "store")
    text = f"{who} {verb} {_amount(recurrent, groups, 'recurrent weights')}"
    if total:
        text += f" and {_amount(total, groups, 'weights in all')}"
    return {
        "text": sentence(text),
        "recurrent_parameters": [ratio.figures() for ratio in recurrent],
        "total_parameters": [ratio.figures() for ratio in total],
    }


def _amount(found: Sequence[Ratio], groups: Sequence[Group], what: str) -> str:
    """Return ``5.6x fewer recurrent weights than dense (46 against 256)``.

    Over several cases ``1.9x (upper_triangular) to 16x (diagonal)``, over several settings with the median.
    """
    how, than, turned = "as many", "as", False
    if all(ratio.ratio <= 1 for ratio in found):
        how, than, turned = "fewer", "than", True
    elif all(ratio.ratio >= 1 for ratio in found):
        how, than = "more", "than"
    factors = {id(ratio): 1 / ratio.ratio if turned else ratio.ratio for ratio in found}
    if len(groups) > 1:
        return f"{spread(list(factors.values()), factor)} {how} {what} {than} {groups[0].baseline}"
    ordered = sorted(found, key=lambda ratio: factors[id(ratio)])
    counts = " to ".join(dict.fromkeys(count(ratio.value) for ratio in (ordered[0], ordered[-1])))
    amount = _ends([(ratio.label, factor(factors[id(ratio)])) for ratio in ordered])
    return f"{amount} {how} {what} {than} {groups[0].baseline} ({counts} against {count(ordered[0].baseline)})"


def _ends(ordered: Sequence[tuple[str, str]]) -> str:
    """Return ``1.9x (upper_triangular) to 16x (diagonal)`` for (label, text) in order, or the one text there is."""
    (first, low), (last, high) = ordered[0], ordered[-1]
    return low if low == high else f"{low} ({first}) to {high} ({last})"


def compared_time(groups: Sequence[Group]) -> str:
    """Return the time that costs are compared by: of a whole training pass, in the scope that a user sees; or ""."""
    keys = [f"{name}.{scope}" for name in _PASSES for scope in _SCOPES]
    return next((key for key in keys if ratios(groups, key)), "")


def pass_of(key: str) -> str:
    """Return what a time is of: ``training pass of a layer (forward and backward, W x included)``."""
    training = key.startswith("training")
    of, included = _OF_SCOPE.get(scope_of(key) or "", ("", ""))
    inside = ", ".join(part for part in ("forward and backward" if training else "", included) if part)
    return f"{'training' if training else 'forward'} pass{of}{f' ({inside})' if inside else ''}"


def named_scope(scope: str | None) -> str:
    """Return what a scope is of, for people who do not know the word: ``layer (W x included)``."""
    of, included = _OF_SCOPE.get(scope or "", (scope or "", ""))
    what = of.removeprefix(" of ").removeprefix("a ").removeprefix("the ")
    return f"{what} ({included})" if included else what


def time_finding(groups: Sequence[Group]) -> Finding | None:
    """Return how long a pass takes and how much memory a training step needs, beside the baseline's."""
    key = compared_time(groups)
    times = ratios(groups, key)
    memory = ratios(groups, "peak_memory")
    parts = []
    if times:
        who = f" with {times[0].label}" if len(times) == 1 else ""
        parts.append(f"a {pass_of(key)}{who} takes {_times(times, groups)}")
    if memory:
        of = "" if times or len(memory) > 1 else f" of {memory[0].label}"
        parts.append(f"peak memory of a training step{of} is {_peaks(memory, groups)}")
    if not parts:
        return None
    return {
        "text": sentence("; ".join(parts)),
        "time_metric": key or None,
        "time_ratios": [ratio.figures() for ratio in times],
        "memory_ratios": [ratio.figures() for ratio in memory],
    }


def _peaks(memory: Sequence[Ratio], groups: Sequence[Group]) -> str:
    """Return ``0.72x (diagonal) to about 1x (tridiagonal) that of dense (no interval)``."""
    baseline = groups[0].baseline
    if all(map(is_near, memory)):
        return f"about that of {baseline} (differences under {NEAR}, too small for one process each to tell)"
    if len(groups) > 1:
        return f"{_factors(memory, groups)} that of {baseline} (no interval)"
    ordered = sorted(memory, key=lambda ratio: ratio.ratio)
    return f"{_ends([(ratio.label, told_memory(ratio)) for ratio in ordered])} that of {baseline} (no interval)"


def _times(found: Sequence[Ratio], groups: Sequence[Group]) -> str:
    """Return the range of times, and for which cases the interval includes 1."""
    text = f"{_factors(found, groups)} the time of {groups[0].baseline}"
    if any(ratio.interval is None for ratio in found):
        return f"{text} (no interval from fewer than 3 launches)"
    alike = [ratio.label for ratio in found if ratio.interval and ratio.interval[0] <= 1 <= ratio.interval[1]]
    if len(alike) == len(found):
        return f"{text}, which is no measurable difference" if len(found) == 1 else f"{text}; every interval includes 1"
    if len(found) == 1:
        return text
    if not alike:
        return f"{text}; no interval includes 1"
    named = listing(alike) if len(groups) == 1 and len(alike) <= MOST_NAMED else f"{len(alike)} of {len(found)}"
    return f"{text}; the interval includes 1 for {named}"


def _factors(found: Sequence[Ratio], groups: Sequence[Group]) -> str:
    """Return ``0.95x [0.91, 0.99] (diagonal) to 1.31x [1.25, 1.38] (random(46))``."""
    if len(groups) > 1:
        return spread([ratio.ratio for ratio in found], lambda value: f"{hundredths(value)}x")
    ordered = sorted(found, key=lambda ratio: ratio.ratio)
    return _ends([(ratio.label, with_interval(ratio.ratio, ratio.interval, hundredths, "x")) for ratio in ordered])
