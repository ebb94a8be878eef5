"""Comparisons for people and for programs: everything is said, nothing is cut, verdicts survive without colour."""

import csv
import io
import json
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from rnnbench.analysis.align import Document, align
from rnnbench.analysis.arrange import arranged
from rnnbench.analysis.compare import choose_metrics, compare
from rnnbench.report.change_columns import ratio_text, ratio_with_interval
from rnnbench.report.comparison_csv import to_csv
from rnnbench.report.comparison_json import to_json
from rnnbench.report.comparison_markdown import to_markdown
from rnnbench.report.comparison_table import render
from tests.documents import ADDITION, addition, session

SLOWER = {"tridiagonal": 1.25, "diagonal": 0.5}


def comparisons(*results, axis=None):
    documents = [Document(f"{letter}.json", one) for letter, one in zip("abcd", results, strict=False)]
    pairings = [align(documents[0], other) for other in documents[1:]]
    keys = choose_metrics(pairings, [])
    return [compare(pairing, keys, 0.05, axis) for pairing in pairings]


def shown(made, width=1000, **options):
    output = io.StringIO()
    render(made, Console(file=output, width=width, highlight=False, markup=False, emoji=False, **options))
    return output.getvalue()


def rows(text, name):
    return [re.split(r" {2,}", line.strip()) for line in text.splitlines() if line.startswith(f"{name} ")]


def test_each_time_has_a_table_with_figures_ratio_plot_and_verdict():
    text = shown(comparisons(session(1), session(2, slower=SLOWER)))
    forward, training = rows(text, "tridiagonal")
    assert forward[1:3] == ["2.03", "2.49"]
    assert forward[-1] == training[-1] == "slower"
    assert re.fullmatch(r"1\.2\dx \[1\.\d\d, 1\.\d\d\]", forward[3])
    assert "●" in " ".join(forward)
    assert [row[-1] for row in rows(text, "diagonal")] == ["faster", "faster"]


def test_a_summary_counts_the_verdicts_before_the_tables():
    text = shown(comparisons(session(1), session(2, slower=SLOWER)))
    (summary,) = rows(text, "forward + backward, layer")
    assert summary[1] == "8"
    assert summary[-1] == "1 faster, 1 slower, 6 same"
    assert "forward + backward, layer: 1 faster, 1 slower, 6 same" in text
    assert "Identical in every case: recurrent weights, all weights, parameter bytes, saved activations" in text


@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_every_width_holds_the_figures_and_80_columns_have_a_plot(width):
    text = shown(comparisons(session(1), session(2, slower=SLOWER)), width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "●" in text
    assert rows(text, "diagonal")[0][-1] == "faster"


def test_a_narrow_terminal_folds_and_loses_only_the_plot():
    text = shown(comparisons(session(1), session(2, slower=SLOWER)), 60)
    assert "●" not in text
    assert [row[-1] for row in rows(text, "diagonal")] == ["faster", "faster"]
    assert max(map(cell_len, text.splitlines()[3:])) <= 60


def test_colour_adds_nothing_that_the_text_lacks():
    made = comparisons(session(1), session(2, slower=SLOWER))
    coloured = shown(made, 100, force_terminal=True, color_system="standard")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(made, 100)


def test_of_exact_figures_only_what_changed_has_a_row():
    new = session(2)
    new.cases[2]["metrics"]["saved_activation_bytes"]["value"] *= 2
    text = shown(comparisons(session(1), new))
    assert [row[-1] for row in rows(text, "block_diagonal(4)")] == ["same", "same", "more"]
    assert len(rows(text, "dense")) == 2


def test_what_was_learnt_is_a_difference_without_a_plot():
    base, new = addition(["dense"]), addition(["dense"])
    for results in (base, new):
        for key in [key for key in results.cases[0]["metrics"] if "time" in key or "through" in key]:
            del results.cases[0]["metrics"][key]
    record = new.cases[0]["metrics"]["accuracy"]
    record["samples"][0][3] = 0.5
    record["value"] = 0.975
    text = shown(comparisons(base, new))
    assert rows(text, "dense")[0][1:] == ["1.000", "0.975", "-0.025 [-0.075, +0.000]", "inconclusive"]
    assert "by exact tests" in text


def test_several_documents_stand_beside_each_other():
    text = shown(comparisons(session(1), session(2, slower=SLOWER), session(3, slower={"none": 1.5})), 100)
    assert "Summary of new 1" in text
    assert "Summary of new 2" in text
    row = rows(text, "none")[0]
    assert (row[3], row[5]) == ("same", "slower")
    assert max(map(cell_len, text.splitlines())) <= 100


def test_other_machines_get_no_verdict_and_what_each_says_itself():
    new = session(2, slower={"diagonal": 0.5})
    new.machine["fingerprint"] = "other"
    text = shown(comparisons(session(1), new), 100)
    assert "Differences\n- machine fingerprint: 8c0ffee8 -> other\n" in text
    assert "faster" not in text
    assert "verdict" not in text.partition("No verdict on times")[0]
    assert "Within each machine: forward, layer, over that of dense" in text
    within = rows(text.partition("Within each machine")[2], "diagonal")[0]
    assert within[1].startswith(("0.99x [", "1.00x ["))
    assert within[2].startswith(("0.49x [", "0.50x ["))
    assert "Kendall's tau" in text


def test_groups_by_an_axis():
    text = shown(comparisons(session(1), session(2, slower=SLOWER), axis="connectivity"))
    assert "forward, layer, by connectivity" in text
    assert rows(text, "diagonal")[0][1:] == ["1", rows(text, "diagonal")[0][2], "1 faster"]


def test_what_only_one_document_measured_is_a_line_and_no_table():
    base, new = session(1), session(2)
    for case in new.cases:
        del case["metrics"]["forward_time.layer"], case["metrics"]["forward_throughput.layer"]
    text = shown(comparisons(base, new))
    assert "Only in base: forward, layer." in text
    assert "only in base" not in text


def test_text_from_documents_is_neither_interpreted_nor_able_to_steer_the_terminal():
    evil = "\x1b[2J[bold]x[/bold]\u202e|<b>`\n"
    base, new = session(1), session(2, slower=SLOWER)
    for results in (base, new):
        results.cases[0]["name"] = results.suite["name"] = results.run["started"] = evil
        results.machine["cpu"]["model"] = evil
    new.provenance["packages"] = {evil: evil}
    made = comparisons(base, new)
    for text in (shown(made), shown(made, 80), to_markdown(made), to_csv(made)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<b>" not in to_markdown(made)


def test_csv_has_a_row_per_metric_and_case_in_si_units():
    found = list(csv.DictReader(io.StringIO(to_csv(comparisons(session(1), session(2, slower=SLOWER))))))
    (row,) = [row for row in found if row["metric"] == "training_time.layer" and row["case"] == "diagonal"]
    assert float(row["ratio"]) == pytest.approx(float(row["new"]) / float(row["base"]))
    assert float(row["low"]) < float(row["ratio"]) < float(row["high"])
    assert (row["unit"], row["verdict"], row["new_document"]) == ("s", "better", "b.json")
    assert len([row for row in found if row["metric"] == "peak_memory"]) == len(ADDITION)


def test_json_is_a_document_of_its_own_with_all_that_was_found():
    data = json.loads(to_json(comparisons(session(1), session(2, slower=SLOWER), axis="connectivity")))
    assert data["schema"] == {"name": "rnnbench.comparison", "version": "1.0"}
    assert data["base"]["run"] == "session-1"
    (comparison,) = data["comparisons"]
    times = next(metric for metric in comparison["metrics"] if metric["metric"] == "training_time.layer")
    verdicts = {case["name"]: case["verdict"] for case in times["cases"]}
    assert (verdicts["tridiagonal"], verdicts["diagonal"], verdicts["dense"]) == ("worse", "better", "same")
    assert times["geometric_mean"]["ci95"][0] < times["geometric_mean"]["ratio"]
    assert comparison["by_axis"]["training_time.layer"][0]["value"] == "dense"


def test_json_and_csv_list_what_is_asked_for():
    (comparison,) = comparisons(session(1), session(2, slower=SLOWER))
    only = [arranged(comparison, "change", changed_only=True)]
    rows = list(csv.DictReader(io.StringIO(to_csv(only))))
    assert [row["case"] for row in rows if row["metric"] == "training_time.layer"] == ["tridiagonal", "diagonal"]
    assert len(json.loads(to_json(only))["comparisons"][0]["metrics"][-1]["cases"]) == 0


def test_markdown_is_for_a_pull_request():
    text = to_markdown(comparisons(session(1), session(2, slower=SLOWER)))
    assert "| tridiagonal | 2.03 |" in text
    assert "| **slower** |" in text
    assert "**forward + backward, layer (ms)**: 1 faster, 1 slower, 6 same; geometric mean" in text


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.0, "1.00x"), (0.784, "0.78x"), (0.0453, "0.045x"), (12.34, "12.3x"), (1234.0, "1,234x")]
)
def test_ratios_have_the_digits_that_matter(ratio, text):
    assert ratio_text(ratio) == text
    assert ratio_with_interval(ratio, None) == text
