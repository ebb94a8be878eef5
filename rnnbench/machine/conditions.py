"""The state of the machine at one moment: what may disturb a timing. What the platform does not say is null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

import psutil

_Value = TypeVar("_Value")
_THROTTLING = Path("/sys/devices/system/cpu")


def conditions() -> dict[str, Any]:
    """Return one entry of the ``conditions`` section of a results document.

    ``time`` (ISO 8601, UTC), ``load`` (averages over 1, 5 and 15 minutes), ``frequency_hz`` (mean over the
    cores), ``throttle_count`` (since boot), ``steal_seconds`` (taken by the hypervisor since boot, all cores),
    ``available_memory_bytes``.
    """
    return {
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "load": _said(lambda: [round(load, 2) for load in psutil.getloadavg()]),
        "frequency_hz": _said(_frequency_hz),
        "throttle_count": _said(throttle_count),
        "steal_seconds": _said(lambda: float(psutil.cpu_times().steal)),
        "available_memory_bytes": _said(lambda: int(psutil.virtual_memory().available)),
    }


def throttle_count(folder: Path = _THROTTLING) -> int | None:
    """Return how often the cores were slowed by heat since boot (Linux on x86), else None."""
    counts = [int(file.read_text()) for file in folder.glob("cpu[0-9]*/thermal_throttle/core_throttle_count")]
    return sum(counts) if counts else None


def _frequency_hz() -> float | None:
    frequency = psutil.cpu_freq()
    return frequency.current * 1e6 if frequency else None


def _said(ask: Callable[[], _Value]) -> _Value | None:
    """Return the answer, or None where this platform has none (psutil leaves out what a system does not offer)."""
    try:
        return ask()
    except (AttributeError, OSError, NotImplementedError, RuntimeError, ValueError):
        return None
