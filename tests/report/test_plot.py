"""Terminal plots: honest axes, every case somewhere, at any width, with and without blocks and colours."""

import io
import itertools
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from rnnbench.analysis.series import series_of
from rnnbench.errors import RnnbenchError
from rnnbench.report.plot import HEIGHT, PIPE, render_plot
from rnnbench.report.scale import Scale, along, of_figures
from tests.documents import addition, case, document, throughput


class Ascii(io.StringIO):
    encoding = "ascii"


def growth(labels=("dense", "diagonal"), sizes=(64, 128, 256, 512), power=1.0):
    cases = []
    for place, label in enumerate(labels):
        for H in sizes:
            seconds = 1e-5 * 10**-place * H**power
            launches = throughput(seconds, 3 * seconds, noise=0.01)
            cases.append(case(f"{label}/hidden={H}", launches=launches, connectivity=label, hidden=H))
    return document(cases, {"axis": "connectivity", "baseline": "dense"})


def shown(results, metric, axis=None, width=80, file=None, **options):
    output = file or io.StringIO()
    console = Console(file=output, width=width, highlight=False, markup=False, emoji=False, **options)
    render_plot(series_of(results, metric, axis), console)
    return output.getvalue()


def test_powers_have_logarithmic_axes_and_proportional_times_a_straight_line():
    text = shown(growth(["dense"]), "forward_time", "hidden")
    assert text.startswith("forward, layer (ms, logarithmic) over hidden (logarithmic)\n")
    lines = text.splitlines()[2 : 2 + HEIGHT]
    points = sorted((line.index("●"), row) for row, line in enumerate(lines) if "●" in line)
    assert len(points) == 4
    across = [after[0] - before[0] for before, after in itertools.pairwise(points)]
    down = [before[1] - after[1] for before, after in itertools.pairwise(points)]
    assert max(across) - min(across) <= 1
    assert max(down) - min(down) <= 1
    labels = text.splitlines()[3 + HEIGHT].split()
    assert labels == ["64", "128", "256", "512"]


def test_points_stand_over_the_ticks_of_their_values():
    text = shown(growth(["dense"]), "forward_time", "hidden").splitlines()
    ticks = [match.start() for match in re.finditer("┴", text[2 + HEIGHT])]
    assert sorted(line.index("●") for line in text if "●" in line) == ticks


def test_even_values_have_even_axes_from_zero():
    assert along([100, 200, 300, 400]) == Scale(100, 400, False)
    assert along([64, 128, 256]) == Scale(64, 256, True)
    assert along([0, 64, 128]).logarithmic is False
    assert along([7]) == Scale(6, 8, False)
    assert along([1, 2]) == Scale(1, 2, False)
    assert of_figures([1.0, 8.0], "s", False).low == 0.0
    assert of_figures([100.0, 101.0], "s", False).low > 90
    assert of_figures([1.0, 1000.0], "s", False).logarithmic
    assert of_figures([0.0, 1000.0], "s", True).low == 0.0
    assert of_figures([0.2, 0.3], "1", True) == Scale(0.0, 1.0, False)
    assert of_figures([3.0, 3.0], "s", False).high > 3.0


@pytest.mark.parametrize("scale", [Scale(0, 1, False), Scale(0.9, 1100, True), Scale(3, 7, True), Scale(-2, 5, False)])
def test_ticks_are_round_and_within(scale):
    ticks = scale.ticks(6)
    assert 2 <= len(ticks) <= 6
    assert all(scale.low - 0.01 <= tick <= scale.high * 1.001 for tick in ticks)
    assert all(float(f"{tick:.2g}") == pytest.approx(tick) for tick in ticks)


def test_each_series_has_a_mark_and_a_name():
    text = shown(growth(["dense", "tridiagonal", "diagonal"]), "forward_time", "hidden")
    assert re.findall(r"^  (.) (\w+)$", text, re.MULTILINE) == [
        ("●", "dense"),
        ("■", "tridiagonal"),
        ("▲", "diagonal"),
    ]
    assert text.partition("└")[0].count("■") == 4


def test_many_series_have_letters_and_a_hint():
    text = shown(growth([f"random({count})" for count in range(100, 112)]), "forward_time", "hidden")
    assert re.findall(r"^  (.) (\S+)$", text, re.MULTILINE)[::11] == [("a", "random(100)"), ("l", "random(111)")]
    assert "These are 12 series: -k selects fewer." in text


def test_an_input_that_the_task_sets_is_no_setting_of_its_own():
    cases = [
        case(f"{task}/{seed}", launches=throughput(1e-3, 3e-3, noise=0.01), task=task, hidden=8, seed=seed)
        for task in ("parity", "adding")
        for seed in (1, 2, 3)
    ]
    labels = [one.label for one in series_of(document(cases), "forward_time", "seed").series]
    assert labels == ["parity(32)", "adding(100)"]


def test_names_have_a_line_each_with_interval_and_figure():
    text = shown(addition(["dense", "tridiagonal", "none"]), "accuracy")
    assert text.startswith("accuracy by connectivity\n")
    assert re.search(r"^dense +│ +● +1\.00$", text, re.MULTILINE)
    assert re.search(r"^tridiagonal │ +─+●─+ +0\.585$", text, re.MULTILINE)
    places = {line.split()[0]: line.index("●") - line.index("│") for line in text.splitlines() if "●" in line}
    room = places["dense"] - 2
    assert places["tridiagonal"] == pytest.approx(1 + 0.585 * room, abs=1.5)


def test_the_default_axis_is_the_contrasts_else_the_first_that_varies():
    assert series_of(growth(), "forward_time", None).axis == "connectivity"
    results = growth()
    results.suite["resolved"]["contrast"] = None
    assert series_of(growth(["dense"]), "forward_time", None).axis == "hidden"


def test_cases_without_a_figure_are_named_with_the_reason():
    text = shown(addition(["dense", "diagonal"]), "steps_to_solve")
    assert "Not in the plot: diagonal (not reached)." in text
    with pytest.raises(RnnbenchError, match="no case has a figure to plot"):
        series_of(addition(["diagonal"]), "steps_to_solve", None)


def test_the_input_that_follows_hidden_is_no_setting_of_its_own():
    assert [one.label for one in series_of(growth(["dense"]), "forward_time", "hidden").series] == [""]
    assert [one.label for one in series_of(growth(), "forward_time", "connectivity").series] == [
        "hidden 64",
        "hidden 128",
        "hidden 256",
        "hidden 512",
    ]


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("axis", ["hidden", "connectivity"])
def test_plots_fit_the_width(width, axis):
    text = shown(growth(), "training_time", axis, width=width)
    assert width - 8 <= max(map(cell_len, text.splitlines())) <= width
    assert text.count("●") == (5 if axis == "hidden" else 3)  # points of a series, and the legend


def test_a_pipe_gets_a_readable_width():
    assert max(map(len, shown(growth(), "forward_time", "hidden", width=100_000).splitlines())) == PIPE


def test_without_blocks_there_is_ascii():
    for metric, axis in (("forward_time", "hidden"), ("forward_time", "connectivity")):
        assert shown(growth(), metric, axis, file=Ascii()).replace("µs", "us").isascii()


def test_colours_where_they_are_wanted(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = shown(growth(), "forward_time", "hidden", force_terminal=True, color_system="standard")
    assert "\x1b[36m●" in coloured
    plain = shown(growth(), "forward_time", "hidden", force_terminal=True, color_system="standard", no_color=True)
    assert "\x1b[3" not in plain


def test_names_from_documents_do_not_steer_the_terminal():
    results = addition(["dense"])
    results.cases[0]["parameters"]["connectivity"] = "\x1b[2J[bold]x"
    text = shown(results, "accuracy", "connectivity")
    assert "\x1b" not in text
    assert "[bold]x" in text
