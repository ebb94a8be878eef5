"""The calibration of this machine as it was measured last, in the user's cache.

A file for each fingerprint, number of threads and version of torch. What is damaged or another's is none.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rnnbench.machine.cache_file import read_mapping, write_mapping
from rnnbench.machine.cache_folder import cache_folder
from rnnbench.machine.calibration import FORMAT, Identity


def cached_calibration(identity: Identity, devices: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the calibration that is kept for ``identity`` if it has all of ``devices``, else None."""
    try:
        kept = read_mapping(calibration_file(identity))
    except RuntimeError:  # the user has no home
        return None
    return kept if _is_whole(kept, identity, devices) else None


def keep_calibration(calibration: Mapping[str, Any]) -> None:
    """Keep a calibration for the next run, in place of an earlier one; without a folder to write to, do nothing."""
    identity = Identity(**{key: calibration[key] for key in asdict(Identity("", 0, ""))})
    with contextlib.suppress(RuntimeError):
        write_mapping(calibration_file(identity), calibration)


def calibration_file(identity: Identity) -> Path:
    """Return where the calibration of ``identity`` is kept; raises as :func:`cache_folder`."""
    torch = re.sub(r"[^A-Za-z0-9._+-]+", "-", identity.torch)
    return cache_folder() / f"calibration-{identity.fingerprint}-{identity.threads}-{torch}.json"


def _is_whole(kept: Mapping[str, Any], identity: Identity, devices: tuple[str, ...]) -> bool:
    if kept.get("format") != FORMAT or any(kept.get(key) != value for key, value in asdict(identity).items()):
        return False
    if not isinstance(kept.get("measured"), str) or not _positive(kept.get("seconds"), zero=True):
        return False
    measured = kept.get("devices")
    return isinstance(measured, dict) and set(devices) <= set(measured) and all(map(_is_device, measured.values()))


def _is_device(figures: Any) -> bool:
    if not isinstance(figures, dict) or not isinstance(figures.get("gemm_peak"), dict):
        return False
    needed = [figures.get(name) for name in ("memory_bandwidth", "cache_bandwidth", "dispatch_latency")]
    optional = [figures.get("dependent_latency")] if figures.get("dependent_latency") is not None else []
    sized = figures.get("cache_bytes") is None or _positive(figures["cache_bytes"])
    return sized and all(map(_is_estimate, [*needed, *optional, *figures["gemm_peak"].values()]))


def _is_estimate(estimate: Any) -> bool:
    return (
        isinstance(estimate, dict)
        and _positive(estimate.get("value"))
        and isinstance(estimate.get("unit"), str)
        and _positive(estimate.get("spread"), zero=True)
        and isinstance(estimate.get("repeats"), list)
        and all(map(_positive, estimate["repeats"]))
        and isinstance(estimate.get("details"), dict)
    )


def _positive(value: Any, *, zero: bool = False) -> bool:
    """Return whether ``value`` is a finite number above zero, or zero where that may be."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return value > 0 or (zero and value == 0)
