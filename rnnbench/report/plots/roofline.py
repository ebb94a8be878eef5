"""The roofline: how fast cases compute, against how much they compute per byte, and what the machine allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rnnbench.analysis.contrast import Case
from rnnbench.report.plots.plot import Axis, Guide, Plot, Point, Series
from rnnbench.report.plots.setting import Setting
from rnnbench.report.printable import printable
from rnnbench.results.metrics import scope_of

KIND = "roofline"
_GIGA = 1e9
_RATES = {
    "memory_bandwidth": "memory",
    "last_cache_bandwidth": "last cache",
    "cache_bandwidth": "core caches",
}


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
        roofs = _roofs(devices[device], dtype, [point.x for _, point in members])
        if roofs:
            yield _plot(setting, key, f"{device}, {dtype}", members, roofs)


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


def _roofs(device: Mapping[str, Any], dtype: str, intensities: list[float]) -> tuple[Guide, ...]:
    """Return min(peak, bandwidth x intensity) for memory and caches; nothing where products were not measured."""
    peak = _fastest(device.get("gemm_peak", {}).get(dtype))
    rates = {title: rate for name, title in _RATES.items() if (rate := _fastest(device.get(name)))}
    if not peak or not rates:
        return ()
    ridges = [peak / rate for rate in rates.values()]
    low, high = min([*intensities, *ridges]) / 2, max([*intensities, *ridges]) * 2
    return tuple(Guide(title, ((low, low * rate), (peak / rate, peak), (high, peak))) for title, rate in rates.items())


def _fastest(estimate: Any) -> float:
    """Return the fastest repeat of a calibrated rate in billions per second; 0 where it was not measured."""
    repeats = estimate.get("repeats") if isinstance(estimate, Mapping) else None
    known = [value for value in repeats if _positive(value)] if isinstance(repeats, list) else []
    return max(known, default=0.0) / _GIGA


def _plot(setting: Setting, key: str, where: str, members: list[tuple[Case, Point]], roofs: tuple[Guide, ...]) -> Plot:
    run = key.removeprefix("flops_fraction.").partition(".")[0]
    scope = scope_of(key.removeprefix("flops_fraction."))
    groups: dict[str, list[Point]] = {}
    names = setting.short_names([case for case, _ in members])
    for case, point in members:
        groups.setdefault(setting.value(case), []).append(replace(point, name=names[case["id"]]))
    series = tuple(Series(label, tuple(points), setting.slot(label), "points") for label, points in groups.items())
    shares = [
        (share, printable(case["name"]))
        for case, _ in members
        if isinstance(share := case["metrics"][key]["details"].get("floor_fraction"), float)
    ]
    title = "What the machine allows, and what cases reach"
    if shares:
        (low, worst), (high, best) = min(shares), max(shares)
        title = f"Of what the machine allows, {best} reaches {_percent(high)}"
        title += f", {worst} {_percent(low)}" if len(shares) > 1 else ""
    return Plot(
        KIND,
        f"{run}, {scope}, {where}",
        f"{title} ({run}, {scope})",
        f"Least arithmetic of a {run} pass (scope {scope}, {where}) over its time, against least arithmetic over "
        "least bytes moved; both logarithmic, with 95 % intervals. The lines are what this machine reached in "
        f"calibration: matrix products at {roofs[0].points[-1][1]:.3g} GFLOP/s, and copies by "
        + ", ".join(f"{roof.label} at {roof.points[0][1] / roof.points[0][0]:.3g} GB/s" for roof in roofs)
        + ".",
        Axis("arithmetic intensity (flop/byte), log", log=True),
        Axis("arithmetic (GFLOP/s), log", log=True),
        series,
        roofs,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
