"""The only stopwatch: warm up until times settle, then sample blocks until the median is known well enough.

Stopping rule and defaults: warm-up ends when the medians of two successive windows of :data:`WINDOW` samples lie within
:data:`SETTLED` of each other, or after ``max_seconds`` but at least :data:`WARM_UP_SECONDS` (flag ``not_settled``).
Then blocks of at least :data:`BLOCK_SECONDS` are timed until the distribution-free 95 % interval of the median is
within ``precision`` on both sides (reason ``precision``) or ``max_seconds`` have passed (reason ``time``).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

BLOCK_SECONDS = 0.010
WINDOW = 3
SETTLED = 0.02
WARM_UP_SECONDS = 1.0
"""Times of 10 ms passes on a quiet 2-core machine settled after 0.11 s on average, and always within 0.5 s."""
FEWEST_SAMPLES = 8
"""From 6 samples on, the extremes bound the median with 95 % confidence; two more keep one outlier from deciding."""
MOST_SAMPLES = 1000
SLOT_SECONDS = 0.05
"""Of a slot of a round; the caches hold the other arm's data at its start, hence the call that is thrown away."""
_FEWEST_SLOT_BLOCKS = 2


@dataclass(frozen=True)
class Clock:
    """How to read time and wait for a device; tests bring their own.

    ``device_seconds`` is None where the wall clock tells all (CPU); on an accelerator it times one block by the
    device's own events, to stand beside the wall clock.
    """

    now: Callable[[], float] = time.perf_counter
    synchronise: Callable[[], None] | None = None
    device_seconds: Callable[[Callable[[], None]], float] | None = None


@dataclass(frozen=True)
class Timing:
    """Samples of one callable in one process.

    Attributes
    ----------
    seconds
        Seconds per call, one entry per block.
    calls_per_block, warm_up_calls
        How many calls a block held, and how many came before the first block.
    stopped
        ``precision`` or ``time``.
    settled
        Whether the warm-up ended because times had settled.
    device_seconds
        Median seconds per call by the device's own clock, where there is one.
    """

    seconds: tuple[float, ...]
    calls_per_block: int
    warm_up_calls: int
    stopped: str
    settled: bool
    device_seconds: float | None = None


def time_once(call: Callable[[], object], clock: Clock) -> float:
    """Return the seconds of a single call, device work included."""
    return _block(call, 1, clock)


def time_repeatedly(call: Callable[[], object], clock: Clock, *, precision: float, max_seconds: float) -> Timing:
    """Return samples of ``call`` by the rule of this module."""
    calls_per_block, warm_up_calls, settled = _warm_up(call, clock, max(WARM_UP_SECONDS, max_seconds))
    samples: list[float] = []
    device_samples: list[float] = []
    stopped = "time"
    start = clock.now()
    while True:
        if clock.device_seconds is None:
            samples.append(_block(call, calls_per_block, clock) / calls_per_block)
        else:
            wall, device = _device_block(call, calls_per_block, clock)
            samples.append(wall / calls_per_block)
            device_samples.append(device / calls_per_block)
        if len(samples) >= FEWEST_SAMPLES and _known_within(samples, precision):
            stopped = "precision"
            break
        if clock.now() - start >= max_seconds or len(samples) >= MOST_SAMPLES:
            break
    return Timing(
        tuple(samples),
        calls_per_block,
        warm_up_calls,
        stopped,
        settled,
        median(device_samples) if device_samples else None,
    )


def time_slot(call: Callable[[], object], clock: Clock) -> float:
    """Return the median seconds per call over blocks that fill a slot of a round; the first call does not count."""
    first = max(_block(call, 1, clock), 1e-9)
    calls = math.ceil(BLOCK_SECONDS / first)
    samples: list[float] = []
    start = clock.now()
    while len(samples) < _FEWEST_SLOT_BLOCKS or clock.now() - start < SLOT_SECONDS:
        samples.append(_block(call, calls, clock) / calls)
    return median(samples)


def _block(call: Callable[[], object], calls: int, clock: Clock) -> float:
    """Return the wall seconds of ``calls`` calls."""
    if clock.synchronise is not None:
        clock.synchronise()
    start = clock.now()
    for _ in range(calls):
        call()
    if clock.synchronise is not None:
        clock.synchronise()
    return clock.now() - start


def _device_block(call: Callable[[], object], calls: int, clock: Clock) -> tuple[float, float]:
    """Return (wall, device) seconds of the same ``calls`` calls."""
    device_seconds: list[float] = []

    def repeat() -> None:
        for _ in range(calls):
            call()

    def by_events() -> None:
        assert clock.device_seconds is not None  # noqa: S101 - the caller checked
        device_seconds.append(clock.device_seconds(repeat))

    return _block(by_events, 1, clock), device_seconds[0]


def _warm_up(call: Callable[[], object], clock: Clock, cap_seconds: float) -> tuple[int, int, bool]:
    """Return (calls per block, calls made, whether times settled)."""
    start = clock.now()
    calls, made = 1, 0
    windows: list[list[float]] = [[]]
    while True:
        seconds = _block(call, calls, clock)
        made += calls
        if seconds < BLOCK_SECONDS:
            # Grow towards a full block before judging whether times have settled.
            calls = math.ceil(calls * min(10.0, 1.2 * BLOCK_SECONDS / max(seconds, 1e-9)))
            windows = [[]]
        else:
            windows[-1].append(seconds / calls)
        if len(windows[-1]) == WINDOW:
            if len(windows) > 1 and abs(median(windows[-1]) / median(windows[-2]) - 1) <= SETTLED:
                return calls, made, True
            windows.append([])
        if clock.now() - start >= cap_seconds and seconds >= BLOCK_SECONDS:
            return calls, made, False


def _known_within(samples: list[float], precision: float) -> bool:
    """Say whether the 95 % interval of the median is within ``precision`` of it on both sides.

    The interval runs from the j-th smallest to the j-th largest sample, j = floor(n/2 - 0.98 sqrt(n)), at least 1
    (normal approximation to the binomial; Conover, Practical Nonparametric Statistics, 3.2).
    """
    ordered = sorted(samples)
    n = len(ordered)
    rank = max(1, math.floor(n / 2 - 0.98 * math.sqrt(n)))
    middle = median(ordered)
    return ordered[rank - 1] >= middle * (1 - precision) and ordered[n - rank] <= middle * (1 + precision)
