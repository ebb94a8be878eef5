"""The process that measures: takes jobs as JSON lines on stdin, answers as JSON lines on its original stdout.

Requests::

    {"plugins": {"sources": [...], "expected": [...]}}
    {"probe": {"devices": ["auto"]}}
    {"calibrate": {"devices": ["cpu"]}}
    {"job": ID, "measurement": "throughput", "case": {"name": ..., "parameters": {...}}}

Answers: ``ready`` once, then per request ``plugins``, ``probe``, or any number of ``progress`` and one of ``result``,
``calibration`` and ``failed``. A failure that is not a :class:`~rnnbench.measure.failure.CaseFailure` says
``"sound": false``: what it left behind in the process is unknown, and the parent takes a fresh worker. When stdin
ends, the parent is gone or wants no more: the process ends at once, even in the middle of a job.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import threading
import time
from collections.abc import Callable
from importlib import metadata
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rnnbench.machine.calibration import Identity

_PACKAGES = ("numpy", "scipy", "numba", "triton")
_SECONDS_BETWEEN_PROGRESS = 0.5

Send = Callable[[dict[str, Any]], None]


def main() -> None:
    """Serve requests until stdin ends."""
    send = _sender(_private_output())
    requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()

    # Imported here so that nothing they print at import reaches the channel, and a failure finds its way to stderr.
    import torch

    import rnnbench.measure.perform  # noqa: F401 - a broken installation shows before the first job
    from rnnbench.machine.threads import thread_count
    from rnnbench.models.runtime import prepare

    settings = prepare(thread_count())
    packages = {"torch": str(torch.__version__)}
    for name in _PACKAGES:
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    said = {"packages": packages, "python": platform.python_version(), "settings": settings}
    send({"event": "ready", **said, "installation": _installation()})
    while True:
        request = requests.get()
        if "plugins" in request:
            send({"event": "plugins", **_load_plugins(request["plugins"])})
        elif "probe" in request:
            send({"event": "probe", **_probe(request["probe"]["devices"])})
        elif "calibrate" in request:
            send(_calibrate(request["calibrate"]["devices"], send))
        else:
            send(_answer(request, send))


def _load_plugins(message: dict[str, Any]) -> dict[str, Any]:
    """Load the plug-ins that the parent has, and return what is wrong with that, if anything."""
    from rnnbench.errors import RnnbenchError
    from rnnbench.plugins.load import load_message

    try:
        load_message(message)
    except RnnbenchError as error:
        return {"error": error.message}
    return {"error": None}


def _installation() -> dict[str, str]:
    """Return which rnnbench this is; the parent may be another one."""
    import rnnbench
    from rnnbench.results.paired import SCHEMA_VERSION

    folder = os.path.dirname(os.path.abspath(rnnbench.__file__))
    return {"version": rnnbench.__version__, "path": folder, "results_version": SCHEMA_VERSION}


def _private_output() -> TextIO:
    """Return a channel to the parent, and make file descriptor 1 mean stderr, so that no library can write into it."""
    sys.stdout.flush()
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def _sender(channel: TextIO) -> Send:
    """Return the function that writes one message as one line."""

    def send(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    return send


def _read(requests: SimpleQueue[dict[str, Any]]) -> None:
    """Pass requests on; end the process where they end, whatever its other threads are doing."""
    for line in sys.stdin.buffer:
        requests.put(json.loads(line))
    os._exit(0)


def _probe(devices: list[str]) -> dict[str, Any]:
    """Return what the devices mean here, or why one of them is not there."""
    from rnnbench.errors import RnnbenchError
    from rnnbench.machine.calibration import can_calibrate
    from rnnbench.machine.calibration_cache import cached_calibration
    from rnnbench.models.device import describe_gpus, resolve

    try:
        resolved = {asked: resolve(asked) for asked in devices}
    except RnnbenchError as error:
        return {"error": error.message}
    calibration = cached_calibration(_identity(), [*filter(can_calibrate, resolved.values())])
    return {"devices": resolved, "gpus": describe_gpus(), "calibration": calibration, "error": None}


def _calibrate(devices: list[str], send: Send) -> dict[str, Any]:
    """Measure what the devices can reach, keep it for later runs, and return the last message."""
    from rnnbench.machine.calibration import calibrate
    from rnnbench.machine.calibration_cache import keep_calibration
    from rnnbench.runner.failures import describe, status_of

    try:
        calibration = calibrate(_identity(), devices, _progress("calibration", send))
    except Exception as error:
        return {
            "event": "failed",
            "status": status_of(error),
            "reason": describe(error),
            "agreement": None,
            "sound": False,
        }
    keep_calibration(calibration)
    return {"event": "calibration", "calibration": calibration}


def _identity() -> Identity:
    """Return what a calibration made in this process belongs to."""
    import torch

    from rnnbench.machine.calibration import Identity
    from rnnbench.machine.fingerprint import machine
    from rnnbench.models.device import describe_gpus

    return Identity(machine(describe_gpus())["fingerprint"], torch.get_num_threads(), str(torch.__version__))


def _answer(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Perform a job and return its last message."""
    from dataclasses import replace

    from rnnbench.machine.watch import Watch
    from rnnbench.measure import perform
    from rnnbench.measure.failure import CaseFailure
    from rnnbench.runner.failures import describe, status_of
    from rnnbench.suite.case import Case

    failed = {"event": "failed", "job": request["job"]}
    try:
        case = Case.from_resolved(request["case"]["name"], request["case"]["parameters"])
        watch = Watch() if request["measurement"] == "throughput" else None
        observation = perform.perform(request["measurement"], case, _progress(request["job"], send))
        if watch is not None:
            observation = replace(observation, conditions=watch.conditions())
        return {"event": "result", "job": request["job"], "observation": observation.to_json()}
    except CaseFailure as failure:
        said = {"status": failure.status, "reason": failure.reason, "agreement": failure.agreement}
        return {**failed, **said, "sound": failure.status != "oom"}
    except Exception as error:
        return {**failed, "status": status_of(error), "reason": describe(error), "agreement": None, "sound": False}


def _progress(job: str, send: Send) -> Callable[[int, int, str], None]:
    """Return the function a measurement tells its progress to; it passes on only as much as a person can read."""
    last = 0.0

    def progress(done: int, total: int, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_PROGRESS:
            last = now
            send({"event": "progress", "job": job, "done": done, "total": total, "note": note})

    return progress


if __name__ == "__main__":
    main()
