"""The kernel's own high-water mark of this process's memory, reset at will where the kernel allows it."""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress
from pathlib import Path

import psutil

_CLEAR_REFS = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def reset() -> bool:
    """Return freed memory to the system and restart the mark at the present size; False where it cannot be reset.

    Linux: writing 5 to ``/proc/self/clear_refs`` sets ``VmHWM`` to ``VmRSS`` (proc(5)).
    """
    gc.collect()
    with suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
    try:
        _CLEAR_REFS.write_text("5")
    except OSError:
        return False
    return True


def current_bytes() -> int:
    """Return the resident memory of this process."""
    return _status_bytes("VmRSS") or int(psutil.Process().memory_info().rss)


def virtual_bytes() -> int | None:
    """Return the address space of this process, or None where the system does not say."""
    return _status_bytes("VmSize")


def peak_bytes() -> int:
    """Return the high-water mark: since the last successful :func:`reset`, else since the process began."""
    return _status_bytes("VmHWM") or _psutil_peak_bytes()


def _status_bytes(field: str) -> int | None:
    with suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    return None


def _psutil_peak_bytes() -> int:
    memory = psutil.Process().memory_info()
    peak_on_windows = getattr(memory, "peak_wset", None)
    if peak_on_windows is not None:
        return int(peak_on_windows)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
