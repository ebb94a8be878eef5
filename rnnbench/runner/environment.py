"""The environment variables of a worker; it keeps all others of the user's, and the working folder."""

from __future__ import annotations

import os
from pathlib import Path

import rnnbench

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
_MEMORY = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""glibc then gives freed buffers back to the system at once, so that a peak is this step's and not an earlier one's."""
_SPEED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}
"""glibc then keeps freed buffers. Otherwise each buffer above 32 MB is mapped anew: the system clears its pages at
first touch, which takes several times as long as a sweep that reads and writes them, and the figure is the system's."""

_TIMED = ("training", "throughput", "calibration", "slot", "profile")
"""What is done for time; the rest is done for memory."""


def worker_environment(measurement: str, threads: int, installed: bool = False) -> dict[str, str]:
    """Return the environment of a worker that performs ``measurement`` with ``threads`` threads.

    With ``installed`` it imports no rnnbench that lies in the working folder.
    """
    environment = dict(os.environ)
    environment.update(dict.fromkeys(_THREADS, str(threads)))
    environment["PYTHONHASHSEED"] = "0"
    if installed or Path(rnnbench.__file__).parents[1] != Path.cwd():
        # `python -m` would otherwise import a torch.py or random.py that lies in the user's folder.
        environment["PYTHONSAFEPATH"] = "1"
    environment.update(_SPEED if measurement in _TIMED else _MEMORY)
    return environment
