"""Limits and events of the control groups (Linux) that this process lives in; empty elsewhere.

Reference: the kernel's ``Documentation/admin-guide/cgroup-v1`` and ``cgroup-v2.rst``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def control_files(controller: str, name: str, mount: Path = MOUNT, membership: Path = MEMBERSHIP) -> Iterator[Path]:
    """Yield the files ``name`` of this process's group and of every group above it, the innermost first.

    Parameters
    ----------
    controller
        The version-1 hierarchy to look in (``cpu``, ``memory``), or an empty string for the version-2 hierarchy.
    name
        The file, ``cpu.max``.
    mount, membership
        Where the hierarchies are mounted, and the list of the groups of the process.
    """
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controller not in controllers.split(","):
            continue
        root = mount / controller
        # Inside a container the path may be the host's and not exist here; the root then is the container's own group.
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            if (folder / name).is_file():
                yield folder / name
            if folder == root:
                break


def cpu_quota(mount: Path = MOUNT, membership: Path = MEMBERSHIP) -> float | None:
    """Return how many cores' worth of time the groups grant, the tightest of them; None without a limit."""
    granted = []
    for file in control_files("", "cpu.max", mount, membership):
        quota, period = file.read_text().split()
        if quota != "max":
            granted.append(int(quota) / int(period))
    for file in control_files("cpu", "cpu.cfs_quota_us", mount, membership):
        microseconds = int(file.read_text())
        if microseconds > 0:
            granted.append(microseconds / int((file.parent / "cpu.cfs_period_us").read_text()))
    return min(granted, default=None)


def held_back_seconds(mount: Path = MOUNT, membership: Path = MEMBERSHIP) -> float | None:
    """Return for how long the groups' quotas have held their processes back so far, over all cores; None unknown."""
    held = []
    for controller, key, per_second in (("", "throttled_usec", 1e6), ("cpu", "throttled_time", 1e9)):
        for file in control_files(controller, "cpu.stat", mount, membership):
            with contextlib.suppress(OSError, ValueError):
                lines = (line.partition(" ") for line in file.read_text().splitlines())
                held += [int(count) / per_second for name, _, count in lines if name == key]
    return sum(held) if held else None


def memory_headroom(mount: Path = MOUNT, membership: Path = MEMBERSHIP) -> int | None:
    """Return how many more bytes the groups let this process take, the tightest of them; None without a limit."""
    left = []
    for controller, limit, usage in (
        ("", "memory.max", "memory.current"),
        ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        for file in control_files(controller, limit, mount, membership):
            with contextlib.suppress(OSError, ValueError):  # "max" is no number, and the root has no usage
                left.append(max(0, int(file.read_text()) - int((file.parent / usage).read_text())))
    return min(left, default=None)


def killed_for_memory(before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    """Return whether a count of :func:`oom_kills` rose."""
    return any(count > before.get(source, count) for source, count in after.items())


def oom_kills(
    mount: Path = MOUNT, membership: Path = MEMBERSHIP, statistics: Path = Path("/proc/vmstat")
) -> dict[str, int]:
    """Return the counts of processes killed for want of memory, by the file that counts them.

    A count that rose while a process died says why it died. The groups' own counters and the whole system's are read.
    """
    sources = (
        *control_files("", "memory.events", mount, membership),
        *control_files("memory", "memory.oom_control", mount, membership),
        statistics,
    )
    counts = {}
    for file in sources:
        try:
            lines = file.read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            key, _, value = line.partition(" ")
            if key == "oom_kill":
                counts[str(file)] = int(value)
    return counts
