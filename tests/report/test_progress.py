"""Progress: a live table on a terminal, lines elsewhere, and text that stays text."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from rnnbench.report.listener import Listener, Started
from rnnbench.report.live import Live
from rnnbench.report.progress import Lines, display


class FakeTime:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def lines() -> tuple[Lines, FakeTime, io.StringIO]:
    output, now = io.StringIO(), FakeTime()
    return Lines(Console(file=output, width=40), now), now, output


def start(listener: Listener, case: str = "dense", launch: int = 1, done: int = 0) -> None:
    listener.started(Started(case, "throughput", launch, 5, done=done, total=40, seconds_left=83.0))


def test_a_terminal_gets_a_live_table_and_a_pipe_gets_lines():
    assert isinstance(display(Console(file=io.StringIO(), force_terminal=True)), Live)
    assert isinstance(display(Console(file=io.StringIO())), Lines)


def test_lines_come_at_most_every_five_seconds(lines):
    listener, now, output = lines
    with listener:
        for job in range(10):
            start(listener, done=job)
            now.seconds += 2.0
            listener.finished("ok", None, case_over=False)
    assert output.getvalue().splitlines() == [
        "[3/40] dense: throughput, launch 1 of 5: ok (0:06 elapsed, about 1:21 left)",
        "[6/40] dense: throughput, launch 1 of 5: ok (0:12 elapsed, about 1:21 left)",
        "[9/40] dense: throughput, launch 1 of 5: ok (0:18 elapsed, about 1:21 left)",
    ]


def test_the_end_of_a_case_and_a_failure_are_said_at_once(lines):
    listener, _, output = lines
    start(listener)
    listener.finished("ok", None, case_over=True)
    start(listener, "diagonal")
    listener.finished("timeout", "no result within 5 s (--timeout)", case_over=True)
    assert output.getvalue().splitlines() == [
        "[1/40] dense: throughput, launch 1 of 5: ok; case complete (0:00 elapsed, about 1:23 left)",
        "diagonal: timeout: no result within 5 s (--timeout)",
    ]


HOSTILE = "a[bold]b\x1b[2J[/nonsense]\n" + "x" * 10_000


def test_names_and_reasons_are_neither_markup_nor_control_sequences(lines):
    listener, _, output = lines
    start(listener, HOSTILE)
    listener.finished("error", HOSTILE, case_over=True)
    assert "[bold]" in output.getvalue()
    assert "\x1b" not in output.getvalue()
    assert len(output.getvalue().splitlines()) == 1
    assert len(output.getvalue()) < 1000


def test_what_comes_before_the_first_job_is_said_once(lines):
    listener, _, output = lines
    listener.preparing("measuring what this machine\ncan reach")
    listener.advanced(1, 7, "products")
    assert output.getvalue() == "measuring what this machine can reach\n"


def test_where_nothing_tells_how_long_the_rest_takes_nothing_is_said_of_it(lines):
    listener, now, output = lines
    listener.started(Started("dense", "screening", 1, 1, done=0, total=24, seconds_left=None))
    now.seconds += 6.0
    listener.finished("ok", None, case_over=False)
    assert output.getvalue() == "[1/24] dense: screening: ok (0:06 elapsed)\n"
