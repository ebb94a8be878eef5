"""What else goes on on the machine: load, time stolen by other guests, throttling, swapping, other work on the GPUs.

Counters are read before and after a while in which only this process works. Each reads files as Linux lays them out
below a root that tests replace, and returns None where the system does not say.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rnnbench.machine.conditions import throttle_count
from rnnbench.machine.finding import Finding
from rnnbench.machine.settings_checks import SYS, read

PROC = Path("/proc")
BUSY_SHARE = 0.2
"""Of the cores at work when the check begins."""
STOLEN_SHARE = 0.005
"""Of the time of all cores: a percent is the precision of a timing."""
_QUERY = ("--query-compute-apps=pid", "--format=csv,noheader")


@dataclass(frozen=True)
class Counters:
    """Counts since boot at one moment; None where the system does not say.

    Attributes
    ----------
    ticks, stolen_ticks
        Of all cores together, and of these taken by the hypervisor.
    throttled
        How often the cores were slowed by heat.
    swapped_pages
        In and out.
    """

    ticks: int | None
    stolen_ticks: int | None
    throttled: int | None
    swapped_pages: int | None


def counters(proc: Path = PROC, sys: Path = SYS) -> Counters:
    """Return the counts now."""
    fields = (read(proc / "stat") or "").partition("\n")[0].split()
    # user nice system idle iowait irq softirq steal; guest time, which follows, is in user already (proc(5)).
    ticks = [int(field) for field in fields[1:9]] if fields[:1] == ["cpu"] and len(fields) > 8 else None
    paging = dict(line.split()[:2] for line in (read(proc / "vmstat") or "").splitlines() if len(line.split()) == 2)
    swapped = [int(paging[key]) for key in ("pswpin", "pswpout") if paging.get(key, "").isdecimal()]
    return Counters(
        sum(ticks) if ticks else None,
        ticks[7] if ticks else None,
        throttle_count(sys / "devices/system/cpu"),
        sum(swapped) if swapped else None,
    )


def load(cores: int, proc: Path = PROC) -> Finding | None:
    """Return the load over the last minute: how many processes wanted to run, on average."""
    said = (read(proc / "loadavg") or "").split()
    if not said:
        return None
    average = float(said[0])
    found = f"{average:g} on {cores} logical {'core' if cores == 1 else 'cores'}"
    if average <= BUSY_SHARE * cores:
        return Finding("load", found)
    return Finding("load", found, "other work takes time and caches: stop it, or wait until the load has fallen")


def steal(before: Counters, after: Counters) -> Finding | None:
    """Return what share of the time other guests of this machine's host took."""
    if before.ticks is None or after.ticks is None or before.stolen_ticks is None or after.stolen_ticks is None:
        return None
    share = (after.stolen_ticks - before.stolen_ticks) / max(1, after.ticks - before.ticks)
    found = f"{100 * share:.1f} % of the time"
    if share <= STOLEN_SHARE:
        return Finding("steal", found)
    return Finding("steal", found, "other guests of this host take the cores: use a host of your own, or more launches")


def throttling(before: Counters, after: Counters) -> Finding | None:
    """Return how often the cores were slowed by heat during the check, and since boot."""
    if before.throttled is None or after.throttled is None:
        return None
    rise = after.throttled - before.throttled
    found = f"{rise}x during this check, {after.throttled}x since boot"
    if rise == 0:
        return Finding("throttling", found)
    return Finding("throttling", found, "the processor is too hot to keep its frequency: cool it, or turn turbo off")


def swap(before: Counters, after: Counters) -> Finding | None:
    """Return how many pages went to and from swap during the check."""
    if before.swapped_pages is None or after.swapped_pages is None:
        return None
    pages = after.swapped_pages - before.swapped_pages
    found = f"{pages} pages during this check"
    if pages == 0:
        return Finding("swap", found)
    return Finding("swap", found, "memory is short: close what takes it, or measure smaller cases")


def nvidia_smi() -> str | None:
    """Return the ids of the processes on the GPUs, one a line; None without NVIDIA's tool or where it fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(
            [program, *_QUERY], capture_output=True, text=True, errors="replace", timeout=10, check=True
        ).stdout
    return None


def gpu_processes(ask: Callable[[], str | None] = nvidia_smi) -> Finding | None:
    """Return whether other processes compute on the GPUs."""
    said = ask()
    if said is None:
        return None
    others = [line.strip() for line in said.splitlines() if line.strip().isdecimal()]
    others = [pid for pid in others if int(pid) != os.getpid()]
    if not others:
        return Finding("other GPU work", "none")
    return Finding(
        "other GPU work", f"process {', '.join(others)}", "it shares the GPU's time: end it, or use another --device"
    )
