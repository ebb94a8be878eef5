"""Everything about this machine that bears on timings, in one document: what ``rnnbench machine`` shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.machine.calibration import can_calibrate
from rnnbench.machine.fingerprint import ingredients, machine
from rnnbench.machine.noise import Noise
from rnnbench.runner.executor import CALIBRATION, CALIBRATION_SECONDS, Executor
from rnnbench.runner.job import Failure

SCHEMA = {"name": "rnnbench.machine", "version": "1.0"}
DEVICES = ("cpu", "auto")
"""What is calibrated: the processor, and the device that suites take unless they name one."""


def examine(executor: Executor, check: Callable[[], Noise], again: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the document: ``schema``, ``machine``, ``ingredients``, ``noise``, ``settings`` and ``calibration``.

    Parameters
    ----------
    executor
        Where the calibration is measured, if it has to be.
    check
        Takes the noise check; it runs alone, before a worker is started.
    again
        Whether to calibrate even if that was done before.
    say
        Is told what takes seconds, before it begins.

    Raises
    ------
    RnnbenchError
        The machine could not be calibrated (:attr:`ExitCode.CASE_FAILED`).
    """
    say("Measuring for 10 s how much a fixed work varies.")
    noise = check()
    worker = executor.start(CALIBRATION)
    try:
        place = worker.probe(DEVICES)
        calibration: dict[str, Any] | Failure | None = None if again else place.calibration
        if calibration is None:
            say("Calibrating, which takes about 10 s; later runs use what is measured now.")
            devices = sorted(filter(can_calibrate, set(place.devices.values())))
            calibration = worker.calibrate(devices, CALIBRATION_SECONDS, lambda *_: None)
    finally:
        worker.close()
    if isinstance(calibration, Failure):
        raise RnnbenchError(
            f"this machine could not be calibrated: {calibration.status}: {calibration.reason}\n"
            "Free memory if that is short, and try again; runs go on without: rnnbench run --no-calibration",
            ExitCode.CASE_FAILED,
        )
    here = machine(place.gpus)
    return {
        "schema": SCHEMA,
        "machine": here,
        "ingredients": ingredients(here),
        "noise": noise.to_json(),
        "settings": place.settings,
        "calibration": calibration,
    }
