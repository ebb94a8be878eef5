"""How many threads a worker computes with, and what that number is made of."""

from __future__ import annotations

import os

import psutil

from rnnbench.machine.cgroup import cpu_quota


def thread_count() -> int:
    """Return min(physical cores, affinity, whole cores of the control group's quota), at least 1."""
    physical = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    quota = cpu_quota()
    limits = [physical, affinity()]
    if quota is not None:
        limits.append(int(quota))
    return max(1, min(limits))


def affinity() -> int:
    """Return the number of logical processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return psutil.cpu_count() or 1
