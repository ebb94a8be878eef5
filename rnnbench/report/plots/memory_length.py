"""Peak memory of a training step against the length of the sequence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rnnbench.analysis.contrast import Case
from rnnbench.analysis.growth import families
from rnnbench.report.plots.plot import Axis, Guide, Plot, Point, Series
from rnnbench.report.plots.setting import Setting, parted
from rnnbench.report.printable import printable
from rnnbench.report.units import unit_for

KIND = "memory-length"
_FEWEST = 3

Peaks = Mapping[int, float]


def plots(setting: Setting) -> Iterator[Plot]:
    """Yield peaks of the probes of a search for the longest sequence, and of cases that differ in T alone."""
    probed = {
        printable(case["name"]): (peaks, case["metrics"]["max_length_memory"]["details"].get("budget"))
        for case in setting.results.cases
        if len(peaks := _probes(case)) >= _FEWEST
    }
    budgets = [budget for _, budget in probed.values() if isinstance(budget, (int, float))]
    for part in parted({name: peaks for name, (peaks, _) in probed.items()}):
        yield _plot(setting, part, min(budgets, default=None))
    alike = [
        (family, peaks)
        for family in families(setting.results.cases, "time_steps")
        if len(peaks := _peaks(family)) >= _FEWEST
    ]
    labels = [setting.value(family[min(peaks)]) for family, peaks in alike]
    if len(set(labels)) < len(labels):
        labels = [printable(family[min(peaks)]["name"]) for family, peaks in alike]
    for part in parted({label: peaks for label, (_, peaks) in zip(labels, alike, strict=True)}):
        yield _plot(setting, part, None)


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


def _plot(setting: Setting, of: Mapping[str, Peaks], budget: float | None) -> Plot:
    unit = unit_for("bytes", [peak for peaks in of.values() for peak in peaks.values()])
    lengths = [steps for peaks in of.values() for steps in peaks]
    ends = (float(min(lengths)), float(max(lengths)))
    guides = () if budget is None else (Guide("budget", tuple((end, budget / unit.factor) for end in ends)),)
    series = tuple(
        Series(
            name, tuple(Point(float(steps), peak / unit.factor) for steps, peak in peaks.items()), setting.slot(name)
        )
        for name, peaks in of.items()
    )
    per_step = {name: _per_step(peaks) for name, peaks in of.items()}
    least, most = min(per_step, key=lambda name: per_step[name]), max(per_step, key=lambda name: per_step[name])
    title = f"Each further time step takes {per_step[least] / 2**10:.3g} KiB ({least})"
    title += f" to {per_step[most] / 2**10:.3g} KiB ({most})" if most != least else ""
    return Plot(
        KIND,
        "" if budget is None else "against a budget",
        title,
        "Peak memory of one training step above what was there before, against the time steps T; both logarithmic. "
        "One figure each, without an interval.",
        Axis("time steps T, log", log=True),
        Axis(f"peak memory ({unit.name}), log", log=True),
        series,
        guides,
    )


def _per_step(peaks: Peaks) -> float:
    """Return the bytes of a further step between the two ends."""
    first, last = min(peaks), max(peaks)
    return max(0.0, (peaks[last] - peaks[first]) / (last - first))
