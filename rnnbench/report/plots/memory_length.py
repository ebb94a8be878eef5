"""Peak memory of a training step against the length of the sequence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rnnbench.analysis.contrast import Case
from rnnbench.analysis.growth import families
from rnnbench.report.plots.plot import Axis, Guide, Plot, Point, Series
from rnnbench.report.plots.setting import MOST_LINES, Setting, parted
from rnnbench.report.printable import printable
from rnnbench.report.units import Unit, number, unit_for

KIND = "memory-length"
_FEWEST = 3
_WHOLE = 100

Peaks = Mapping[int, float]


def plots(setting: Setting) -> Iterator[Plot]:
    """Yield peaks of the probes of a search for the longest sequence, and of cases that differ in T alone."""
    probed = [case for case in setting.results.cases if len(_probes(case)) >= _FEWEST]
    names, slots = setting.full_names(probed), setting.slots_of(probed)
    known = {
        names[case["id"]]: _Line(case, _probes(case), slot, _counted(case))
        for case, slot in zip(probed, slots, strict=True)
    }
    budgets = [case["metrics"]["max_length_memory"]["details"].get("budget") for case in probed]
    budget = min((budget for budget in budgets if isinstance(budget, (int, float))), default=None)
    # In the unit of the table, which has one for all cases.
    unit = unit_for("bytes", [line.per_step for line in known.values()]) if known else Unit("bytes")
    for part, how in _parts(known):
        own = setting.full_names([line.case for line in part.values()])
        yield _plot({own[line.case["id"]]: line for line in part.values()}, budget, unit, how)
    alike = [
        (family, peaks)
        for family in families(setting.results.cases, "time_steps")
        if len(peaks := _peaks(family)) >= _FEWEST
    ]
    first = [family[min(peaks)] for family, peaks in alike]
    labels = [setting.value(case) for case in first]
    if len(set(labels)) < len(labels):
        labels = [printable(case["name"]) for case in first]
    lines = {
        label: _Line(case, peaks, slot, _fitted(peaks))
        for label, case, slot, (_, peaks) in zip(labels, first, setting.slots_of(first), alike, strict=True)
    }
    unit = unit_for("bytes", [line.per_step for line in lines.values()]) if lines else unit
    for part, how in _parts(lines):
        yield _plot(part, None, unit, how)


class _Line(NamedTuple):
    case: Case
    peaks: Peaks
    slot: int
    per_step: float


def _parts(lines: Mapping[str, _Line]) -> Iterator[tuple[dict[str, _Line], str]]:
    """Yield the lines in parts that can be read, and what each part has in common.

    Too many are parted by whether every state is kept, which is what makes memory grow; if they are still too many, by
    what a further step takes.
    """
    kept = {name: line for name, line in lines.items() if not (_recomputes(line) or _by_rtrl(line))}
    others = {name: line for name, line in lines.items() if name not in kept}
    if len(lines) <= MOST_LINES or not (kept and others):
        kinds = [(dict(lines), "")]
    else:
        ways = (("states recomputed", _recomputes), ("gradients by rtrl", _by_rtrl))
        how = " or ".join(words for words, holds in ways if any(map(holds, others.values())))
        kinds = [(kept, "every state kept"), (others, how)]
    for members, how in kinds:
        by_step = sorted(members, key=lambda name: members[name].per_step) if len(members) > MOST_LINES else members
        for part in parted({name: members[name] for name in by_step}):
            yield part, how


def _recomputes(line: _Line) -> bool:
    return bool(line.case["parameters"].get("recompute", "none") != "none")


def _by_rtrl(line: _Line) -> bool:
    return bool(line.case["parameters"].get("gradient") == "rtrl")


def _peaks(family: Mapping[int, Case]) -> Peaks:
    return {
        size: case["metrics"]["peak_memory"]["value"]
        for size, case in family.items()
        if case["metrics"].get("peak_memory", {}).get("value")
    }


def _probes(case: Case) -> Peaks:
    record: Mapping[str, Any] | None = case["metrics"].get("max_length_memory")
    probes = record["details"].get("probes") if record else None
    found: dict[int, float] = {}
    for probe in probes or ():
        if probe.get("peak_bytes"):
            found[probe["time_steps"]] = float(probe["peak_bytes"])
    return dict(sorted(found.items()))


def _plot(of: Mapping[str, _Line], budget: float | None, step_unit: Unit, how: str) -> Plot:
    unit = unit_for("bytes", [peak for line in of.values() for peak in line.peaks.values()])
    lengths = [steps for line in of.values() for steps in line.peaks]
    ends = (float(min(lengths)), float(max(lengths)))
    guides = () if budget is None else (Guide("budget", tuple((end, budget / unit.factor) for end in ends)),)
    series = tuple(
        Series(name, tuple(Point(float(steps), peak / unit.factor) for steps, peak in line.peaks.items()), line.slot)
        for name, line in of.items()
    )
    least, most = (ends_by(of, key=lambda name: of[name].per_step) for ends_by in (min, max))
    title = f"With {how}, each" if how else "Each"
    title += f" further time step takes {_said(of[least].per_step, step_unit)} ({least})"
    title += f" to {_said(of[most].per_step, step_unit)} ({most})" if most != least else ""
    return Plot(
        KIND,
        ", ".join(filter(None, ("" if budget is None else "against a budget", how))),
        title,
        "Peak memory of one training step above what was there before, against the time steps T; both logarithmic. "
        "One figure each, without an interval.",
        Axis("time steps T, log", log=True),
        Axis(f"peak memory ({unit.name}), log", log=True),
        series,
        guides,
    )


def _said(per_step: float, unit: Unit) -> str:
    value = per_step / unit.factor
    return f"{number(value, 0 if value >= _WHOLE else None)} {unit.name}"


def _counted(case: Case) -> float:
    """Return the bytes of a further step as the search found them, which are those of the table."""
    record = case["metrics"].get("bytes_per_time_step")
    return float(record["value"]) if record and record["value"] is not None else _fitted(_probes(case))


def _fitted(peaks: Peaks) -> float:
    """Return the bytes of a further step between the two ends."""
    first, last = min(peaks), max(peaks)
    return max(0.0, (peaks[last] - peaks[first]) / (last - first))
