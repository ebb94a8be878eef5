"""The clock that tells phases apart, on a CUDA device: by events, of which torch's functions are stand-ins here."""

import itertools

import pytest
import torch

from rnnbench.measure.clock import Clock
from rnnbench.measure.phase_clock import Span, phase_clock_of
from rnnbench.measure.torch_trace import Held, trace
from rnnbench.phases import RECURRENCE_FORWARD, UNATTRIBUTED


@pytest.fixture
def log(monkeypatch):
    """Let events be 250 ms apart, and return what is asked of them."""
    said, now = [], itertools.count(0, 250)

    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self, stream):
            self.at = next(now)
            said.append(f"record on {stream}")

        def elapsed_time(self, later):
            assert "wait" in said, "nothing can be read before the device is done"
            return float(later.at - self.at)

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: f"the stream of {device}")
    return said


def test_phases_on_cuda_are_between_events_on_its_stream_read_when_it_is_done(log):
    clock = phase_clock_of("cuda:1")

    def step():
        with clock.phase(RECURRENCE_FORWARD):
            pass

    spans = clock.time(step, synchronise=lambda: log.append("wait"))
    expected = [(UNATTRIBUTED, 0.0), (RECURRENCE_FORWARD, 0.25), (UNATTRIBUTED, 0.5)]
    assert spans == [Span(phase, start, start + 0.25) for phase, start in expected]
    assert log == ["record on the stream of cuda:1"] * 4 + ["wait"]


@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_a_trace_of_cuda_lists_what_the_device_held_and_did_not_the_host():
    numbers = torch.ones(8)

    def timed():
        _ = numbers + numbers
        return [Span(UNATTRIBUTED, 0.0, 1.0)]

    traced = trace(timed, 1, "cuda:0", Clock())
    assert traced.memory == (Held(0.0, 0),), "32 bytes of the host are not the device's"
    assert {operator.seconds for operator in traced.operators} == {0.0}
    assert "aten::add" in {operator.name for operator in traced.operators}
