"""Profiling cases: each in a worker process of its own, as every other measurement, and held against the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from rnnbench import __version__
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.machine.calibration import can_calibrate
from rnnbench.machine.fingerprint import machine
from rnnbench.machine.roofline import reach_of
from rnnbench.measure.catalogue import PROFILE
from rnnbench.phases import UNATTRIBUTED
from rnnbench.plugins.load import loaded
from rnnbench.report.listener import Listener, Started
from rnnbench.results.figure import Observation
from rnnbench.runner.executor import CALIBRATION, CALIBRATION_SECONDS, Executor, Place, Worker
from rnnbench.runner.fractions import DISPATCHED
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.match import require_sizes
from rnnbench.suite.case import Case
from rnnbench.suite.storage import refused_by_device
from rnnbench.suite.suite import Suite

SCHEMA = {"name": "rnnbench.profile", "version": "1.0"}
TOLERANCE = 0.05
"""Phases are to add up to the plain step within this share of it."""


@dataclass(frozen=True)
class Profile:
    """The profile of one case.

    Attributes
    ----------
    document
        What was found, as JSON data in SI units.
    trace
        The trace of some steps, gzip in base64, of JSON in Chrome's format.
    """

    document: dict[str, Any]
    trace: str


def profile(
    suite: Suite, executor: Executor, timeout_seconds: float, listener: Listener, *, calibrate: bool = True
) -> list[Profile]:
    """Profile every case of ``suite``, one after the other.

    Raises
    ------
    RnnbenchError
        A device is not there, a worker does not start, or a case fails (:attr:`ExitCode.CASE_FAILED`).
    """
    require_sizes(suite, "rnnbench profile")
    found: list[Profile] = []
    calibration: dict[str, Any] | None = None
    for number, case in enumerate(suite.cases):
        worker = executor.start(PROFILE)
        try:
            place = worker.probe([case.parameters.device])
            _check_storage(case, place)
            if number == 0:
                calibration = place.calibration
            if calibration is None and calibrate:
                worker, calibration = _calibrated(worker, executor, place, listener)
                calibrate = calibration is not None
            listener.started(
                Started(case.name, PROFILE, 1, 1, number, len(suite.cases), 8.0 * (len(suite.cases) - number))
            )
            outcome = worker.perform(Job(case, PROFILE), timeout_seconds, listener.advanced)
        finally:
            worker.close()
        if isinstance(outcome, Failure):
            listener.finished(outcome.status, outcome.reason, case_over=True)
            raise RnnbenchError(f"{case.name}: {outcome.status}: {outcome.reason}", ExitCode.CASE_FAILED)
        listener.finished("ok", None, case_over=True)
        found.append(_profile(suite, case, place, calibration, outcome))
    return found


def _check_storage(case: Case, place: Place) -> None:
    asked = case.parameters.device
    refused = refused_by_device(case.parameters, place.devices[asked])
    if refused is not None:
        raise RnnbenchError(f"{case.name}, device {asked} ({place.devices[asked]} here): {refused}")


def _calibrated(
    worker: Worker, executor: Executor, place: Place, listener: Listener
) -> tuple[Worker, dict[str, Any] | None]:
    """Measure what the machine can reach, in a process of its own; return a fresh worker, and that or None."""
    devices = sorted({device for device in place.devices.values() if can_calibrate(device)})
    if not devices:
        return worker, None
    worker.close()
    listener.preparing("measuring what this machine can reach, once (about 10 s); --no-calibration leaves it out")
    other = executor.start(CALIBRATION)
    try:
        outcome = other.calibrate(devices, CALIBRATION_SECONDS, listener.advanced)
    finally:
        other.close()
    return executor.start(PROFILE), None if isinstance(outcome, Failure) else outcome


def _profile(
    suite: Suite, case: Case, place: Place, calibration: dict[str, Any] | None, observation: Observation
) -> Profile:
    """Return the document of a case, with rates, shares and what follows from them."""
    details = dict(observation.figures[PROFILE].details)
    trace = str(details.pop("trace"))
    plain, marked = details["plain_seconds"], details["marked_seconds"]
    kernel = observation.kernel or {}
    figures = ((calibration or {}).get("devices") or {}).get(details["device"])
    phases = [_phase(phase, case, kernel.get("name", ""), figures, marked) for phase in details["phases"]]
    attributed = sum(phase["seconds"] for phase in phases if phase["name"] != UNATTRIBUTED)
    document = {
        "schema": dict(SCHEMA),
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "rnnbench_version": __version__,
        "suite": {"name": suite.name, "path": suite.path, "sha256": suite.sha256},
        "case": {"name": case.name, "id": case.id, "parameters": case.resolved()},
        "machine": machine(place.gpus),
        "settings": place.settings,
        "packages": place.packages,
        "plugins": [plugin.to_json() for plugin in loaded()],
        "kernel": observation.kernel,
        "agreement": observation.agreement,
        "scope": details["scope"],
        "device": details["device"],
        "optimizer": details["optimizer"],
        "step": {
            "steps": details["steps"],
            "plain_seconds": plain,
            "marked_seconds": marked,
            "profiled_seconds": details["profiled_seconds"],
            "marks_cost": marked / plain - 1,
            "profiler_cost": details["profiled_seconds"] / plain - 1,
            "attributed": attributed / plain,
            "within_tolerance": abs(attributed / plain - 1) <= TOLERANCE,
        },
        "phases": phases,
        "operators": details["operators"],
        "memory": details["memory"],
    }
    return Profile(document, trace)


def _phase(
    phase: dict[str, Any], case: Case, kernel: str, figures: dict[str, Any] | None, step_seconds: float
) -> dict[str, Any]:
    """Return a phase with its share of the step, its rates, and these as shares of what the machine can reach."""
    seconds, flops, moved = phase["seconds"], phase["flops"], phase["bytes"]
    reach = None if figures is None else reach_of(figures, case.parameters.dtype, moved, kernel in DISPATCHED)
    arithmetic = flops / seconds if flops and seconds else None
    bandwidth = moved / seconds if moved and seconds else None
    return {
        **phase,
        "share": seconds / step_seconds,
        "flops_per_second": arithmetic,
        "bytes_per_second": bandwidth,
        "flops_fraction": None if arithmetic is None or reach is None else arithmetic / reach.flops,
        "bandwidth_fraction": None if bandwidth is None or reach is None else bandwidth / reach.bandwidth,
    }
