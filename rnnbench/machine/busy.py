"""Whether other work is at the machine now."""

from __future__ import annotations

import psutil

from rnnbench.busy_load import is_busy_load


def is_busy() -> bool:
    """Return whether the load is above what a quiet machine has; False where the system does not say."""
    try:
        load = psutil.getloadavg()[0]
    except (AttributeError, OSError):
        return False
    return is_busy_load(load, psutil.cpu_count() or 1)
