"""Drawing: ticks, places of names, and SVG that holds what the plot says."""

from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from rnnbench.report.plots.frame import coinciding, drawable
from rnnbench.report.plots.palette import DARK, DASHES, LIGHT, MARKERS, Slots, colour_of, marker_of
from rnnbench.report.plots.places import beside, on_line, shortened, spread, text_width, wrapped
from rnnbench.report.plots.plot import Axis, Bar, BarPlot, Guide, Plot, Point, Series
from rnnbench.report.plots.svg import svg
from rnnbench.report.plots.ticks import limits, tick_text, ticks


def plot(*series, log=True, guides=(), title="what it says"):
    return Plot("kind", "", title, "what is drawn", Axis("size, log", log), Axis("rate", log), tuple(series), guides)


def line(label, values, slot=0, style="line"):
    return Series(label, tuple(Point(float(x), y, (y / 2, 2 * y)) for x, y in values), slot, style)


def elements(drawn, tag):
    return ElementTree.fromstring(drawn).iter(tag)  # noqa: S314 - our own


@pytest.mark.parametrize(
    ("low", "high", "log", "expected"),
    [
        (0, 1.06, False, [0, 0.5, 1.0]),
        (1, 1000, True, [1, 10, 100, 1000]),
        (15, 150, True, [20, 50, 100]),
        (1e-6, 1, True, [1e-6, 1e-4, 1e-2, 1]),
    ],
)
def test_ticks_are_few_and_round(low, high, log, expected):
    found = ticks(low, high, log)
    assert 3 <= len(found) <= 7
    assert all(low <= value <= high for value in found)
    if low != 0:
        assert found == pytest.approx(expected)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.001), (3e-9, 7e-9), (0.99, 1.0), (1e300, 1e305), (2.0, 2.0)])
def test_any_limits_have_ticks_in_them(low, high):
    for log in (False, True):
        ends = limits([low, high], log)
        assert ends[0] < ends[1]
        assert all(ends[0] <= value <= ends[1] for value in ticks(*ends, log))


def test_tick_texts_are_short():
    texts = [tick_text(value) for value in (0.05, 2_000, 12_500, 3e6, 1e-9, 2e-5)]
    assert texts == ["0.05", "2000", "12.5k", "3M", "10⁻⁹", "2·10⁻⁵"]


def test_names_are_pushed_apart_and_keep_their_order():
    placed = spread([50, 51, 52, 10], 13, 0, 100)
    assert placed[3] < placed[0] < placed[1] < placed[2]
    assert all(b - a >= 13 - 1e-9 for a, b in zip(sorted(placed), sorted(placed)[1:], strict=False))
    assert max(placed) <= 100


def test_a_name_never_covers_what_is_there_and_is_left_out_where_there_is_no_room():
    area = (0.0, 0.0, 100.0, 100.0)
    first = beside((50, 50), 30, 12, [], area)
    second = beside((50, 50), 30, 12, [first], area)
    assert first != second
    assert beside((50, 50), 30, 12, [area], area) is None
    assert beside((50, 50), 130, 12, [], area) is None


def test_the_label_of_a_line_stands_on_it_and_turns_with_it():
    area = (0.0, 0.0, 200.0, 200.0)
    placed = on_line([(10, 190), (190, 10)], 60, 12, [], area)
    assert placed.angle == pytest.approx(-45)
    # How far the text's baseline is from x + y = 200.
    assert abs(placed.x + placed.y - 200) / 2**0.5 < 5
    other = on_line([(10, 190), (190, 10)], 60, 12, placed.boxes, area)
    assert (other.x, other.y) != (placed.x, placed.y)
    assert on_line([(10, 190), (190, 10)], 60, 12, [area], area) is None
    assert on_line([(100, 190), (100, 10)], 60, 12, [], area).angle == 0


def test_points_of_the_same_x_stand_side_by_side():
    drawn = svg(
        plot(*(line(name, [(46, y)], k, "points") for k, (name, y) in enumerate({"a": 3, "b": 4}.items()))), "p"
    )
    marks = [path.get("transform") for path in elements(drawn, "path") if path.get("class") == "mark"]
    a, b = (float(mark.partition("(")[2].partition(",")[0]) for mark in marks[:2])
    assert b - a == pytest.approx(8)


def test_every_point_of_a_crowd_has_its_name_in_the_drawing():
    crowd = [line(f"connectivity {k}", [(100 + k, 5.0 + k / 50)], k, "points") for k in range(12)]
    texts = [text.text for text in elements(svg(plot(line("far", [(1, 1)], 3, "points"), *crowd[:11]), "p"), "text")]
    assert {f"connectivity {k}" for k in range(11)} <= set(texts)


def test_long_names_are_cut_in_the_middle():
    assert shortened("a" * 10 + "b" * 10, 9) == "aaaa…bbbb"


def test_labels_of_a_legend_go_on_in_further_lines():
    lines = wrapped(f"dense/kernel=torch and dense/kernel=auto {'x' * 80}", 12, 200)
    assert lines[:2] == ["dense/kernel=torch and", "dense/kernel=auto"]
    assert "…" in lines[2]
    assert all(text_width(line, 12) <= 200 for line in lines)


def test_the_drawing_has_every_point_with_its_values_on_hover():
    drawn = svg(plot(line("a", [(1, 2.0), (10, 20.0)]), line("b", [(1, 4.0), (10, 5.0)], 1)), "p")
    titles = [title.text for title in elements(drawn, "title")]
    assert titles[0] == "what it says"
    assert "a: size 10.0; rate 20.0 [10.0, 40.0]" in titles
    assert "b: size 1.00; rate 4.00 [2.00, 8.00]" in titles
    assert {text.text for text in elements(drawn, "text")} >= {"a", "b", "size, log", "rate"}


def test_larger_values_are_drawn_higher_and_further_right():
    drawn = svg(plot(line("a", [(1, 2.0), (10, 20.0)])), "p")
    marks = [path.get("transform") for path in elements(drawn, "path") if path.get("class") == "mark"]
    (x0, y0), (x1, y1) = (map(float, mark[10:-1].split(",")) for mark in marks)
    assert x1 > x0
    assert y1 < y0


def test_what_has_no_place_on_a_logarithmic_axis_is_left_out():
    kept = drawable(plot(line("a", [(0, 1.0), (1, -1.0), (2, 3.0)]), guides=(Guide("g", ((0.0, 1.0), (1.0, 1.0))),)))
    assert [point.x for point in kept.series[0].points] == [2]
    assert kept.guides == ()
    assert svg(plot(line("a", [(1, -1.0)])), "p") == ""


def test_lines_that_lie_over_each_other_are_one_with_all_their_names():
    same, near = line("torch", [(1, 2.0), (10, 20.0)]), line("auto", [(1, 2.0), (10, 20.1)], 1)
    other, longer = line("diagonal", [(1, 2.0), (10, 30.0)], 2), line("dense", [(1, 2.0), (10, 20.0), (20, 40.0)], 3)
    made = plot(same, other, near, longer)
    kept = coinciding(made)
    assert [(series.label, series.slot) for series in kept.series] == [
        ("torch and auto", 0),
        ("diagonal", 2),
        ("dense", 3),
    ]
    assert "torch and auto" in [text.text for text in elements(svg(made, "p"), "text")]
    points = plot(line("a", [(1, 2.0)], 0, "points"), line("b", [(1, 2.0)], 1, "points"))
    assert coinciding(points) == points


def test_a_dash_comes_again_on_both_sides_of_the_marker_in_a_legend():
    long = "a label that has no room beside its line"
    drawn = svg(plot(*(line(f"{long} {slot}", [(1, slot + 1.0), (9, 9.0)], slot) for slot in range(4))), "p")
    samples = [
        path.get("d") for path in elements(drawn, "path") if path.get("class") == "line" and "h" in path.get("d")
    ]
    assert len(samples) == 4
    half = float(samples[0].partition("h")[2]) / 2 - 4
    assert all(sum(map(float, dash.split())) <= half for dash in DASHES if dash)


def test_text_of_documents_is_escaped():
    drawn = svg(plot(line('<img src="x">&', [(1, 2.0)]), title="</svg><script>"), "p")
    assert "<img" not in drawn
    assert "<script" not in drawn
    assert 'img src="x"' in "".join(ElementTree.fromstring(drawn).itertext())  # noqa: S314


def test_bars_are_as_long_as_what_they_say_and_open_ones_look_different():
    bars = (Bar("memory", 10.0, "10", 0), Bar("gradients", 100.0, "over 100", 1, open=True))
    drawn = svg(BarPlot("bars", "", "title", "description", Axis("steps, log", True), (("dense", bars),)), "p")
    paths = [path.get("d") for path in elements(drawn, "path") if path.get("class", "").startswith("bar")]
    first, second = (float(path.split("H")[1].replace("l", "v").split("v")[0]) for path in paths)
    assert first < second
    assert "l5" in paths[1]
    assert "l5" not in paths[0]
    assert "over 100" in [text.text for text in elements(drawn, "text")]


def channels(colour):
    """Return red, green and blue as shares of light."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]


def luminance(colour):
    linear = channels(colour)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("colours", "paper", "least"), [(LIGHT, "#ffffff", 4.45), (DARK, "#14171a", 4.5)])
def test_colours_stand_out_from_the_paper(colours, paper, least):
    """WCAG 2.2, 1.4.3 asks texts for a contrast of 4.5, and names are texts."""
    for colour in colours:
        low, high = sorted((luminance(colour), luminance(paper)))
        assert (high + 0.05) / (low + 0.05) >= least, colour


CONES = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no long": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no medium": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no short": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Machado, Oliveira and Fernandes, 2009: what is seen with all cones, or without one kind, of linear RGB."""


def oklab(colour, cones):
    """Return a colour as it is seen in OKLab (Ottosson, 2020), where distances are about as large as they look."""
    linear = np.array(channels(colour)) @ np.array(cones).T
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_cones) @ np.clip(linear, 0, 1))


@pytest.mark.parametrize("cones", CONES)
@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_colours_differ_for_everybody(colours, cones):
    for one, other in combinations(colours, 2):
        assert np.linalg.norm(oklab(one, CONES[cones]) - oklab(other, CONES[cones])) >= 0.055, (one, other)


def test_no_two_slots_differ_in_colour_alone():
    assert len(set(MARKERS)) == len(MARKERS) == len(LIGHT) == len(DARK) == len(DASHES)


def test_slots_stay_with_their_labels_and_start_again_after_the_last():
    slots = Slots()
    assert [slots.of(label) for label in "abca"] == [0, 1, 2, 0]
    assert [slots.of(str(number)) for number in range(6)][-1] == 8
    assert (colour_of(8), marker_of(8)) == (colour_of(0), MARKERS[1])


def test_well_known_connectivities_look_the_same_in_every_document():
    one, other = Slots(["banded(2,2)", "dense", "tridiagonal"]), Slots(["diagonal", "tridiagonal", "banded(8,8)"])
    assert one.of("tridiagonal") == other.of("tridiagonal") == 1
    assert one.of("banded(2,2)") == other.of("banded(8,8)")
    two = Slots(["banded(2,2)", "banded(4,4)", "dense"])
    assert len({two.of(label) for label in ("banded(2,2)", "banded(4,4)", "dense")}) == 3
