"""`show` holds times against the roofline: a share, and what sets the floor."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from rnnbench.report.markdown import to_markdown
from rnnbench.report.roofline_columns import MEANING, roofline_columns
from rnnbench.report.table import render
from rnnbench.results.document import Results
from tests.documents import case, document


def held(shares: dict[str, tuple[float, str]], scope: str = "layer") -> dict:
    """Return a case whose passes have these shares of their floors, set by what is named."""
    made = case("diagonal")
    for run, (share, bound) in shares.items():
        details = {"floor_fraction": share, "bound": bound, "floor_time": 1e-3}
        record = {"value": 0.1, "unit": "1", "better": "higher", "ci95": None, "samples": None, "flags": []}
        made["metrics"][f"bandwidth_fraction.{run}.{scope}"] = {**record, "details": details}
    return made


def shown(results: Results, width: int = 140) -> str:
    console = Console(width=width, file=StringIO(), color_system=None)
    render(results, console)
    return console.file.getvalue()


def test_each_pass_has_a_column_with_the_share_and_its_bound():
    forward, training = roofline_columns(
        document([held({"forward": (0.4567, "latency"), "training": (0.5, "compute")})])
    )
    assert (forward.title, forward.unit) == ("roofline, forward", "share, set by")
    assert (forward.cells[0].value, forward.cells[0].interval) == ("0.457", "latency")
    assert (training.cells[0].value, training.cells[0].interval) == ("0.500", "compute")


def test_scopes_are_named_where_there_are_several():
    both = held({"forward": (0.5, "latency")})
    both["metrics"].update(held({"forward": (0.25, "latency")}, "model")["metrics"])
    titles = [column.title for column in roofline_columns(document([both]))]
    assert titles == ["roofline, forward, layer", "roofline, forward, model"]


def test_tiny_shares_are_no_zeros_and_missing_ones_no_figures():
    (column,) = roofline_columns(document([held({"forward": (0.00002, "latency")}), case("other")]))
    assert [cell.value for cell in column.cells] == ["2e-05", "-"]


def test_a_document_that_says_something_else_is_still_shown():
    odd = held({"forward": (0.5, "latency")})
    odd["metrics"]["bandwidth_fraction.forward.layer"]["details"] = {"floor_fraction": "much", "bound": 3}
    (column,) = roofline_columns(document([odd]))
    assert column.cells[0].value == "-"


def test_the_table_and_markdown_have_the_column_and_say_what_it_means():
    results = document([held({"forward": (0.4567, "latency")})])
    text = shown(results)
    assert "roofline" in text
    assert "0.457 ███▋     latency" in text
    assert MEANING in " ".join(text.split())
    assert "0.457 latency" in to_markdown(results)
    assert max(map(len, shown(results, 80).splitlines())) <= 80


def test_without_a_calibration_there_is_no_column_and_no_word_of_it():
    assert "roofline" not in shown(document([case("diagonal")]))
