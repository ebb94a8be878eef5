"""The stopwatch's rules, on a clock that only moves when work is done."""

import itertools
import random

import pytest

from rnnbench.measure import timer
from rnnbench.measure.timer import (
    BLOCK_SECONDS,
    FEWEST_SAMPLES,
    SLOT_SECONDS,
    Clock,
    time_once,
    time_repeatedly,
    time_slot,
)


class Work:
    """A callable whose n-th call takes the n-th duration on its own clock."""

    def __init__(self, durations):
        self.seconds = 0.0
        self.calls = 0
        self._durations = iter(durations)

    def __call__(self):
        self.calls += 1
        self.seconds += next(self._durations)

    def clock(self, **more):
        return Clock(now=lambda: self.seconds, **more)


def test_a_steady_call_is_measured_exactly_and_stops_at_the_precision():
    work = Work(itertools.repeat(0.004))
    timing = time_repeatedly(work, work.clock(), precision=0.01, max_seconds=10)
    assert timing.seconds == pytest.approx([0.004] * len(timing.seconds))
    assert len(timing.seconds) == FEWEST_SAMPLES
    assert (timing.stopped, timing.settled) == ("precision", True)


def test_blocks_last_at_least_ten_milliseconds():
    work = Work(itertools.repeat(0.00003))
    timing = time_repeatedly(work, work.clock(), precision=0.01, max_seconds=10)
    assert timing.calls_per_block * 0.00003 >= BLOCK_SECONDS
    assert work.calls == timing.warm_up_calls + len(timing.seconds) * timing.calls_per_block


def test_a_noisy_call_stops_at_the_time_cap_and_says_so():
    noise = random.Random(0)  # noqa: S311 - not for secrets
    work = Work(noise.uniform(0.010, 0.030) for _ in itertools.count())
    timing = time_repeatedly(work, work.clock(), precision=0.01, max_seconds=2)
    assert timing.stopped == "time"
    assert sum(timing.seconds) * timing.calls_per_block <= 2 + 0.03


def test_slow_first_calls_are_warm_up():
    work = Work(itertools.chain([1.0], [0.020] * 3, itertools.repeat(0.012)))
    timing = time_repeatedly(work, work.clock(), precision=0.01, max_seconds=10)
    assert timing.seconds == pytest.approx([0.012] * len(timing.seconds))
    assert timing.settled


def test_a_call_that_never_settles_is_flagged():
    work = Work(0.010 * 1.2**n for n in itertools.count())
    timing = time_repeatedly(work, work.clock(), precision=0.01, max_seconds=1)
    assert not timing.settled


def test_a_call_longer_than_the_cap_is_sampled_once():
    work = Work(itertools.repeat(7.0))
    timing = time_repeatedly(work, work.clock(), precision=0.01, max_seconds=1)
    assert timing.seconds == (7.0,)
    assert timing.stopped == "time"


def test_one_outlier_does_not_keep_the_sampling_going():
    assert timer._known_within([1.0] * 9 + [50.0] + [1.0] * 20, 0.01)
    assert not timer._known_within([1.0, 1.2] * 10, 0.01)


def test_the_device_is_waited_for_before_and_after_each_block_and_its_own_clock_stands_beside():
    events = []
    work = Work(itertools.repeat(0.011))

    def call():
        events.append("call")
        work()

    def by_device(block):
        events.append("start")
        before = work.seconds
        block()
        events.append("end")
        return (work.seconds - before) / 2

    clock = work.clock(synchronise=lambda: events.append("wait"), device_seconds=by_device)
    timing = time_repeatedly(call, clock, precision=0.01, max_seconds=10)
    assert timing.device_seconds == pytest.approx(0.0055)
    assert events[-5:] == ["wait", "start", "call", "end", "wait"]


def test_a_single_call_is_timed_with_its_device_work():
    work = Work([0.5])
    waits = []
    assert time_once(work, work.clock(synchronise=lambda: waits.append(work.calls))) == 0.5
    assert waits == [0, 1]


def test_a_slot_leaves_out_its_first_call():
    work = Work(itertools.chain([1.0], itertools.repeat(0.012)))
    assert time_slot(work, work.clock()) == pytest.approx(0.012)


def test_a_slot_of_short_calls_has_blocks_and_of_long_ones_two_calls():
    short, long = Work(itertools.repeat(0.00003)), Work(itertools.repeat(2.0))
    assert time_slot(short, short.clock()) == pytest.approx(0.00003)
    assert short.seconds == pytest.approx(SLOT_SECONDS, rel=0.2)
    assert time_slot(long, long.clock()) == pytest.approx(2.0)
    assert long.calls == 3
