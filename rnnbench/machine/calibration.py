"""What a machine can reach, measured: the yardstick of the roofline.

The ``calibration`` section of a results document::

    {"format": 1, "fingerprint": ..., "threads": N, "torch": VERSION,
     "devices": {"cpu": {"measured": TIME, "seconds": how long that took,
                         "busy": whether other work was at it,
                         "memory_bandwidth": ESTIMATE, "cache_bytes": that of the last cache or null,
                         "last_cache_bandwidth": ESTIMATE or null,
                         "cache_bandwidth": ESTIMATE, "private_cache_bytes": that of all threads,
                         "gemm_peak": {"float32": ESTIMATE, ...},
                         "dispatch_latency": ESTIMATE, "dependent_latency": ESTIMATE or null}}}

with ESTIMATE as of :meth:`rnnbench.machine.repeats.Estimate.to_json`, in SI units.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

from rnnbench.machine.apparatus import Apparatus
from rnnbench.machine.bandwidth import cache_bandwidth, last_cache_bandwidth, memory_bandwidth, private_caches_bytes
from rnnbench.machine.busy import is_busy
from rnnbench.machine.gemm_peak import DTYPES, gemm_peak
from rnnbench.machine.latency import dependent_latency, dispatch_latency
from rnnbench.machine.repeats import Estimate
from rnnbench.machine.torch_apparatus import TorchApparatus

FORMAT = 2
"""Raised when what is measured changes its meaning: older caches are then measured again."""

_STEPS = len(DTYPES) + 5
"""Figures of one device."""

Advanced = Callable[[int, int, str], None]
"""Called with (done, total, what is measured now)."""


@dataclass(frozen=True)
class Identity:
    """What a calibration belongs to: on another machine, with other threads or another torch it says nothing."""

    fingerprint: str
    threads: int
    torch: str


def calibrate(
    identity: Identity,
    devices: Iterable[str],
    advanced: Advanced,
    apparatus: Callable[[str], Apparatus] = TorchApparatus,
) -> dict[str, Any]:
    """Measure ``devices`` (resolved: ``cpu``, ``cuda:0``) in this process, and return the section."""
    names = list(devices)
    figures: dict[str, Any] = {}
    for name in names:

        def begin(step: int, note: str, name: str = name) -> None:
            advanced(len(figures) * _STEPS + step, len(names) * _STEPS, f"{name}: {note}")

        start, busy = time.monotonic(), is_busy()
        found = _device(apparatus(name), begin)
        figures[name] = {"measured": _now(), "seconds": round(time.monotonic() - start, 1), "busy": busy, **found}
    return {"format": FORMAT, **asdict(identity), "devices": figures}


def can_calibrate(device: str) -> bool:
    """Return whether a resolved device can be calibrated: ``mps`` cannot."""
    return device == "cpu" or device.startswith("cuda")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _device(apparatus: Apparatus, step: Callable[[int, str], None]) -> dict[str, Any]:
    step(0, "copies through memory")
    memory = memory_bandwidth(apparatus)
    step(1, "copies in the last cache")
    last_cache = last_cache_bandwidth(apparatus)
    step(2, "copies in the caches of each core")
    cache = cache_bandwidth(apparatus)
    peaks = {}
    for index, dtype in enumerate(DTYPES):
        step(3 + index, f"products in {dtype}")
        peak = gemm_peak(apparatus, dtype)
        if peak is not None:
            peaks[dtype] = peak.to_json()
    step(3 + len(DTYPES), "small operations")
    dispatch = dispatch_latency(apparatus)
    step(4 + len(DTYPES), "dependent additions")
    return {
        "memory_bandwidth": memory.to_json(),
        "cache_bytes": apparatus.last_level_cache_bytes,
        "last_cache_bandwidth": _json(last_cache),
        "cache_bandwidth": cache.to_json(),
        "private_cache_bytes": private_caches_bytes(apparatus),
        "gemm_peak": peaks,
        "dispatch_latency": dispatch.to_json(),
        "dependent_latency": _json(dependent_latency(apparatus)),
    }


def _json(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else estimate.to_json()
