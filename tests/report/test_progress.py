"""Progress: bars on a terminal, lines elsewhere, and text that stays text."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from rnnbench.report.listener import Listener, Started
from rnnbench.report.progress import Bars, Lines, display


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


def test_a_terminal_gets_bars_and_a_pipe_gets_lines():
    assert isinstance(display(Console(file=io.StringIO(), force_terminal=True)), Bars)
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


@pytest.mark.parametrize("no_color", [True, False])
def test_bars_show_run_and_job(no_color):
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=200, no_color=no_color, color_system="standard")
    with Bars(console) as listener:
        start(listener, "[bold]dense", launch=2, done=3)
        listener.advanced(1, 4, "training, layer")
        listener._progress.refresh()
        listener.finished("error", "ValueError: [/no] such", case_over=True)
    shown = output.getvalue()
    assert "3 of 40 jobs" in shown
    assert "[bold]dense: throughput, launch 2 of 5" in shown
    assert "training, layer" in shown
    assert "about 1:2" in shown
    assert "[bold]dense: error: ValueError: [/no] such" in shown
    assert ("\x1b[3" in shown) is not no_color


def test_what_comes_before_the_first_job_is_said_once_on_a_line_or_beside_the_bar(lines):
    listener, _, output = lines
    listener.preparing("measuring what this machine\ncan reach")
    listener.advanced(1, 7, "products")
    assert output.getvalue() == "measuring what this machine can reach\n"
    shown = io.StringIO()
    with Bars(Console(file=shown, force_terminal=True, width=200)) as bars:
        bars.preparing("measuring what this machine\ncan reach")
        bars.advanced(1, 7, "products in float32")
        bars._progress.refresh()
    assert "measuring what this machine can reach" in shown.getvalue()
    assert "products in float32" in shown.getvalue()
