"""What went on while this process timed something: the machine's counters at the end against those at the start."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rnnbench.machine.conditions import conditions, said
from rnnbench.machine.fixed_work import pace

_STATES = ("load", "frequency_hz", "temperature_celsius")
_COUNTERS = ("busy_seconds", "steal_seconds", "throttled_seconds", "throttle_count")
_TASKS = Path("/proc/self/task")


class Watch:
    """Starts when it is made; :meth:`conditions` says how things were from then on.

    Parameters
    ----------
    machine, process
        Read the counters of the machine and of this process; ``work`` does the fixed work and returns its seconds.
    """

    def __init__(
        self,
        machine: Callable[[], Mapping[str, Any]] = conditions,
        process: Callable[[], Mapping[str, float | None]] | None = None,
        work: Callable[[], float] = pace,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._machine, self._process, self._now = machine, process or own_counters, now
        self._work_seconds = work()
        self._before = self._read()
        self._start = now()

    def conditions(self) -> dict[str, Any]:
        """Return JSON data: what the platform does not say is null.

        ``fixed_work_seconds`` (one fixed work on one core, just before), ``seconds`` (of the while), the counts that
        rose in it (``steal_seconds``, ``throttled_seconds``, ``throttle_count``, ``involuntary_switches``,
        ``waiting_seconds`` in which a thread of this process was ready and had no core, ``others_seconds`` in which
        other processes had one), and at its end ``load`` (the last minute's), ``frequency_hz``,
        ``temperature_celsius``.
        """
        seconds = self._now() - self._start
        after = self._read()
        state = {key: after[key] for key in _STATES}
        if state["load"] is not None:
            state["load"] = state["load"][0]
        rises = {key: _rise(self._before[key], after[key]) for key in after if key not in _STATES}
        busy, own = rises.pop("busy_seconds"), rises.pop("own_seconds")
        rises["others_seconds"] = None if busy is None or own is None else max(0.0, busy - own)
        return {"fixed_work_seconds": self._work_seconds, "seconds": seconds, **rises, **state}

    def _read(self) -> dict[str, Any]:
        machine = self._machine()
        return {**{key: machine[key] for key in (*_COUNTERS, *_STATES)}, **self._process()}


def own_counters(tasks: Path = _TASKS) -> dict[str, float | None]:
    """Return the counts so far of all threads of this process: ``involuntary_switches``, ``waiting_seconds``, and
    ``own_seconds``, in which they had a core."""
    return {
        "own_seconds": time.process_time(),
        "involuntary_switches": said(_involuntary_switches),
        "waiting_seconds": said(lambda: waiting_seconds(tasks)),
    }


def waiting_seconds(tasks: Path) -> float | None:
    """Return how long the threads in a folder of ``/proc`` were ready to run and had no core (Linux), else None."""
    # The second number, in nanoseconds (Documentation/scheduler/sched-stats.rst).
    waits = [int(file.read_text().split()[1]) for file in tasks.glob("[0-9]*/schedstat")]
    return sum(waits) / 1e9 if waits else None


def _involuntary_switches() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def _rise(before: float | None, after: float | None) -> float | None:
    """Return by how much a counter rose; a thread that has ended takes its count along."""
    return None if before is None or after is None else max(0, after - before)
