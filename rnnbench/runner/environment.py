"""The environment variables of a worker; it keeps all others of the user's, and the working folder."""

from __future__ import annotations

import os
from pathlib import Path

import rnnbench
from rnnbench.machine.allocator import GIVES_BACK, KEEPS, with_allocator

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
_TIMED = ("training", "throughput", "calibration", "slot", "max_length", "profile", "match")
"""What is done for time, or trains; the rest is done for memory. What max_length weighs are processes of their own."""


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
    return with_allocator(environment, KEEPS if measurement in _TIMED else GIVES_BACK)
