"""The version of the NVIDIA driver, read from the driver itself."""

from __future__ import annotations

import re
from pathlib import Path

_VERSION = re.compile(r"Kernel Module[^\n]*?\s(\d+(?:\.\d+)+)\s")


def nvidia_driver(file: Path = Path("/proc/driver/nvidia/version")) -> str | None:
    """Return the driver's version, ``550.54.15``; None without one, or where the system keeps it elsewhere."""
    try:
        match = _VERSION.search(file.read_text(errors="replace"))
    except OSError:
        return None
    return match.group(1) if match else None
