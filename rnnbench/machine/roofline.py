"""How fast a work can be on a machine at best, and what holds it there: the roofline, with a third limit for latency.

A pass cannot take less than its arithmetic at the peak of products, nor less than its bytes at the bandwidth of copies,
nor less than the steps that wait for each other at the latency of one (Williams, Waterman and Patterson, 2009:
Roofline; the limit by latency is a recurrence's own). Of the repeats of a calibration the fastest counts: what a
machine reached once, it can reach. Loops that only read may be a little faster than copies, and so than this floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Bound = Literal["compute", "bandwidth", "latency"]


@dataclass(frozen=True)
class Reach:
    """What a device can reach at best, in SI units.

    Attributes
    ----------
    flops
        Operations per second of products in the dtype.
    bandwidth
        Bytes per second: of the smallest kind of cache that what is moved fits into, or of memory.
    latency
        Seconds of one step that waits for the one before; 0 where that is not known.
    """

    flops: float
    bandwidth: float
    latency: float


@dataclass(frozen=True)
class Floor:
    """The least seconds of a work, and which limit sets them."""

    seconds: float
    bound: Bound


def floor(flops: float, moved_bytes: float, dependent_steps: int, reach: Reach) -> Floor:
    """Return max(flops / peak, bytes / bandwidth, dependent steps x latency), and which of them it is.

    Examples
    --------
    >>> floor(4e9, 1e9, 100, Reach(flops=1e9, bandwidth=1e9, latency=0.01))
    Floor(seconds=4.0, bound='compute')
    """
    limits: dict[Bound, float] = {
        "compute": flops / reach.flops,
        "bandwidth": moved_bytes / reach.bandwidth,
        "latency": dependent_steps * reach.latency,
    }
    bound = max(limits, key=lambda name: limits[name])
    return Floor(limits[bound], bound)


def reach_of(device: Mapping[str, Any], dtype: str, moved_bytes: float, dispatched: bool) -> Reach | None:
    """Return what a calibrated device can reach; None where products in ``dtype`` were not measured.

    Parameters
    ----------
    device
        Its figures, ``devices.cpu`` of a calibration.
    dtype
        ``float32``, ``float64`` or ``bfloat16``.
    moved_bytes
        How much is moved in all: what fits into a cache may be there from the pass before.
    dispatched
        Whether each step is an operation of torch by itself, which has to be dispatched, or part of a compiled program.
    """
    peak = device["gemm_peak"].get(dtype)
    if peak is None:
        return None
    step = device["dispatch_latency" if dispatched else "dependent_latency"]
    return Reach(_fastest(peak), _bandwidth(device, moved_bytes), min(step["repeats"]) if step else 0.0)


def _bandwidth(device: Mapping[str, Any], moved_bytes: float) -> float:
    """Return the bandwidth of a copy that moves about as many bytes, and at least that of any larger one."""
    reached = [_fastest(device["memory_bandwidth"])]
    # Where the size of the last cache is not known, everything may fit.
    if device["cache_bytes"] is None or moved_bytes <= device["cache_bytes"]:
        last_cache = device["last_cache_bandwidth"]
        if last_cache is None or moved_bytes <= device["private_cache_bytes"]:
            reached.append(_fastest(device["cache_bandwidth"]))
        if last_cache is not None:
            reached.append(_fastest(last_cache))
    return max(reached)


def _fastest(rate: Mapping[str, Any]) -> float:
    return float(max(rate["repeats"]))
