"""Workers as processes on this machine.

The parent sleeps on a queue while a worker measures; one thread per worker, asleep in a read, feeds the queue. That
waits alike on every platform (Windows cannot select on pipes).
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.machine.cgroup import oom_kills
from rnnbench.machine.threads import thread_count
from rnnbench.plugins.load import to_message
from rnnbench.results.figure import Observation
from rnnbench.runner.environment import worker_environment
from rnnbench.runner.executor import Advanced, Place
from rnnbench.runner.failures import death
from rnnbench.runner.job import Failure, Job

START_SECONDS = 300.0
"""How long a worker may take to start; importing torch from a cold network disk can take minutes."""
_END_SECONDS = 5.0
_TAIL_BYTES = 4000
_TAIL_LINES = 8


@dataclass(frozen=True)
class _Asked:
    """A request that is not answered yet: what the control group had killed before it, and until when it may take."""

    kills_before: dict[str, int]
    deadline: float
    timeout_seconds: float


class LocalExecutor:
    """Starts one process per worker, which loads the plug-ins that this process has.

    Parameters
    ----------
    command
        The worker's command line; :mod:`rnnbench.runner.worker` in this Python unless given.
    start_seconds
        How long a worker may take to be ready.
    installed
        Whether the worker imports the rnnbench that is installed for its Python, not one in the working folder.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        start_seconds: float = START_SECONDS,
        installed: bool = False,
    ) -> None:
        self._command = list(command or (sys.executable, "-m", "rnnbench.runner.worker"))
        self._start_seconds = start_seconds
        self._installed = installed

    def begin(self, measurement: str) -> LocalWorker:
        """Return a worker that starts; see :class:`rnnbench.runner.executor.Executor`."""
        environment = worker_environment(measurement, thread_count(), self._installed)
        return LocalWorker(self._command, environment, self._start_seconds)

    def start(self, measurement: str) -> LocalWorker:
        """Return a worker that is ready; see :class:`rnnbench.runner.executor.Executor`."""
        worker = self.begin(measurement)
        try:
            worker.await_ready()
        except BaseException:
            worker.close()
            raise
        return worker


class LocalWorker:
    """One worker process, in a session and process group of its own: the terminal's Ctrl-C reaches only the parent."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], start_seconds: float) -> None:
        self._start_seconds = start_seconds
        # Closed with the worker; a context manager cannot span its life.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self._stderr.close()
            raise RnnbenchError(
                f"cannot start a worker process ({command[0]}): {error}", ExitCode.CASE_FAILED
            ) from error
        self._events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=_forward, args=(self._process.stdout, self._events), daemon=True).start()
        self._busy = True
        self._closed = False
        self._ready: dict[str, Any] = {}
        self._begun: _Asked | None = None

    @property
    def pid(self) -> int:
        """The process's id, which is also its group's."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it can take another job."""
        return not self._closed

    def await_ready(self) -> None:
        """Wait until the worker has imported what it needs, this process's plug-ins included.

        Raises
        ------
        RnnbenchError
            It ended, said nothing, or cannot load a plug-in; the message has the last lines that it wrote to stderr.
        """
        seconds = self._start_seconds
        try:
            event = self._next(time.monotonic() + seconds)
        except queue.Empty:
            raise RnnbenchError(
                f"a worker process did not start within {seconds:g} s ({' '.join(self._command_line())})",
                ExitCode.CASE_FAILED,
            ) from None
        if event is None:
            failure = self._died({})
            raise RnnbenchError(
                f"a worker process could not start: {failure.reason}\n"
                f"Try it by hand: {self._command_line()[0]} -c 'import rnnbench.measure.perform'",
                ExitCode.CASE_FAILED,
            )
        self._ready = event
        self._busy = False
        self._load_plugins(seconds)

    def _load_plugins(self, seconds: float) -> None:
        message = to_message()
        if message is None:
            return
        self._busy = True
        self._send({"plugins": message})
        try:
            event = self._next(time.monotonic() + seconds)
        except queue.Empty:
            raise RnnbenchError(
                f"a worker process did not load its plug-ins within {seconds:g} s", ExitCode.CASE_FAILED
            ) from None
        if event is None:
            raise RnnbenchError(
                f"a worker process ended while it loaded plug-ins: {self._died({}).reason}", ExitCode.CASE_FAILED
            )
        self._busy = False
        if event["error"] is not None:
            raise RnnbenchError(event["error"])

    def probe(self, devices: Sequence[str]) -> Place:
        """Return what is there; see :class:`rnnbench.runner.executor.Worker`."""
        self._busy = True
        self._send({"probe": {"devices": list(devices)}})
        try:
            event = self._next(time.monotonic() + START_SECONDS)
        except queue.Empty:
            raise RnnbenchError(
                f"asking for the devices {', '.join(devices)} did not end within {START_SECONDS:g} s: "
                "a driver may hang. Use --device cpu",
            ) from None
        if event is None:
            raise RnnbenchError(f"asking for the devices {', '.join(devices)} failed: {self._died({}).reason}")
        self._busy = False
        if event["error"] is not None:
            raise RnnbenchError(event["error"])
        ready = self._ready
        return Place(
            event["devices"],
            event["gpus"],
            ready["settings"],
            ready["packages"],
            ready["python"],
            event.get("calibration"),
            ready.get("installation", {}),
        )

    def calibrate(self, devices: Sequence[str], timeout_seconds: float, advanced: Advanced) -> dict[str, Any] | Failure:
        """Calibrate; see :class:`rnnbench.runner.executor.Worker`."""
        asked = self._ask({"calibrate": {"devices": list(devices)}}, timeout_seconds)
        event = self._answer(asked, advanced)
        if isinstance(event, Failure):
            return event
        calibration: dict[str, Any] = event["calibration"]
        return calibration

    def begin(self, job: Job, timeout_seconds: float) -> None:
        """Begin a job; see :class:`rnnbench.runner.executor.Worker`."""
        case = {"name": job.case.name, "parameters": job.case.resolved()}
        request = {"job": job.id, "measurement": job.measurement, "case": case}
        self._begun = self._ask(request, timeout_seconds)

    def perform(self, job: Job, timeout_seconds: float, advanced: Advanced) -> Observation | Failure:
        """Run a job, or wait for it; see :class:`rnnbench.runner.executor.Worker`."""
        if self._begun is None:
            self.begin(job, timeout_seconds)
        assert self._begun is not None  # noqa: S101 - by now
        asked, self._begun = self._begun, None
        event = self._answer(asked, advanced, " (--timeout)")
        return event if isinstance(event, Failure) else Observation.from_json(event["observation"])

    def close(self) -> None:
        """End the process: politely if it is idle, else by killing its group."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        if not self._busy:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)
        _kill_group(self._process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        self._stderr.close()

    def _ask(self, request: dict[str, Any], timeout_seconds: float) -> _Asked:
        """Send a request."""
        asked = _Asked(oom_kills(), time.monotonic() + timeout_seconds, timeout_seconds)
        self._busy = True
        self._send(request)
        return asked

    def _answer(self, asked: _Asked, advanced: Advanced, set_by: str = "") -> dict[str, Any] | Failure:
        """Return the last answer to a request, or how it failed; progress is passed on meanwhile.

        ``set_by`` says whose limit the timeout is.
        """
        while True:
            try:
                event = self._next(asked.deadline)
            except queue.Empty:
                self.close()
                return Failure("timeout", f"no result within {asked.timeout_seconds:g} s{set_by}")
            if event is None:
                return self._died(asked.kills_before)
            if event["event"] == "progress":
                advanced(event["done"], event["total"], event["note"])
                continue
            self._busy = False
            if event["event"] != "failed":
                return event
            if not event["sound"]:
                self.close()
            return Failure(event["status"], event["reason"], event["agreement"])

    def _command_line(self) -> list[str]:
        return [str(part) for part in self._process.args] if isinstance(self._process.args, list) else []

    def _send(self, request: dict[str, Any]) -> None:
        """Write a request; a worker that is gone shows as the end of its answers."""
        assert self._process.stdin is not None  # noqa: S101 - opened as a pipe
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def _next(self, deadline: float) -> dict[str, Any] | None:
        """Return the worker's next message, or None at the end of them; ``queue.Empty`` after the deadline."""
        return self._events.get(timeout=max(0.0, deadline - time.monotonic()))

    def _died(self, kills_before: dict[str, int]) -> Failure:
        """Wait for the end of a worker that fell silent, and say why it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        failure = death(self._process.returncode, kills_before, oom_kills(), self._tail())
        self.close()
        return failure

    def _tail(self) -> str:
        """Return the last lines that the worker wrote to stderr."""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _TAIL_BYTES))
        return "\n".join(self._stderr.read().decode(errors="replace").strip().splitlines()[-_TAIL_LINES:])


def _forward(stdout: IO[bytes], events: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    """Pass a worker's messages on, then None at their end; a line that is no message ends them."""
    with contextlib.suppress(OSError, ValueError), stdout:
        for line in stdout:
            events.put(json.loads(line))
    events.put(None)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker and every process it started."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
