"""What a reader of the results should know before trusting them, as sentences with what to do."""

from __future__ import annotations

from typing import Any

from rnnbench.machine.busy import BUSY_LOAD_PER_CORE
from rnnbench.results.document import Results

STOLEN_SHARE = 0.02


def warnings(results: Results) -> list[str]:
    """Return the warnings of a document, from its conditions, its tags and its kernels."""
    found = [_busy(results), _throttled(results), _stolen(results), _quick(results), _uncalibrated(results)]
    found += _kernels(results)
    return [warning for warning in found if warning is not None]


def _busy(results: Results) -> str | None:
    load = (results.data["conditions"]["start"] or {}).get("load")
    cores = results.machine["cpu"]["logical"]
    if not load or not cores or load[0] <= BUSY_LOAD_PER_CORE * cores:
        return None
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
