"""Single pictures: one file per plot, safe names, and what to do where matplotlib is missing."""

import sys
from xml.etree import ElementTree

import pytest

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.report.plots.labels import scattered
from rnnbench.report.plots.pictures import _lines, _names, safe_name, write_pictures
from rnnbench.report.plots.plot import Axis, Plot, Point, Series
from tests.documents import addition, document
from tests.report.drawn import limits


def test_every_plot_becomes_a_file(tmp_path):
    made = document([limits("dense", 500.0, (20.0, 30.0, 40.0), 60.0)], name="look/../back")
    written = write_pictures([made], tmp_path, "svg")
    assert [path.name for path in written] == [
        "look-back-max-length.svg",
        "look-back-gradient-decay-at-initialisation.svg",
        "look-back-memory-length-against-a-budget.svg",
    ]
    assert sorted(tmp_path.iterdir()) == sorted(written)
    text = "".join(ElementTree.parse(written[0]).getroot().itertext())  # noqa: S314 - our own
    assert "the reach of gradients" in text


def test_png_files_are_png_and_two_documents_do_not_overwrite_each_other(tmp_path):
    made = addition(["dense", "tridiagonal", "diagonal"])
    written = write_pictures([made, made], tmp_path, "png")
    assert len(set(written)) == len(written) == 4
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)


def test_names_are_safe_in_any_file_system():
    assert safe_name("../../etc/pass wd\x00<>") == "etc-pass-wd"
    assert safe_name("…") == "plot"
    assert len(safe_name("x" * 500)) == 100


def test_nothing_to_draw_is_said(tmp_path):
    with pytest.raises(RnnbenchError, match="Nothing to draw") as caught:
        write_pictures([document([])], tmp_path, "png")
    assert caught.value.exit_code is ExitCode.CASE_FAILED


def test_without_matplotlib_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(RnnbenchError, match=r"pip install 'rnnbench\[plot\]'"):
        write_pictures([addition(["dense"])], tmp_path, "png")


def drawn(count, apart):
    """Return the texts at points of one series, and those of the figure's lists."""
    points = tuple(Point(1.0 + apart * at, 1.0, name=f"place {at}") for at in range(1, count + 1))
    plot = Plot("kind", "", "title", "", Axis("x"), Axis("y"), (Series("fused", points, 0, "points"),))
    figure = pytest.importorskip("matplotlib.figure").Figure(layout="constrained")
    axes = figure.add_subplot()
    _lines(plot, axes)
    if scattered(plot):
        _names(plot, axes)
    lists = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return [text.get_text() for text in axes.texts], lists


def test_few_points_are_named_where_their_series_does_not_say_what_they_are():
    assert drawn(2, apart=1.0) == (["place 1", "place 2"], [])
    assert drawn(40, apart=1.0) == ([], [])


def test_points_whose_names_have_no_room_have_numbers_and_a_list():
    numbers, names = drawn(12, apart=0.0)
    assert numbers == [str(number) for number in range(1, 13)]
    assert names == [f"{number}  place {number}" for number in range(1, 13)]


def test_a_name_stands_at_its_point_however_the_figure_is_laid_out():
    plot = Plot(
        "kind",
        "",
        "title",
        "",
        Axis("x"),
        Axis("y"),
        (Series("fused", (Point(1.0, 1.0, name="low"), Point(3.0, 9.0, name="high")), 0, "points"),),
    )
    axes = pytest.importorskip("matplotlib.figure").Figure(layout="constrained").add_subplot()
    _lines(plot, axes)
    _names(plot, axes)
    assert {text.get_text(): tuple(text.xy) for text in axes.texts} == {
        "low": pytest.approx((1.0, 1.0)),
        "high": pytest.approx((3.0, 9.0)),
    }
    # Beside it, not over it.
    assert all(abs(text.xyann[0]) + abs(text.xyann[1]) > 4 for text in axes.texts)
