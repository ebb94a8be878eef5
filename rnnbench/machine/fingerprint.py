"""What machine this is, and the fingerprint that says whether two results' timings can be compared."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Sequence
from typing import Any

import psutil

from rnnbench.machine.cgroup import cpu_quota
from rnnbench.machine.driver import nvidia_driver
from rnnbench.machine.processor import caches, processor_design, processor_model
from rnnbench.machine.threads import affinity

GIB = 1 << 30


def machine(gpus: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the ``machine`` section of a results document.

    Parameters
    ----------
    gpus
        ``{"name", "memory_bytes", ...}`` of each GPU, as a worker reports them (this room does without torch); the
        version of the driver is added.
    """
    driver = nvidia_driver() if gpus else None
    described = {
        "host": platform.node(),
        "cpu": {
            "model": processor_model(),
            "design": processor_design(),
            "logical": psutil.cpu_count(),
            "physical": psutil.cpu_count(logical=False),
            "affinity": affinity(),
            "quota": cpu_quota(),
            "caches": caches(),
        },
        "memory_bytes": psutil.virtual_memory().total,
        "gpus": [{**gpu, "driver": driver} for gpu in gpus],
        "os": platform.system(),
        "kernel": platform.release(),
    }
    return {"fingerprint": fingerprint(described), **described}


def fingerprint(machine: dict[str, Any]) -> str:
    """Return sixteen hexadecimal digits that two machines share if their timings can be compared."""
    said = ingredients(machine)
    cpu = [said[name] for name in ("model", "logical", "physical", "affinity", "quota")]
    cpu += [said["design"]] if said["design"] else []
    hashed = {"cpu": cpu, "memory_gib": said["memory_gib"], "gpus": said["gpus"], "os": said["os"]}
    return hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()[:16]


def ingredients(machine: dict[str, Any]) -> dict[str, Any]:
    """Return what a fingerprint is made of.

    The CPU model with its design (one name may stand for several generations), its cores and quota, the class of
    memory, the GPUs with the major version of their driver, and the operating system's name; not the host's name nor
    the kernel's release, which change without changing what a timing means.
    """
    return {
        **{key: machine["cpu"].get(key) for key in ("model", "design", "logical", "physical", "affinity", "quota")},
        "memory_gib": memory_class(machine["memory_bytes"]),
        "gpus": [[gpu["name"], (gpu["driver"] or "").partition(".")[0]] for gpu in machine["gpus"]],
        "os": machine["os"],
    }


def memory_class(memory_bytes: int) -> int:
    """Return the memory in GiB rounded to a power of two, at least 1.

    What a kernel or hypervisor keeps for itself differs by a few percent between boots; the class does not.
    """
    return int(2 ** max(0, round(math.log2(max(memory_bytes, 1) / GIB))))
