"""The only place that imports Numba, with the settings that it reads at its import.

A user's own ``NUMBA_*`` variables win.
"""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from rnnbench.machine.cache_folder import cache_folder

SOURCES = (
    *("numba_setup.py", "vector.py", "vector_math.py", "prefetch.py", "tile.py"),
    *("cell_math.py", "cell_steps.py", "band_buffers.py"),
    *("fused_banded.py", "meeting.py"),
)
"""Files whose code, or constants, are compiled into functions of other files. Numba's disk cache looks at a function's
own file only, so these name the cache folder."""


def _wide_vectors() -> None:
    """Let LLVM use 512-bit vectors where there are any: it prefers 256 bits on many CPUs that run these loops faster
    with 512."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        os.environ.setdefault("NUMBA_CPU_NAME", llvm.get_host_cpu_name())
        os.environ.setdefault("NUMBA_CPU_FEATURES", features.flatten() + ",-prefer-256-bit")


def _cache_folder() -> Path:
    """Return a folder for compiled code that can be written: the user's, or else one of this process alone.

    Compiled code is loaded without a check, so it never comes from a folder that others can write to.
    """
    room = Path(__file__).parent
    sources = sha256(b"".join((room / name).read_bytes() for name in SOURCES)).hexdigest()[:12]
    try:
        folder = cache_folder() / f"numba-{sources}"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # no home, or a read-only one
        return Path(tempfile.mkdtemp(prefix="rnnbench-numba-"))


_wide_vectors()
if "NUMBA_CACHE_DIR" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())

import numba  # noqa: E402 - reads the settings above
from numba.core.registry import cpu_target  # noqa: E402

# Numba loads what it knows of Python and NumPy at the first call of any function, for most of a second. Done here, a
# first call costs what is that function's own.
cpu_target.typing_context.refresh()
cpu_target.target_context.refresh()

_ARITHMETIC = {"error_model": "numpy", "fastmath": {"contract", "nsz"}}
"""Products may fuse into sums, and zeros have no sign; NaN and infinity keep their meaning."""


def compiled(function: Any) -> Any:
    """Compile ``function`` on its first call, keep it on disk, and run it without the interpreter's lock.

    It may close over constants, and call compiled functions of modules; one that it closed over would differ in every
    process, and what is on disk would never be found.
    """
    return numba.njit(nogil=True, cache=True, **_ARITHMETIC)(function)


def inlined(function: Any) -> Any:
    """Make ``function`` a part of the compiled functions that call it."""
    return numba.njit(forceinline=True, **_ARITHMETIC)(function)
