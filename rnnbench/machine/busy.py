"""Whether other work is at the machine now."""

from __future__ import annotations

BUSY_LOAD_PER_CORE = 0.5
"""Load over the last minute, by logical core, above which times are long and noisy."""


def is_busy() -> bool:
    """Return whether the load is above :data:`BUSY_LOAD_PER_CORE`; False where the system does not say."""
    import psutil

    try:
        load = psutil.getloadavg()[0]
    except (AttributeError, OSError):
        return False
    return bool(load > BUSY_LOAD_PER_CORE * (psutil.cpu_count() or 1))
