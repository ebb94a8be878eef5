"""Steps under torch.profiler: what its operators take, the trace for Perfetto, and the memory that is held meanwhile.

torch.profiler sees operators of torch. Compiled loops are none: their time is in the operator that called them
(``_Layer``, ``_LayerBackward``).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch.profiler import ProfilerActivity, profile, record_function

from rnnbench.measure.phase_clock import Span
from rnnbench.measure.timer import Clock, time_once

STEP = "rnnbench: training step"
PHASES_TRACK = "phases of rnnbench"
_TRACK_NUMBER = 999_999_999
"""The phases' track in place of a thread's number: above those that systems give."""
_MICROSECONDS = 1e6


@dataclass(frozen=True)
class Operator:
    """What one operator takes of a step, without the operators that it calls.

    ``allocated_bytes`` is what it allocates less what it frees.
    """

    name: str
    calls: float
    seconds: float
    allocated_bytes: float


@dataclass(frozen=True)
class Held:
    """A moment at which memory was taken or given back: seconds since the step began, bytes above its beginning."""

    seconds: float
    bytes: int


@dataclass(frozen=True)
class Traced:
    """Some steps under the profiler.

    Attributes
    ----------
    seconds
        Of each step.
    operators
        Per step, the longest first.
    memory
        Over the last step.
    spans
        The phases of the last step.
    events
        The trace, in Chrome's format, with the phases as a track of their own.
    """

    seconds: tuple[float, ...]
    operators: tuple[Operator, ...]
    memory: tuple[Held, ...]
    spans: tuple[Span, ...]
    events: dict[str, Any]


def trace(timed: Callable[[], Sequence[Span]], steps: int, device: str, clock: Clock) -> Traced:
    """Profile ``steps`` calls of ``timed``, which takes a step and returns its spans."""
    on_cuda = device.startswith("cuda")
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_cuda else [])]
    with profile(activities=activities, profile_memory=True):
        timed()  # the profiler's own first time takes long
    seconds: list[float] = []
    spans: list[tuple[Span, ...]] = []
    with profile(activities=activities, profile_memory=True) as profiler:
        for _ in range(steps):
            with record_function(STEP):
                seconds.append(time_once(lambda: spans.append(tuple(timed())), clock))
    written = _exported(profiler)
    events = written["traceEvents"]
    begun = [event for event in events if event.get("name") == STEP and event.get("cat") == "user_annotation"]
    begun.sort(key=lambda event: float(event["ts"]))
    for number, (step, found) in enumerate(zip(begun, spans, strict=False)):
        # A step's first mark comes a few microseconds after the annotation begins.
        events += _phase_events(found, float(step["ts"]), int(step["pid"]), number == 0)
    memory = tuple(_memory(events, begun[-1], on_cuda)) if begun else ()
    return Traced(tuple(seconds), tuple(_operators(profiler, steps, on_cuda)), memory, spans[-1], written)


def _exported(profiler: Any) -> dict[str, Any]:
    folder = tempfile.mkdtemp(prefix="rnnbench-")
    path = os.path.join(folder, "trace.json")
    try:
        profiler.export_chrome_trace(path)
        with open(path, encoding="utf-8", errors="replace") as file:
            written: dict[str, Any] = json.load(file)
    finally:
        if os.path.exists(path):
            os.unlink(path)
        os.rmdir(folder)
    return written


def _phase_events(spans: Iterable[Span], begin: float, process: int, first: bool) -> Iterator[dict[str, Any]]:
    track = {"pid": process, "tid": _TRACK_NUMBER}
    if first:
        yield {"ph": "M", "name": "thread_name", **track, "args": {"name": PHASES_TRACK}}
    for span in spans:
        at = {"ts": begin + span.start * _MICROSECONDS, "dur": (span.end - span.start) * _MICROSECONDS}
        yield {"ph": "X", "cat": "phase", "name": span.phase, **track, **at}


def _memory(events: Sequence[dict[str, Any]], step: dict[str, Any], on_cuda: bool) -> Iterator[Held]:
    start, end = float(step["ts"]), float(step["ts"]) + float(step["dur"])
    device_type = 1 if on_cuda else 0
    changes = [event for event in events if event.get("name") == "[memory]"]
    held = 0
    yield Held(0.0, 0)
    for event in sorted(changes, key=lambda event: float(event["ts"])):
        if event["args"].get("Device Type") == device_type and start <= float(event["ts"]) <= end:
            held += int(event["args"]["Bytes"])
            yield Held((float(event["ts"]) - start) / _MICROSECONDS, held)


def _operators(profiler: Any, steps: int, on_cuda: bool) -> list[Operator]:
    kind = "device" if on_cuda else "cpu"
    found = []
    for event in profiler.key_averages():
        if event.key == STEP:
            continue
        microseconds = float(getattr(event, f"self_{kind}_time_total"))
        allocated = float(getattr(event, f"self_{kind}_memory_usage"))
        found.append(Operator(event.key, event.count / steps, microseconds / _MICROSECONDS / steps, allocated / steps))
    return sorted(found, key=lambda operator: -operator.seconds)
