"""A run: suite in, results document out, one case's failure never the end of the others."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import takewhile
from pathlib import Path
from typing import Any

from rnnbench import __version__
from rnnbench.analysis.conclusions import concluded
from rnnbench.errors import RnnbenchError
from rnnbench.machine.calibration import can_calibrate
from rnnbench.machine.calibration_cache import is_calibration
from rnnbench.machine.conditions import conditions
from rnnbench.machine.fingerprint import machine
from rnnbench.plugins.load import loaded
from rnnbench.report.listener import Listener, Silence, Started
from rnnbench.results.document import Results
from rnnbench.results.figure import Observation
from rnnbench.results.provenance import git
from rnnbench.runner import resume
from rnnbench.runner.agenda import Agenda
from rnnbench.runner.ahead import MOST_WORKERS, Ahead, side_by_side
from rnnbench.runner.executor import CALIBRATION, CALIBRATION_SECONDS, Executor, Place, Worker
from rnnbench.runner.interruption import Interruption
from rnnbench.runner.job import Failure, Job
from rnnbench.runner.plan import Batch, launches, measurements
from rnnbench.runner.record import Record, new_case
from rnnbench.runner.request import Request
from rnnbench.runner.warnings import warnings
from rnnbench.suite.storage import refused_by_device
from rnnbench.suite.suite import Suite

DEFAULT_TIMEOUT_SECONDS = 3600.0
UNTIMED = ("memory",)
"""Measurements whose figures do not change with what else the machine does."""
_CALIBRATING = "measuring what this machine can reach, once (about 10 s); --no-calibration leaves it out"


class Interrupted(Exception):  # noqa: N818 - no error: the user's wish
    """The run was stopped; ``results`` holds what was measured until then, and is written."""

    def __init__(self, results: Results) -> None:
        super().__init__("interrupted")
        self.results = results


@dataclass(frozen=True)
class Settings:
    """How to run, apart from what.

    Attributes
    ----------
    path
        Where the document is written; None keeps it in memory.
    timeout_seconds
        How long one job may take.
    argv
        The command line, for the record.
    calibrate
        Whether the document says what the machine can reach; that is measured where it never was.
    """

    path: Path | None = None
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    argv: tuple[str, ...] = ()
    calibrate: bool = True


def run(
    suite: Suite,
    request: Request,
    executor: Executor,
    settings: Settings,
    listener: Listener | None = None,
    resumed: Results | None = None,
) -> Results:
    """Measure every case of ``suite`` and return the document, written after every case.

    Parameters
    ----------
    suite, request
        What to measure, and what was asked for (``suite`` is ``request.load()``).
    executor
        Where jobs run.
    settings
        How to run.
    listener
        Is told of the progress.
    resumed
        A document of the same suite to go on with.

    Raises
    ------
    RnnbenchError
        A device is not there; the document cannot be written; ``resumed`` is of another suite, machine or version.
    Interrupted
        Ctrl-C or SIGTERM, once measuring had begun.
    """
    source = str(settings.path or "the document")
    if resumed is not None:
        resume.check_suite(resumed, suite, source)
        resume.reopen(resumed, suite)
    batches = resume.batches_left(suite, request.seed, resumed)
    if resumed is not None and not batches:
        return resumed
    with Interruption() as interruption:
        crew = _Crew(executor, interruption, settings.timeout_seconds, listener or Silence())
        try:
            place = crew.probe(suite, batches[0].measurement)
            _check_storage(suite, place)
            results = _begin(suite, request, settings, place) if resumed is None else resumed
            if resumed is not None:
                _continue(resumed, settings, place, source)
            crew.open(results)
            if settings.calibrate and results.calibration is None:
                crew.calibrate(place, results)
            record = Record(results, suite.cases, settings.path)
            interrupted = not crew.work(batches, record)
        finally:
            crew.close()
        _finish(results, interrupted)
        record.write()
    if interrupted:
        raise Interrupted(results)
    return results


class _Crew:
    """The one worker at a time that does the jobs, replaced where a fresh one is wanted.

    While a worker does what is not timed, the next ones may start; what takes one core each, several do side by side.
    """

    def __init__(
        self, executor: Executor, interruption: Interruption, timeout_seconds: float, listener: Listener
    ) -> None:
        self._executor = executor
        self._interruption = interruption
        self._timeout_seconds = timeout_seconds
        self._listener = listener
        self._worker: Worker | None = None
        self._starting: deque[Worker] = deque()
        self._start_early = 0
        self._ahead = Ahead(executor, timeout_seconds)
        self._place: Place | None = None

    def probe(self, suite: Suite, measurement: str) -> Place:
        """Return what the suite's devices are; the worker that says so then takes the first batch."""
        with self._interruption.allowed():
            self._worker = self._executor.start(measurement)
            self._place = self._worker.probe(sorted({case.parameters.device for case in suite.cases}))
            return self._place

    def open(self, results: Results) -> None:
        """Tell the listener of the document."""
        self._listener.opened(results)

    def calibrate(self, place: Place, results: Results) -> None:
        """Put into the document what the machine can reach; measure that if it never was, in a process of its own.

        What fails here is said in the document: cases can be measured all the same.
        """
        devices = sorted({device for device in place.devices.values() if can_calibrate(device)})
        outcome: dict[str, Any] | Failure | None = place.calibration
        if outcome is None and devices:
            self.close()  # its memory is wanted, and the first job's worker is to be as fresh as the others
            self._listener.preparing(_CALIBRATING)
            outcome = self._measure_machine(devices)
            self.close()
        if isinstance(outcome, Failure):
            results.run["calibration_failure"] = outcome.reason
        else:
            results.data["calibration"] = outcome
            results.run.pop("calibration_failure", None)

    def _measure_machine(self, devices: Sequence[str]) -> dict[str, Any] | Failure:
        with self._interruption.allowed():
            try:
                self._worker = self._executor.start(CALIBRATION)
            except RnnbenchError as error:
                return Failure("error", error.message)
            return self._worker.calibrate(devices, CALIBRATION_SECONDS, self._listener.advanced)

    def work(self, batches: Sequence[Batch], record: Record) -> bool:
        """Do all jobs; return whether none was interrupted."""
        agenda = Agenda(batches)
        try:
            for index, batch in enumerate(batches):
                self._start_early = self._may_start(batch, batches[index + 1 :], record)
                self._do_batch(batch, record, agenda)
                again = record.to_retake(batch)
                if again is not None:
                    agenda.added(again)
                    self._do_batch(again, record, agenda)
        except KeyboardInterrupt:
            return False
        return True

    def _do_batch(self, batch: Batch, record: Record, agenda: Agenda) -> None:
        """Do the jobs of a batch in a worker of its own, or in several where they can be done side by side."""
        wanted: list[Job] = []
        for job in batch.jobs:
            if record.wants(job):
                wanted.append(record.sized(job))
            else:
                agenda.dropped(job)
        for index, job in enumerate(wanted):
            self._do(job, wanted[index + 1 :], record, agenda)
        self._end()
        self._ahead.close()

    def close(self) -> None:
        """End the workers."""
        self._end()
        self._ahead.close()
        while self._starting:
            self._starting.popleft().close()

    def _may_start(self, batch: Batch, following: Sequence[Batch], record: Record) -> int:
        """Return how many workers of the batches ``following`` may start during ``batch``: one a core, if not timed."""
        if batch.measurement not in UNTIMED:
            return 0
        assert self._place is not None  # noqa: S101 - a worker was probed
        alike = takewhile(lambda other: other.measurement == batch.measurement, following)
        wanted = sum(any(record.wants(job) for job in other.jobs) for other in alike)
        return min(wanted, int(self._place.settings["threads"]), MOST_WORKERS)

    def _end(self) -> None:
        """End the worker at work."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _do(self, job: Job, following: Sequence[Job], record: Record, agenda: Agenda) -> None:
        """Do a job, and begin what can be done beside it of the jobs ``following``."""
        start = time.monotonic()
        self._listener.started(
            Started(
                job.case.name,
                f"{job.measurement} again" if job.again else job.measurement,
                job.launch + 1,
                launches(job.case, job.measurement),
                done=agenda.done,
                total=agenda.total,
                seconds_left=agenda.seconds_left(),
            )
        )
        outcome = self._outcome(job, following)
        agenda.finished(job, time.monotonic() - start)
        record.add(job, outcome)
        status, reason = (outcome.status, outcome.reason) if isinstance(outcome, Failure) else ("ok", None)
        self._listener.finished(status, reason, case_over=record.is_over(job.case))

    def _outcome(self, job: Job, following: Sequence[Job]) -> Observation | Failure:
        with self._interruption.allowed():
            self._hand_out([job, *following])
            if self._ahead.has(job):
                return self._ahead.outcome(job, self._listener.advanced)
            try:
                if self._worker is None or not self._worker.usable:
                    self._end()
                    early = self._starting.popleft() if self._starting else None
                    self._worker = early or self._executor.begin(job.measurement)
                    self._worker.await_ready()
                with contextlib.suppress(RnnbenchError):  # tried again, and told, when it is wanted
                    while len(self._starting) < self._start_early:
                        self._starting.append(self._executor.begin(job.measurement))
            except RnnbenchError as error:
                self._end()
                return Failure("error", error.message)
            return self._worker.perform(job, self._timeout_seconds, self._listener.advanced)

    def _hand_out(self, jobs: Sequence[Job]) -> None:
        """Have the first of the jobs and those after it begun, as many as can be done side by side."""
        assert self._place is not None  # noqa: S101 - a worker was probed
        together = side_by_side(jobs, self._place)
        if len(together) > 1:
            if self._worker is not None:
                self._ahead.employ(self._worker)
                self._worker = None
            self._ahead.hand(together)


def _check_storage(suite: Suite, place: Place) -> None:
    """Raise where a device, now that it is known, cannot store a case's dtype."""
    for case in suite.cases:
        asked = case.parameters.device
        refused = refused_by_device(case.parameters, place.devices[asked])
        if refused is not None:
            raise RnnbenchError(f"{suite.path}: {case.name}, device {asked} ({place.devices[asked]} here): {refused}")


def _begin(suite: Suite, request: Request, settings: Settings, place: Place) -> Results:
    """Return a new document with every case in it."""
    results = Results.new(
        run={
            "id": uuid.uuid4().hex,
            "started": _now(),
            "finished": None,
            "argv": list(settings.argv),
            "seed": request.seed,
            "launches": max(launches(case, name) for case in suite.cases for name in measurements(case)),
            "rnnbench_version": __version__,
            "tags": ["quick"] if request.quick else [],
            "request": request.model_dump(mode="json"),
            "devices": place.devices,
            "settings": place.settings,
        },
        suite={
            "name": suite.name,
            "description": suite.description,
            "path": str(suite.path),
            "sha256": suite.sha256,
            "resolved": suite.resolved,
        },
        provenance={
            "git": git(),
            "packages": place.packages,
            "python": place.python,
            "plugins": [plugin.to_json() for plugin in loaded()],
        },
        machine=machine(place.gpus),
        conditions={"start": conditions(), "end": None},
    )
    results.cases.extend(new_case(case) for case in suite.cases)
    return results


def _continue(results: Results, settings: Settings, place: Place, source: str) -> None:
    """Check that the document may go on here, and note that it did."""
    resume.check_machine(results, machine(place.gpus), source)
    resume.check_software(results, place.packages, source)
    if not is_calibration(results.calibration):
        results.data["calibration"] = None
    resumptions: list[dict[str, Any]] = results.run.setdefault("resumed", [])
    resumptions.append({"time": _now(), "argv": list(settings.argv)})


def _finish(results: Results, interrupted: bool) -> None:
    """Draw the conclusions from what there is."""
    results.data["conditions"]["end"] = conditions()
    results.run["finished"] = None if interrupted else _now()
    results.data["warnings"] = warnings(results)
    concluded(results)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
