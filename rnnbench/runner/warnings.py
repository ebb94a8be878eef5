"""What a reader of the results should know before trusting them, as sentences with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from rnnbench.analysis.cautions import busy
from rnnbench.results.document import Results

STOLEN_SHARE = 0.02
DRIFT = 0.05
"""Of the machine's speed between the first and the last launch: as much as a regression is allowed to be."""


def warnings(results: Results) -> list[str]:
    """Return the warnings of a document, from its conditions, its tags and its kernels."""
    found = [_busy(results), _throttled(results), _stolen(results), _drifted(results), _disturbed(results)]
    found += [_quick(results), _uncalibrated(results), *_kernels(results)]
    return [warning for warning in found if warning is not None]


def _busy(results: Results) -> str | None:
    if not busy(results.data):
        return None
    load, cores = results.data["conditions"]["start"]["load"], results.machine["cpu"]["logical"]
    return (
        f"The machine was busy when the run started (load {load[0]:.2g} on {cores} logical cores): times may be "
        "long and noisy. Stop other work and run again."
    )


def _throttled(results: Results) -> str | None:
    times = _rise(results, "throttle_count")
    if not times:
        return None
    return f"The processor was slowed by heat {times:g} times during the run: times may drift. Cool it and run again."


def _stolen(results: Results) -> str | None:
    stolen, seconds = _rise(results, "steal_seconds"), _run_seconds(results)
    if not stolen or not seconds or stolen <= STOLEN_SHARE * seconds:
        return None
    return (
        f"Other guests of this virtual machine's host took {stolen:.1f} s of processor time in a run of {seconds:.0f} "
        "s: times may be noisy. Use a quieter host, or more launches."
    )


def _drifted(results: Results) -> str | None:
    """Compare the fixed work before the jobs of the first launch with that before those of the last."""
    seconds: dict[int, list[float]] = {}
    for launch in _launches(results):
        if not launch["again"] and (launch.get("conditions") or {}).get("fixed_work_seconds"):
            seconds.setdefault(launch["launch"], []).append(launch["conditions"]["fixed_work_seconds"])
    if len(seconds) < 2:
        return None
    drift = median(seconds[max(seconds)]) / median(seconds[min(seconds)]) - 1
    if abs(drift) <= DRIFT:
        return None
    pace = "slower" if drift > 0 else "faster"
    return (
        f"The machine was {100 * abs(drift):.0f} % {pace} at the last launch than at the first (by a small work that "
        "stays the same): times have drifted. Let it reach its working temperature, stop other work, and run again."
    )


def _disturbed(results: Results) -> str | None:
    """Say how many launches were disturbed, by what, and how figures are formed of them."""
    launches = [launch for launch in _launches(results) if launch.get("conditions")]
    first = [launch for launch in launches if not launch["again"]]
    hit = [launch for launch in first if launch["disturbed"]]
    if not hit:
        return None
    aside = sum(not launch["counts"] for launch in hit)
    stand = len(hit) - aside
    what = f"In {aside} places a second take counts, and the first is kept beside it. " if aside else ""
    what += f"{stand} stand as they were, and their figures are flagged. " if stand else ""
    return (
        f"{len(hit)} of {len(first)} timed launches were disturbed, such as: {hit[0]['disturbed'][0]}. {what}"
        "`rnnbench machine` says how quiet this machine is."
    )


def _launches(results: Results) -> Iterator[dict[str, Any]]:
    for case in results.cases:
        yield from case.get("launches", [])


def _quick(results: Results) -> str | None:
    if "quick" not in results.run["tags"]:
        return None
    return "This was a quick run (--quick): a preview with less training and wider intervals, not a result to quote."


def _uncalibrated(results: Results) -> str | None:
    reason = results.run.get("calibration_failure")
    if reason is None:
        return _calibrated_busy(results)
    return (
        f"What this machine can reach could not be measured ({reason}): figures have no share of it. "
        "`rnnbench machine --calibrate` tries again."
    )


def _calibrated_busy(results: Results) -> str | None:
    devices = (results.calibration or {}).get("devices", {})
    if not any(figures["busy"] for figures in devices.values()):
        return None
    return (
        "The machine was busy when what it can reach was measured: it may reach more, and shares of that are then too "
        "large. The next run on the quiet machine measures it again."
    )


def _kernels(results: Results) -> list[str]:
    names: dict[str, list[str]] = {}
    # Where the suite asks for kernels by name, they are what it compares.
    for case in (case for case in results.cases if case["parameters"]["kernel"] == "auto"):
        if case["kernel"] is not None and any(key.partition(".")[0].endswith("_time") for key in case["metrics"]):
            names.setdefault(case["kernel"]["name"], []).append(case["name"])
    if len(names) < 2:
        return []
    shares = ", ".join(f"{name} ({_some(cases)})" for name, cases in names.items())
    return [
        f"Cases were timed on different kernels: {shares}. Their times compare kernels as well as models; "
        "--set kernel=eager times them all alike."
    ]


def _some(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} more"


def _rise(results: Results, key: str) -> float | None:
    """Return by how much a counter of the conditions rose during the run, None where it is not known.

    It is not known of a resumed run either: the counters went on between its parts, or began anew.
    """
    if results.run.get("resumed"):
        return None
    conditions: dict[str, Any] = results.data["conditions"]
    start, end = (conditions.get(moment) or {} for moment in ("start", "end"))
    if start.get(key) is None or end.get(key) is None:
        return None
    return float(end[key] - start[key])


def _run_seconds(results: Results) -> float | None:
    from datetime import datetime

    conditions: dict[str, Any] = results.data["conditions"]
    start, end = (conditions.get(moment) or {} for moment in ("start", "end"))
    if "time" not in start or "time" not in end:
        return None
    return (datetime.fromisoformat(end["time"]) - datetime.fromisoformat(start["time"])).total_seconds()
