"""Bars and curves in tables: true to scale, ASCII where there are no blocks, and never at the cost of a figure."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from rnnbench.analysis.listing import listing
from rnnbench.errors import RnnbenchError
from rnnbench.report.csv import to_csv
from rnnbench.report.curve_column import KEY, MOST_POINTS, curve_column
from rnnbench.report.drawing import bar, heights
from rnnbench.report.drawn import with_drawings
from rnnbench.report.layout import GAP, set_column
from rnnbench.report.markdown import to_markdown
from rnnbench.report.table import render, render_listing, usual
from tests.documents import addition, case, document, throughput

BLOCKS = "▏▎▍▌▋▊▉█▁▂▃▄▅▆▇"


class Ascii(io.StringIO):
    encoding = "ascii"


def curved(labels=("dense", "diagonal")):
    """Return a document whose training has learning curves that rise evenly to the final accuracy."""
    results = addition(labels)
    for one in results.cases:
        record = one["metrics"]["accuracy"]
        points = [[value * step / 10 for value in record["samples"][0]] for step in range(11)]
        record["details"]["curve"] = {"iterations": list(range(0, 10_001, 1000)), "accuracy": points}
    return results


def shown(results, width=1000, chosen=(), file=None, **asked):
    output = file or io.StringIO()
    console = Console(file=output, width=width, highlight=False, markup=False, emoji=False)
    render_listing(listing(results, **asked), console, chosen)
    return output.getvalue()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.25, 0.5, 0.77, 0.999, 1.0])
def test_a_bar_is_as_long_as_its_share(share):
    drawn = bar(share, 8, False)
    assert len(drawn) == 8
    length = sum(BLOCKS.index(sign) + 1 for sign in drawn.rstrip()) / 64
    assert length == pytest.approx(share, abs=1 / 64)
    assert (length == 0) is (share == 0)
    assert (length == 1) is (share == 1)
    assert bar(share, 10, True).isascii()


def test_a_curve_rises_with_its_values():
    assert heights([0, 0.2, 0.4, 0.6, 0.8, 1], 0, 1, False) == "▁▂▄▅▇█"
    assert heights([0, 0.25, 0.999, 1, 2, -1], 0, 1, True) == "029990"
    assert heights([10, None, 20], 10, 20, False) == "▁ █"


def test_wide_tables_have_bars_and_curves_and_say_what_they_are():
    text = shown(curved())
    assert "1.000* ████████ [1.000, 1.000]" in text
    assert "0.189  █▌       [0.184, 0.194]" in text
    assert "▁▁▂▃▄▅▅▆▇██" in text
    assert "Bars are shares" in text
    assert "learning curve: mean accuracy" in text


@pytest.mark.parametrize("width", [40, 60, 80, 100, 112, 140, 200])
def test_drawings_cost_neither_a_table_nor_a_figure(width):
    text = shown(curved(), width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "[0.184, 0.194]" in text


def test_where_they_would_cost_a_table_they_are_left_out():
    columns = usual(curved())
    room = sum(column.width + GAP for column in (set_column(one) for one in columns if one.key != KEY))
    (table,) = with_drawings(columns, room, ascii_only=False)
    assert not any(column.drawn for column in table)
    (drawn,) = with_drawings(columns, room + 100, ascii_only=False)
    assert [column.key for column in drawn if column.drawn] == ["accuracy", KEY]


def test_other_formats_have_none():
    results = curved()
    for text in (to_csv(results), to_markdown(results)):
        assert not set(text) & set(BLOCKS)
        assert "learning curve" not in text


def test_without_blocks_there_is_ascii():
    text = shown(curved(), file=Ascii())
    table = text.partition("* the best")[0]
    assert table.isascii()
    assert "1.000* ######## [1.000, 1.000]" in table
    assert "01234567899" in table
    assert "each digit a tenth" in text


def test_long_curves_are_thinned_and_damaged_ones_left_out():
    results = curved(["dense"])
    details = results.cases[0]["metrics"]["accuracy"]["details"]
    details["curve"]["accuracy"] = [[step / 100] for step in range(101)]
    (cell,) = curve_column(results).cells
    assert len(cell.curve) == MOST_POINTS
    assert (cell.curve[0], cell.curve[-1]) == (0.0, 1.0)
    for damaged in ({"accuracy": [["x"]]}, {"accuracy": [[]]}, {"accuracy": 3}, [], None, {"accuracy": [[None]]}):
        details["curve"] = damaged
        assert curve_column(results) is None


def test_groups_have_titles_and_a_best_of_their_own():
    cases = [
        case(
            f"{label}/hidden={H}",
            launches=throughput(H * factor, 3 * H * factor, noise=0.01),
            connectivity=label,
            hidden=H,
        )
        for H in (64, 128)
        for label, factor in (("dense", 1e-5), ("diagonal", 1e-6))
    ]
    text = shown(document(cases), group_by="hidden")
    lines = text.splitlines()
    first, second = lines.index("hidden 64"), lines.index("hidden 128")
    assert lines[first + 2].startswith("diagonal/hidden=64 ")
    assert "*" in lines[first + 2]
    assert lines[second - 1] == ""
    assert "*" in lines[second + 2]
    assert "*" not in lines[first + 1] + lines[second + 1]
    assert "* the best of its column in its group" in text


def test_chosen_columns_stand_alone_in_their_order():
    text = shown(addition(["dense", "diagonal"]), chosen=["peak_memory", "accuracy", "first_call_time"])
    head = " ".join(text[: text.index("───")].splitlines()[-3:])
    assert [word for word in ("peak", "accuracy", "first") if word in head] == ["peak", "accuracy", "first"]
    assert head.index("memory") < head.index("accuracy") < head.index("call")
    assert "solved" not in head


def test_a_chosen_column_that_does_not_exist_is_named_with_what_does():
    with pytest.raises(RnnbenchError, match="--columns: no case has 'acuracy': did you mean 'accuracy'"):
        shown(addition(["dense"]), chosen=["acuracy"])


def test_render_is_a_listing_of_everything():
    output = io.StringIO()
    render(curved(), Console(file=output, width=140, highlight=False, markup=False, emoji=False))
    assert output.getvalue() == shown(curved(), 140)
