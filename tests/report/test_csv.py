"""CSV: one row per case, full precision, SI units, safe in spreadsheets."""

import csv
import io

from rnnbench.report.csv import to_csv
from tests.documents import addition, case, document, training


def table(results):
    return list(csv.DictReader(io.StringIO(to_csv(results))))


def test_a_row_has_every_figure_in_full_precision_with_its_interval():
    results = addition(["dense", "tridiagonal"])
    row = table(results)[1]
    metrics = results.cases[1]["metrics"]
    time = metrics["training_time.layer"]
    assert row["name"] == "tridiagonal"
    assert float(row["training_time.layer [s]"]) == time["value"]
    assert [float(row[f"training_time.layer.{end} [s]"]) for end in ("low", "high")] == time["ci95"]
    assert float(row["accuracy"]) == metrics["accuracy"]["value"]
    assert row["recurrent_parameters"] == "46"
    assert row["connectivity"] == '{"banded": {"lower": 1, "upper": 1, "circular": false}}'
    assert row["hidden"] == "16"
    assert row["training.iterations"] == "10000"
    assert row["bias"] == "false"


def test_figures_without_intervals_have_no_columns_for_them():
    assert not [field for field in table(addition(["dense"]))[0] if field.startswith("recurrent_parameters.")]


def test_a_figure_that_a_case_lacks_is_empty():
    results = addition(["dense", "tridiagonal"])
    results.cases[1].update(metrics={}, status="oom", reason="too\nlarge")
    row = table(results)[1]
    assert (row["accuracy"], row["accuracy.low"]) == ("", "")
    assert (row["status"], row["reason"]) == ("oom", "too large")


def test_a_document_without_cases_has_a_header():
    assert to_csv(document([])) == "name,id,status,reason\n"


def test_text_is_never_a_formula_but_numbers_stay_numbers():
    results = document([case('=HYPERLINK("x")', training([0.5, 1.0])), case("@cmd", seed=1), case("-1,2\x1b", seed=2)])
    results.cases[0]["metrics"]["accuracy"]["value"] = -0.5
    rows = table(results)
    assert [row["name"] for row in rows] == ['\'=HYPERLINK("x")', "'@cmd", "'-1,2"]
    assert rows[0]["accuracy"] == "-0.5"
