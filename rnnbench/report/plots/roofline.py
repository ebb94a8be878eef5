"""The roofline: how fast cases compute, against how much they compute per byte, and what the machine allows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rnnbench.analysis.contrast import Case, flatten, label
from rnnbench.analysis.cost import named_scope
from rnnbench.report.plots.labels import MOST_NAMED
from rnnbench.report.plots.plot import Axis, Guide, Plot, Point, Series
from rnnbench.report.plots.setting import Setting
from rnnbench.report.printable import printable
from rnnbench.report.units import in_unit, share_text
from rnnbench.results.metrics import scope_of

KIND = "roofline"
_GIGA = 1e9
_MOST_PARTS = 4
_SLOPE = 5.0
"""The slope of memory is drawn from at most this part of the intensity at which it ends."""
_RATES = {
    "memory_bandwidth": "memory",
    "last_cache_bandwidth": "last cache",
    "cache_bandwidth": "core caches",
}

Members = list[tuple[Case, Point]]


def plots(setting: Setting) -> Iterator[Plot]:
    """Yield a plot for each pass, scope and dtype of a calibrated device that cases ran on."""
    calibration = setting.results.calibration or {}
    devices = calibration.get("devices")
    if not isinstance(devices, Mapping):
        return
    found: dict[tuple[str, str, str], list[tuple[Case, Point]]] = {}
    for case in setting.results.cases:
        device = _device(setting, case)
        dtype = str(case["parameters"].get("dtype"))
        for key, record in case["metrics"].items():
            point = _point(case, key, record)
            if point is not None and device in devices:
                found.setdefault((key, device, dtype), []).append((case, point))
    for (key, device, dtype), members in found.items():
        peak = _fastest(devices[device].get("gemm_peak", {}).get(dtype))
        rates = {title: rate for name, title in _RATES.items() if (rate := _fastest(devices[device].get(name)))}
        if peak and rates:
            for part, where in _parts(setting, members):
                yield _plot(setting, key, ", ".join(filter(None, (where, device, dtype))), part, peak, rates)


def _parts(setting: Setting, members: Members) -> Iterator[tuple[Members, str]]:
    """Yield the cases in few plots with few enough points to be named, and what each has in common.

    They are parted by the parameter that makes the fewest parts; where none does, they stay together.
    """
    flat = {case["id"]: flatten(case["parameters"]) for case, _ in members}
    best: dict[str, Members] = {"": members}
    if len(members) > MOST_NAMED:
        for key in {key for one in flat.values() for key in one} - {setting.contrast.axis}:
            parts: dict[str, Members] = {}
            for member in members:
                value = flat[member[0]["id"]].get(key)
                parts.setdefault(f"{key} {label(key, value)}", []).append(member)
            small = 1 < len(parts) <= _MOST_PARTS and max(map(len, parts.values())) <= MOST_NAMED
            if small and (len(best) == 1 or (len(parts), key) < (len(best), min(best))):
                best = parts
    for where, part in best.items():
        yield part, printable(where)


def _device(setting: Setting, case: Case) -> str:
    """Return the kind of device that a case ran on, as calibrations name it."""
    asked = str(case["parameters"].get("device"))
    resolved = setting.results.run.get("devices")
    actual = resolved.get(asked, asked) if isinstance(resolved, Mapping) else asked
    return str(actual).partition(":")[0]


def _point(case: Case, key: str, record: Mapping[str, Any]) -> Point | None:
    """Return where a pass lies, from what the document says of its least work and its time."""
    if not key.startswith("flops_fraction."):
        return None
    run, _, scope = key.removeprefix("flops_fraction.").partition(".")
    time = case["metrics"].get(f"{run}_time.{scope}")
    work, moved = record["details"].get("flops"), record["details"].get("bytes")
    if not (time and time["value"] and _positive(work) and _positive(moved)):
        return None
    low, high = time["ci95"] or (None, None)
    interval = (work / high / _GIGA, work / low / _GIGA) if low and high else None
    return Point(work / moved, work / time["value"] / _GIGA, interval)


def _positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and value > 0


def _roofs(peak: float, rates: Mapping[str, float], intensities: Sequence[float]) -> tuple[Guide, ...]:
    """Return min(peak, bandwidth x intensity): a slope for memory and for caches, and one line that they end in.

    Slopes that end before the first case begins limit none, and are left out but for that of memory.
    """
    ridges = {title: peak / rate for title, rate in rates.items()}
    low = min(min(intensities) / 2, max(ridges.values()) / _SLOPE)
    high = max([*intensities, *ridges.values()]) * 2
    drawn = {title: ridge for title, ridge in ridges.items() if ridge > low * math.sqrt(_SLOPE)}
    slopes = (Guide(title, ((low, low * peak / ridge), (ridge, peak))) for title, ridge in drawn.items())
    return (*slopes, Guide("products", ((min(drawn.values()), peak), (high, peak))))


def _fastest(estimate: Any) -> float:
    """Return the fastest repeat of a calibrated rate in billions per second; 0 where it was not measured."""
    repeats = estimate.get("repeats") if isinstance(estimate, Mapping) else None
    known = [value for value in repeats if _positive(value)] if isinstance(repeats, list) else []
    return max(known, default=0.0) / _GIGA


def _plot(setting: Setting, key: str, where: str, members: Members, peak: float, rates: Mapping[str, float]) -> Plot:
    run = key.removeprefix("flops_fraction.").partition(".")[0]
    scope = scope_of(key.removeprefix("flops_fraction."))
    groups: dict[str, list[Point]] = {}
    names = setting.short_names([case for case, _ in members])
    for case, point in members:
        groups.setdefault(setting.value(case), []).append(replace(point, name=names[case["id"]]))
    series = tuple(Series(label, tuple(points), setting.slot(label), "points") for label, points in groups.items())
    shares = [
        (share, _full(setting.value(case), names[case["id"]]))
        for case, _ in members
        if isinstance(share := case["metrics"][key]["details"].get("floor_fraction"), float)
    ]
    title = "What the machine allows, and what cases reach"
    if shares:
        (low, worst), (high, best) = min(shares), max(shares)
        title = f"Of what the machine allows, {best} reaches {share_text(high)}"
        title += f", {worst} {share_text(low)}" if len(shares) > 1 else ""
    return Plot(
        KIND,
        f"{run}, {named_scope(scope)}, {where}",
        f"{title} ({run}, {scope})",
        f"Least arithmetic of a {run} pass, {named_scope(scope)}, {where}, over its time, against least arithmetic "
        "over least bytes moved; both logarithmic, with 95 % intervals. The lines are the best that this machine "
        f"reached in calibration: matrix products at {in_unit('flop/s', peak * _GIGA)}, and copies by "
        + ", ".join(f"{title} at {in_unit('bytes/s', rate * _GIGA)}" for title, rate in rates.items())
        + ". The shares are those of the table, in which the latency of dependent steps is a limit, too.",
        Axis("arithmetic intensity (flop/byte), log", log=True),
        Axis("arithmetic (GFLOP/s), log", log=True),
        series,
        _roofs(peak, rates, [point.x for _, point in members]),
    )


def _full(value: str, short: str) -> str:
    return value if short == value else f"{value}/{short}"
