"""The longest sequence whose training step fits a budget of memory: the search, each probe a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import psutil
import torch

from rnnbench.machine.allocator import GIVES_BACK, with_allocator
from rnnbench.machine.cgroup import killed_for_memory, oom_kills
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.memory_probe import Request
from rnnbench.measure.memory_search import Probe, Search
from rnnbench.plugins.load import to_message
from rnnbench.results.figure import Figure
from rnnbench.suite.budget import DEVICE
from rnnbench.suite.case import Case

if TYPE_CHECKING:
    from typing_extensions import Self

    from rnnbench.measure.perform import Progress

_EXPECTED_PROBES = 10
_TAIL = 2000


def memory_limit(case: Case, device: str, progress: Progress) -> dict[str, Figure]:
    """Return ``max_length_memory`` and the line that memory follows.

    Raises
    ------
    CaseFailure
        A probe ended with an error that has nothing to do with memory.
    """
    settings = case.measure.max_length
    assert settings is not None  # noqa: S101 - the planner asks for what the case names
    budget = free_bytes(device) if settings.budget == DEVICE else settings.budget
    assert isinstance(budget, int)  # noqa: S101 - tells the type checker
    parameters = case.resolved()
    del parameters["measure"]
    request = Request(parameters, settings.scope, device, torch.get_num_threads(), 0, budget, to_message())

    def probe(time_steps: int) -> Probe:
        progress(len(search.probes), _EXPECTED_PROBES, f"memory at {time_steps:,} time steps")
        return prober.run(replace(request, time_steps=time_steps))

    search = Search(budget, settings.longest, probe)
    with Prober() as prober:
        search.run()
    return _figures(search, settings.scope)


class Prober:
    """Runs probes, each in a fresh process; the process of the next one imports while a probe runs.

    Use it as a context manager: at its end the process that is not needed any more is gone.
    """

    def __init__(self) -> None:
        self._next: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._next is not None:
            with self._next as process:
                process.kill()

    def run(self, request: Request) -> Probe:
        """Run one probe.

        Raises
        ------
        CaseFailure
            It ended with an error that has nothing to do with memory.
        """
        process = self._next
        if process is None or process.poll() is not None:
            process = _start()
        self._next = None
        kills = oom_kills()
        with process:
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            process.stdin.write(json.dumps(asdict(request)) + "\n")
            process.stdin.flush()
            # What a probe weighs is its own process: another one beside it does not show.
            self._next = _start()
            # stdin stays open: its end tells the probe that nobody waits any more.
            said, complaint = _read(process)
        return _outcome(request, process.returncode, said, complaint, kills)


def _start() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "rnnbench.measure.memory_probe"]
    pipe, environment = subprocess.PIPE, with_allocator(os.environ, GIVES_BACK)
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", env=environment)


def _outcome(request: Request, returncode: int, said: str, complaint: str, kills: Mapping[str, int]) -> Probe:
    """Return what the end of a probe's process says; ``kills`` is what the system had killed before."""
    if returncode == -9:
        return _killed(request.time_steps, kills, oom_kills())
    if returncode != 0:
        raise CaseFailure("error", f"a probe of {request.time_steps:,} time steps failed:\n{complaint[-_TAIL:]}")
    answer = json.loads(said)
    if answer["reason"] is not None:
        return Probe(request.time_steps, False, None, answer["reason"])
    peak = answer["peak_bytes"]
    fits = peak <= request.budget
    return Probe(request.time_steps, fits, peak, None if fits else "needs more than the budget")


def _killed(time_steps: int, before: Mapping[str, int], after: Mapping[str, int]) -> Probe:
    """Return that a killed probe does not fit, if that is why it was killed, as far as the system tells.

    Raises
    ------
    CaseFailure
        Somebody else killed it: that says nothing of its memory.
    """
    if killed_for_memory(before, after):
        return Probe(time_steps, False, None, "killed by the system for want of memory")
    if after:
        raise CaseFailure("error", f"a probe of {time_steps:,} time steps was killed, and not for want of memory")
    return Probe(time_steps, False, None, "killed, most likely for want of memory: this system does not say why")


def _read(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return all that a process writes to stdout and stderr, without closing its stdin first."""
    assert process.stdout is not None  # noqa: S101 - pipes
    assert process.stderr is not None  # noqa: S101
    complaint: list[str] = []
    reader = threading.Thread(target=lambda: complaint.append(process.stderr.read()))  # type: ignore[union-attr]
    reader.start()
    said = process.stdout.read()
    reader.join()
    return said, complaint[0]


def free_bytes(device: str) -> int:
    """Return what a device has free."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def _figures(search: Search, scope: str) -> dict[str, Figure]:
    details = {"scope": scope, "budget": search.budget, **search.to_json()}
    if search.unbounded:
        length = Figure("exact", (None,), ("unbounded",), details)
    elif search.fits is None:
        length = Figure("exact", (0.0,), ("nothing_fits",), details)
    else:
        flags = ("longest_tried",) if search.fails is None else ()
        length = Figure("exact", (float(search.fits),), flags, details)
    figures = {"max_length_memory": length}
    if search.bytes_per_step is not None and search.fixed_bytes is not None:
        figures["bytes_per_time_step"] = Figure("exact", (search.bytes_per_step,), (), {"scope": scope})
        figures["fixed_memory"] = Figure("exact", (search.fixed_bytes,), (), {"scope": scope})
    return figures
