"""Settings of the machine that make timings vary: frequency governor, turbo, quota, power.

Each reads files as Linux lays them out below a root that tests replace, and returns None where the system does not say.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rnnbench.machine.cgroup import MEMBERSHIP, MOUNT, cpu_quota
from rnnbench.machine.finding import Finding

SYS = Path("/sys")


def governor(sys: Path = SYS) -> Finding | None:
    """Return which frequency governors the cores have."""
    files = sorted(sys.glob("devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor"))
    counts = Counter(text for text in map(read, files) if text is not None)
    if not counts:
        return None
    found = ", ".join(
        name if len(counts) == 1 else f"{name} ({count} of {len(files)} cores)" for name, count in counts.items()
    )
    if set(counts) == {"performance"}:
        return Finding("frequency governor", found)
    return Finding(
        "frequency governor",
        found,
        "the frequency follows the load: sudo cpupower frequency-set -g performance",
    )


def turbo(sys: Path = SYS) -> Finding | None:
    """Return whether the processor may raise its frequency above the nominal one."""
    folder = sys / "devices/system/cpu"
    switches = (
        (folder / "intel_pstate/no_turbo", "0", "1"),
        (folder / "cpufreq/boost", "1", "0"),
    )
    for file, on, off in switches:
        said = read(file)
        if said == on:
            return Finding(
                "turbo",
                "on",
                f"the frequency depends on heat and on how many cores work: echo {off} | sudo tee {file}",
            )
        if said == off:
            return Finding("turbo", "off")
    return None


def quota(mount: Path = MOUNT, membership: Path = MEMBERSHIP) -> Finding:
    """Return whether a control group limits the processor's time."""
    cores = cpu_quota(mount, membership)
    if cores is None:
        return Finding("quota", "none")
    found = f"{cores:g} cores' worth of time"
    if cores >= 1 and cores == int(cores):
        return Finding("quota", found)
    return Finding(
        "quota", found, "the system stops the process in the middle of a timing: give the container whole cores"
    )


def battery(sys: Path = SYS) -> Finding | None:
    """Return whether the machine runs on a battery; None without one."""
    states = [
        read(supply / "status")
        for supply in sorted(sys.glob("class/power_supply/*"))
        if read(supply / "type") == "Battery" and read(supply / "scope") != "Device"
    ]
    if not states:
        return None
    if "Discharging" in states:
        return Finding("battery", "discharging", "the processor saves power: plug it in")
    return Finding("battery", "not in use")


def read(file: Path) -> str | None:
    """Return the text of a small file without space around it, or None if it cannot be read."""
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return None
