"""The live table: it fills in, says how long is left, and is still while something is timed."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from rnnbench.report.listener import Started
from rnnbench.report.live import SECONDS_BETWEEN_DRAWINGS, Live
from rnnbench.results.document import Results
from tests.documents import addition, addition_case

CURSOR = re.compile(r"\x1b\[[0-9;?]*[A-LN-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class FakeTime:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Terminal:
    """What a live table writes, drawing by drawing."""

    def __init__(self, width: int = 80, height: int = 24, **options: object) -> None:
        self.output = io.StringIO()
        self.now = FakeTime()
        options = {"color_system": "standard", **options}
        self.console = Console(file=self.output, force_terminal=True, width=width, height=height, **options)
        self.live = Live(self.console, self.now)

    def drawn(self) -> str:
        """Return what was written since the last time, without control sequences."""
        text = self.output.getvalue()
        self.output.seek(0)
        self.output.truncate()
        return COLOUR.sub("", CURSOR.sub("", text)).replace("\r", "")


@pytest.fixture
def terminal():
    made = Terminal()
    with made.live:
        made.drawn()
        yield made


def start(live, case="dense", measurement="throughput", launch=2, done=3):
    live.started(Started(case, measurement, launch, 5, done=done, total=12, seconds_left=83.0))


def unfinished(labels):
    """Return a document of which nothing is measured yet."""
    results = addition(labels)
    for case in results.cases:
        case.update(status="interrupted", metrics={})
    return results


def test_every_case_has_a_row_that_fills_in(terminal):
    results = unfinished(["dense", "tridiagonal", "diagonal"])
    terminal.live.opened(results)
    start(terminal.live)
    first = terminal.drawn()
    assert re.search(r"^dense +throughput 2/5$", first, re.MULTILINE)
    assert re.search(r"^tridiagonal +waiting$", first, re.MULTILINE)
    results.cases[0].update(addition_case("dense"))
    results.cases[2].update(addition_case("diagonal"), status="interrupted")
    terminal.live.finished("ok", None, case_over=True)
    start(terminal.live, "tridiagonal", done=4)
    second = terminal.drawn()
    assert re.search(r"^dense +done +1\.000\S* \[1\.000, 1\.000\]", second, re.MULTILINE)
    assert re.search(r"^diagonal +so far +0\.189 ", second, re.MULTILINE)
    assert "forward +" in second
    assert re.search(r"\[#*█* *\S* *\] 4 of 12 jobs; 0:00 elapsed, about 1:23 left, until \d\d:\d\d", second)
    assert "tridiagonal: throughput, launch 2 of 5" in second


def test_nothing_is_drawn_while_something_is_timed(terminal):
    terminal.live.opened(unfinished(["dense"]))
    start(terminal.live)
    terminal.drawn()
    terminal.now.seconds += 100
    terminal.live.advanced(1, 4, "training, layer")
    terminal.live.finished("ok", None, case_over=False)
    assert terminal.drawn() == ""


def test_training_shows_how_far_it_is_at_most_once_a_second(terminal):
    terminal.live.opened(unfinished(["dense"]))
    start(terminal.live, measurement="training", launch=1)
    terminal.drawn()
    terminal.live.advanced(1000, 10_000, "training")
    assert terminal.drawn() == ""
    terminal.now.seconds += SECONDS_BETWEEN_DRAWINGS
    terminal.live.advanced(2000, 10_000, "training")
    assert "training (2,000 of 10,000)" in terminal.drawn()


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("height", [12, 24])
def test_it_fits_the_terminal(width, height):
    terminal = Terminal(width, height)
    results = addition()
    results.cases[0]["name"] = "a/very/long/name=123456789/of/a/case=1/" * 4
    with terminal.live:
        terminal.live.opened(results)
        terminal.drawn()
        start(terminal.live, "none")
        lines = terminal.drawn().splitlines()
    assert max(map(cell_len, lines)) <= width
    assert len(lines) <= height
    assert any(line.startswith("none") for line in lines)


def test_many_cases_are_shown_by_the_page():
    terminal = Terminal(80, 24)
    results = unfinished(["dense"])
    data = {**results.data, "cases": [{**results.cases[0], "name": f"case{index}"} for index in range(100)]}
    with terminal.live:
        terminal.live.opened(Results(data))
        terminal.drawn()
        start(terminal.live, "case57")
        text = terminal.drawn()
    shown = re.findall(r"^case(\d+) ", text, re.MULTILINE)
    assert "57" in shown
    assert len(shown) == 15
    assert f"cases {int(shown[0]) + 1} to {int(shown[-1]) + 1} of 100" in text


HOSTILE = "a[bold]b\x1b[2J[/nonsense]"


def test_a_failure_is_said_above_and_text_stays_text(terminal):
    results = unfinished(["dense"])
    results.cases[0]["name"] = HOSTILE
    terminal.live.opened(results)
    start(terminal.live, HOSTILE)
    terminal.live.finished("error", "ValueError: [/no]\nsuch\x1b[2J", case_over=True)
    raw = terminal.output.getvalue()
    assert "\x1b[2J" not in raw
    assert "[bold]b" in raw
    assert "error: ValueError: [/no] such" in raw


def test_without_a_document_there_is_the_job_alone(terminal):
    terminal.live.preparing("measuring what this machine\ncan reach")
    assert "measuring what this machine can reach" in terminal.drawn()
    start(terminal.live, measurement="deciding round 3 of 10", launch=1)
    assert "dense: deciding round 3 of 10" in terminal.drawn()


def test_no_color_is_respected():
    terminal = Terminal(no_color=True)
    with terminal.live:
        terminal.live.opened(addition(["dense", "diagonal"]))
        start(terminal.live)
    assert "\x1b[3" not in terminal.output.getvalue().replace("\x1b[3A", "")
