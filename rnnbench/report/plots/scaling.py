"""Throughput against T, B, H and bandwidth, with intervals and the slopes of the lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rnnbench.analysis.contrast import Case, flatten, label, name
from rnnbench.analysis.cost import named_scope
from rnnbench.analysis.form import time_key
from rnnbench.analysis.growth import SIZES, TAPS, families, slope_of
from rnnbench.analysis.wording import hundredths, with_interval
from rnnbench.report.plots.plot import Axis, Plot, Point, Series
from rnnbench.report.plots.setting import MOST_LINES, Setting
from rnnbench.report.printable import printable
from rnnbench.report.units import Unit, unit_for
from rnnbench.results.metrics import scope_of

KIND = "throughput"
_FEWEST = 3
_WORDS = {"time_steps": "time steps T", "batch": "batch B", "hidden": "hidden size H", TAPS: "diagonals of the band"}
_AXES = {TAPS: "bandwidth"}
_RATES = ("training_throughput", "forward_throughput")
_SCOPES = ("layer", "model", "recurrence")

Family = Mapping[int, Case]


def plots(setting: Setting) -> Iterator[Plot]:
    """Yield a plot for each size of which cases that are alike otherwise have three values or more."""
    for size, words in _WORDS.items():
        of = [family for family in families(setting.results.cases, size) if len(family) >= _FEWEST]
        key = _compared(of)
        known = [member for family in of if len(member := _measured(family, key)) >= _FEWEST]
        slots = setting.slots_of([next(iter(family.values())) for family in known])
        for start in range(0, len(known), MOST_LINES):
            end = start + MOST_LINES
            yield _plot(known[start:end], slots[start:end], size, words, key)


def _compared(of: Sequence[Family]) -> str:
    """Return the rate that most is known of: of training in the scope that a user sees, if it was measured."""
    keys = [f"{rate}.{scope}" for rate in _RATES for scope in _SCOPES]
    return next((key for key in keys if any(len(_measured(family, key)) >= _FEWEST for family in of)), "")


def _measured(family: Family, key: str) -> Family:
    return {size: case for size, case in family.items() if case["metrics"].get(key, {}).get("value")}


class _Slope(NamedTuple):
    value: float
    text: str


def _plot(of: Sequence[Family], slots: Sequence[int], size: str, words: str, key: str) -> Plot:
    values = [case["metrics"][key]["value"] for family in of for case in family.values()]
    unit = unit_for("steps/s", values)
    labels = _labels(of, size)
    slopes = [_slope(family, key, size) for family in of]
    series = tuple(
        Series(
            f"{said} {slope.text}".strip() or words,
            tuple(_point(n, case, key, unit) for n, case in family.items()),
            slot if said else 0,
        )
        for said, slope, family, slot in zip(labels, slopes, of, slots, strict=True)
    )
    what = f"{key.partition('_')[0]} throughput"
    sizes = tuple(float(value) for value in sorted({value for family in of for value in family}))
    scope = scope_of(key)
    return Plot(
        KIND,
        f"{_AXES.get(size, SIZES.get(size, size))}, {named_scope(scope)}",
        f"{what.capitalize()} against {words}: {_title(labels, slopes)}",
        f"Time steps per second (T times B over the time of a pass: {named_scope(scope)}) against {words}, "
        "everything else equal, both logarithmic, with 95 % intervals over launches. A slope of 0 says that the rate "
        "does not depend on the size, -1 that twice the size takes twice the time per step.",
        Axis(f"{words}, log", log=True, ticks=sizes),
        Axis(f"{what} ({unit.name}), log", log=True),
        series,
    )


def _title(labels: Sequence[str], slopes: Sequence[_Slope]) -> str:
    if len(slopes) == 1:
        return slopes[0].text or "no slope"
    ends = sorted(zip(slopes, labels, strict=True))
    (low, steepest), (high, flattest) = ends[0], ends[-1]
    return f"{low.text} ({steepest}) to {high.text.removeprefix('slope ')} ({flattest})"


def _slope(family: Family, key: str, size: str) -> _Slope:
    """Return ``slope -0.98 [-1.02, -0.94]``: of the rate, which is T B over the time; no text where it is not known."""
    found = slope_of(family, time_key(key))
    if found is None:
        return _Slope(0.0, "")
    of_steps = 1.0 if size in ("time_steps", "batch") else 0.0
    slope, interval = _rounded(of_steps - found[0]), found[1]
    turned = None if interval is None else (_rounded(of_steps - interval[1]), _rounded(of_steps - interval[0]))
    return _Slope(slope, f"slope {with_interval(slope, turned, hundredths)}")


def _rounded(slope: float) -> float:
    """Return a slope to two decimals, where -0.00 is 0.00."""
    return round(slope, 2) + 0.0


def _labels(of: Sequence[Family], size: str) -> list[str]:
    """Return what tells each family from the others."""
    flats = []
    for family in of:
        flat = flatten(next(iter(family.values()))["parameters"])
        # What changes along the line does not name it; the input may follow the hidden size.
        flats.append({key: value for key, value in flat.items() if key not in _along(size)})
    keys = [key for key in flats[0] if len({label(key, flat.get(key)) for flat in flats}) > 1]
    texts = [", ".join(printable(name(key, flat[key])) for key in keys if key in flat) for flat in flats]
    return texts


def _along(size: str) -> set[str]:
    return {"connectivity"} if size == TAPS else {size, "input"} if size == "hidden" else {size}


def _point(size: int, case: Case, key: str, unit: Unit) -> Point:
    record = case["metrics"][key]
    interval = tuple(end / unit.factor for end in record["ci95"]) if record["ci95"] else None
    return Point(float(size), record["value"] / unit.factor, interval)
