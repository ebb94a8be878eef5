"""What tables and explanations say of hidden sizes that were chosen."""

import io
import re

import pytest
from rich.console import Console

from rnnbench.report.explanation import explanation
from rnnbench.report.markdown import to_markdown
from rnnbench.report.matched import match_notes
from rnnbench.report.table import render
from rnnbench.results.figure import Figure
from tests.documents import case, document


def matched(name, by, hidden, ratio, **details):
    told = {"by": by, "reference": "dense rnn with hidden 128", "reference_hidden": 128, **details}
    form = "timing" if by == "time" else "exact"
    launches = [{"match_ratio": Figure(form, (ratio * factor,))} for factor in (0.98, 1.0, 1.02)]
    made = case(
        name,
        {"matched_hidden": Figure("exact", (hidden,), (), told)},
        launches=launches if by == "time" else [{"match_ratio": Figure("exact", (ratio,))}],
        connectivity="diagonal",
        hidden=hidden,
        match=by,
    )
    made["parameters"]["scaled_from"] = 128
    return made


COUNTED = matched("diagonal", "parameters", 179, 33482 / 33537, parameters=33482, reference_parameters=33537)
TIMED = matched("timed", "time", 300, 1.01, probes=[{"hidden": 128, "ratio": 0.5}, {"hidden": 300, "ratio": 1.0}])


def test_notes_say_what_was_chosen_and_how_near_it_came():
    counted, timed = match_notes(document([case("dense"), COUNTED, TIMED]))
    assert counted == (
        "hidden, to match the 33,537 parameters of dense rnn with hidden 128: 128 -> 179 for diagonal "
        "(33,482 parameters)"
    )
    assert timed.startswith("hidden, to match the time of an iteration of dense rnn with hidden 128: 128 -> 300 for ")
    assert timed.endswith("timed (1.01x [0.96, 1.06] the time)")


def test_many_cases_are_counted_not_listed():
    cases = [{**COUNTED, "name": f"case {index}"} for index in range(7)]
    (note,) = match_notes(document(cases))
    assert note.endswith("case 3 (33,482 parameters) and 3 more")


def test_an_explanation_has_the_search():
    told = {one.title: " ".join(one.texts) for one in explanation(document([TIMED]), TIMED)}
    assert "hidden 128 -> 300 to match the time of an iteration of dense rnn with hidden 128." in told["Matched"]
    assert "The first launch tried 128 (0.500 times as long), 300 (1.00 times as long)." in told["Matched"]
    told = {one.title: " ".join(one.texts) for one in explanation(document([COUNTED]), COUNTED)}
    assert "hidden 128 -> 179 to match the 33,537 parameters of dense rnn with hidden 128: 33,482." in told["Matched"]


@pytest.mark.parametrize("width", [80, 140])
def test_tables_have_the_size_and_how_near_it_comes(width):
    console = Console(width=width, file=io.StringIO(), color_system=None)
    results = document([case("dense"), COUNTED])
    render(results, console)
    shown = console.file.getvalue()
    assert "hidden" in shown
    assert "reference" in shown
    assert re.search(r"^diagonal +179 +0\.998", shown, re.MULTILINE)
    assert "128 -> 179" in shown
    assert r"128 -\> 179" in to_markdown(results)


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"by": "time"},
        {"by": 3, "reference": ["x"]},
        {"by": "parameters", "reference": "dense", "reference_parameters": "many"},
        {"by": "time", "reference": "\x1b[31mred", "reference_hidden": {}, "probes": [3, {"ratio": "x"}, {}]},
        {"by": "parameters", "reference": "dense", "reference_parameters": 3, "parameters": None},
    ],
)
def test_a_damaged_document_breaks_nothing(details):
    damaged = matched("diagonal", "parameters", 179, 1.0)
    damaged["metrics"]["matched_hidden"]["details"] = details
    results = document([damaged])
    assert "\x1b" not in "".join(match_notes(results))
    for one in explanation(results, damaged):
        assert one.texts
    damaged["metrics"]["matched_hidden"]["value"] = None
    assert list(match_notes(results)) == []
