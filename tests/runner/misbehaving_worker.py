"""A worker whose measurement does what the case's name says, good and bad; everything around it is the real one."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil

import rnnbench.measure.perform as real
from rnnbench.machine import calibration, calibration_cache
from rnnbench.measure.failure import CaseFailure
from rnnbench.results.figure import Figure, Observation
from rnnbench.runner import worker
from rnnbench.suite.case import Case


def misbehave(measurement: str, case: Case, progress: real.Progress) -> Observation:
    """Do as the case's name says."""
    progress(1, 3, "misbehaving")
    action, _, argument = case.name.partition(" ")
    return _ACTIONS[action](argument) or Observation({"answer": Figure("exact", (float(os.getpid()),))})


def answer(argument: str) -> None:
    print("noise on stdout that is no message", flush=True)  # noqa: T201
    os.write(1, b"more of it, from below Python\n")


def environment(argument: str) -> Observation:
    return Observation({name: Figure("exact", (float(os.environ.get(name, "nan")),)) for name in argument.split(",")})


def fail(argument: str) -> None:
    raise ValueError("no such thing\nat all")


def decline(argument: str) -> None:
    raise CaseFailure("error", "the kernel disagrees", {"max_error": 2.0, "tolerance": 1.0})


def hang(argument: str) -> None:
    """Hang, with a child, whose id goes to the file ``argument``."""
    if argument:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        with open(argument + ".new", "w") as file:
            file.write(str(child.pid))
        os.rename(argument + ".new", argument)
    time.sleep(600)


def ask_for_too_much(argument: str) -> None:
    if argument == "numpy":
        import numpy as np

        np.ones(1 << 50)
    elif argument == "limit":
        import resource

        now = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (now + (64 << 20), -1))
        list(range(1 << 27))
    else:
        import torch

        torch.ones(1 << 50)


def leave(argument: str) -> None:
    print("the last words", file=sys.stderr, flush=True)  # noqa: T201
    os._exit(int(argument))


_ACTIONS = {
    "answer": answer,
    "environment": environment,
    "fail": fail,
    "decline": decline,
    "hang": hang,
    "ask_for_too_much": ask_for_too_much,
    "leave": leave,
}
real.perform = misbehave


def calibrate(identity, devices, advanced):
    """Do as the device's name says."""
    advanced(1, 3, "misbehaving")
    action, _, argument = devices[0].partition(" ")
    _ACTIONS[action](argument)
    return {"fingerprint": identity.fingerprint, "threads": identity.threads, "torch": identity.torch, "devices": {}}


calibration.calibrate = calibrate
calibration_cache.keep_calibration = lambda calibration: None

if __name__ == "__main__":
    worker.main()
