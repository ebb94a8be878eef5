"""The calibration of this machine as it was measured last, in the user's cache.

A file for each fingerprint, number of threads and version of torch. What is damaged or another's is none.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rnnbench.machine.busy import is_busy
from rnnbench.machine.cache_file import read_mapping, write_mapping
from rnnbench.machine.cache_folder import cache_folder
from rnnbench.machine.calibration import FORMAT, Identity


def cached_calibration(identity: Identity, devices: Collection[str]) -> dict[str, Any] | None:
    """Return the calibration that is kept for ``identity`` if it has all of ``devices``, else None.

    What was measured on a busy machine counts only until it is quiet.
    """
    kept = _kept(identity)
    if kept is None or not all(device in kept["devices"] for device in devices):
        return None
    stale = any(kept["devices"][device]["busy"] for device in devices) and not is_busy()
    return None if stale else kept


def keep_calibration(calibration: Mapping[str, Any]) -> None:
    """Keep a calibration for the next run; devices that it lacks keep their earlier figures.

    Without a folder to write to, this does nothing.
    """
    identity = Identity(**{field.name: calibration[field.name] for field in fields(Identity)})
    earlier = _kept(identity)
    devices = {**(earlier["devices"] if earlier is not None else {}), **calibration["devices"]}
    with contextlib.suppress(RuntimeError):  # the user has no home
        write_mapping(calibration_file(identity), {**calibration, "devices": devices})


def calibration_file(identity: Identity) -> Path:
    """Return where the calibration of ``identity`` is kept; raises as :func:`cache_folder`."""
    torch = re.sub(r"[^A-Za-z0-9._+-]+", "-", identity.torch)
    return cache_folder() / f"calibration-{identity.fingerprint}-{identity.threads}-{torch}.json"


def _kept(identity: Identity) -> dict[str, Any] | None:
    """Return what the file of ``identity`` says if that is whole and of ``identity``."""
    try:
        kept = read_mapping(calibration_file(identity))
    except RuntimeError:
        return None
    mine = all(kept.get(key) == value for key, value in asdict(identity).items())
    return kept if mine and is_calibration(kept) else None


def is_calibration(section: Any) -> bool:
    """Return whether JSON data from anywhere is a calibration of the format that is read here."""
    if not isinstance(section, dict) or section.get("format") != FORMAT:
        return False
    devices = section.get("devices")
    return isinstance(devices, dict) and all(map(_is_device, devices.values()))


def _is_device(figures: Any) -> bool:
    if not isinstance(figures, dict) or not isinstance(figures.get("gemm_peak"), dict):
        return False
    if not isinstance(figures.get("measured"), str) or not _positive(figures.get("seconds"), zero=True):
        return False
    if not isinstance(figures.get("busy"), bool):
        return False
    needed = [figures.get(name) for name in ("memory_bandwidth", "cache_bandwidth", "dispatch_latency")]
    optional = [figures.get(name) for name in ("last_cache_bandwidth", "dependent_latency")]
    known = [estimate for estimate in optional if estimate is not None]
    sized = figures.get("cache_bytes") is None or _positive(figures["cache_bytes"])
    sized = sized and _positive(figures.get("private_cache_bytes"))
    return sized and all(map(_is_estimate, [*needed, *known, *figures["gemm_peak"].values()]))


def _is_estimate(estimate: Any) -> bool:
    return (
        isinstance(estimate, dict)
        and _positive(estimate.get("value"))
        and isinstance(estimate.get("unit"), str)
        and _positive(estimate.get("spread"), zero=True)
        and isinstance(estimate.get("repeats"), list)
        and len(estimate["repeats"]) > 0
        and all(map(_positive, estimate["repeats"]))
        and isinstance(estimate.get("details"), dict)
    )


def _positive(value: Any, *, zero: bool = False) -> bool:
    """Return whether ``value`` is a finite number above zero, or zero where that may be."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return value > 0 or (zero and value == 0)
