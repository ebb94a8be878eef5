"""The clock of a device: the wall clock, and on CUDA the device's own events beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from rnnbench.measure.timer import Clock


def clock_of(device: str) -> Clock:
    """Return the clock for a resolved device."""
    if device.startswith("cuda"):
        return Clock(
            synchronise=partial(torch.cuda.synchronize, device), device_seconds=partial(_cuda_event_seconds, device)
        )
    if device == "mps":
        return Clock(synchronise=torch.mps.synchronize)
    return Clock()


def _cuda_event_seconds(device: str, work: Callable[[], None]) -> float:
    event: Any = torch.cuda.Event
    stream = torch.cuda.current_stream(device)  # unless named, an event is recorded on the first device
    start, end = event(enable_timing=True), event(enable_timing=True)
    start.record(stream)
    work()
    end.record(stream)
    end.synchronize()
    return float(start.elapsed_time(end)) / 1000.0
