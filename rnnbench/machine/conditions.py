"""The state of the machine at one moment: what may disturb a timing. What the platform does not say is null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

import psutil

from rnnbench.machine.cgroup import held_back_seconds

_Value = TypeVar("_Value")
_THROTTLING = Path("/sys/devices/system/cpu")
_PROCESSOR_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal")
"""What Linux calls the sensors of processors: Intel, AMD, and ARM."""


def conditions() -> dict[str, Any]:
    """Return one entry of the ``conditions`` section of a results document.

    ``time`` (ISO 8601, UTC), ``load`` (averages over 1, 5 and 15 minutes), ``frequency_hz`` (mean over the
    cores), ``temperature_celsius`` (the hottest sensor of the processor), ``throttle_count`` (slowed by heat, since
    boot), ``throttled_seconds`` (held back by the quotas of control groups), ``busy_seconds`` (work of all processes
    since boot), ``steal_seconds`` (taken by the hypervisor since boot), all three over all cores, and
    ``available_memory_bytes``.
    """
    return {
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "load": said(lambda: [round(load, 2) for load in psutil.getloadavg()]),
        "frequency_hz": said(_frequency_hz),
        "temperature_celsius": said(_temperature_celsius),
        "throttle_count": said(throttle_count),
        "throttled_seconds": said(held_back_seconds),
        "busy_seconds": said(_busy_seconds),
        "steal_seconds": said(lambda: float(psutil.cpu_times().steal)),
        "available_memory_bytes": said(lambda: int(psutil.virtual_memory().available)),
    }


def throttle_count(folder: Path = _THROTTLING) -> int | None:
    """Return how often the cores were slowed by heat since boot (Linux on x86), else None."""
    counts = [int(file.read_text()) for file in folder.glob("cpu[0-9]*/thermal_throttle/core_throttle_count")]
    return sum(counts) if counts else None


def said(ask: Callable[[], _Value]) -> _Value | None:
    """Return the answer, or None where this platform has none (psutil leaves out what a system does not offer)."""
    try:
        return ask()
    except (AttributeError, OSError, NotImplementedError, RuntimeError, ValueError):
        return None


def _frequency_hz() -> float | None:
    frequency = psutil.cpu_freq()
    return frequency.current * 1e6 if frequency else None


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    # What guests took is in `user` already, and waiting for a disk is idle time.
    return float(sum(getattr(times, kind, 0.0) for kind in ("user", "nice", "system", "irq", "softirq")))


def _temperature_celsius() -> float | None:
    sensors = psutil.sensors_temperatures()
    return max((entry.current for name in _PROCESSOR_SENSORS for entry in sensors.get(name, [])), default=None)
