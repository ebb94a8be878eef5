"""docs/answer.md says what was measured: its tables and the figures in its sentences come out of committed results."""

import re
from pathlib import Path

import pytest

from rnnbench.analysis.statistics import binomial_interval
from tests.answer_tables import BLOCK, PAGE, STATE_TASKS, TABLES, cases_of, filled, learned_of
from tests.claims_tables import finding_of, results_of

TEXT = PAGE.read_text()
SUITES = re.findall(r"^rnnbench run suites/(\S+)\.yaml$", TEXT, re.MULTILINE)
ROOT = Path(__file__).parent.parent


def said(sentence):
    """Whether the page says this, however its lines are broken."""
    return sentence in " ".join(TEXT.split())


def test_every_table_is_on_the_page_once():
    assert sorted(found["name"] for found in BLOCK.finditer(TEXT)) == sorted(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_made_of_the_committed_results(name):
    """After a new run of a suite, ``python -m tests.answer_tables`` writes the tables anew."""
    (table,) = [found["table"] for found in BLOCK.finditer(TEXT) if found["name"] == name]
    assert table == TABLES[name]()


def test_writing_the_tables_again_changes_nothing():
    assert filled(TEXT) == TEXT


@pytest.mark.parametrize("name", SUITES)
def test_each_command_is_that_of_the_document_behind_the_table(name):
    assert results_of(name).data["run"]["argv"][:3] == ["rnnbench", "run", f"suites/{name}.yaml"]


def test_every_claim_has_a_command_and_says_what_it_does_not_show():
    claims = TEXT.split("\n## ")[1:]
    assert len(claims) == 7
    for claim in claims:
        assert "```console\nrnnbench run suites/" in claim
        assert "*What it does not show:*" in claim


def test_no_sparse_matrix_learns_the_questions_task_as_the_demo_trains_it():
    assert learned_of("addition", "dense").solved == 20
    compared = finding_of("addition", "comparisons")["comparisons"]
    assert len(compared) == 6
    assert all(one["cases"][0]["case"] == "dense" and one["p_adjusted"] < 0.01 for one in compared)
    (control,) = finding_of("addition", "controls")["controls"]
    assert [side["case"] for side in control["cases"]] == ["tridiagonal", "random(46)"]
    assert control["p_adjusted"] > 0.05
    assert said("no sparse matrix learns as much as the dense one")
    assert said("as many weights anywhere learn as much")


def test_with_biases_and_time_every_arrangement_learns_the_sums():
    names = [name for name in cases_of("mixing") if "bias=true/iterations=30000" in name and not name.endswith("none")]
    assert min(learned_of("mixing", name).accuracy for name in names) > 0.9999
    assert said("With biases and 30,000 sums every arrangement gets over 0.9999 of the sums right")


def test_with_biases_the_band_is_as_good_at_every_size_and_without_at_none():
    compared = finding_of("scaling", "comparisons")["comparisons"]
    assert len(compared) == 18
    for one in compared:
        assert (one["p_adjusted"] > 0.05) == ("bias=true" in one["cases"][0]["case"])


def compared_gates(suite):
    """Return the structure, how it was matched, and the comparison with dense, of every sparse case of a suite."""
    found = [one for finding in results_of(suite).data["findings"] for one in finding.get("comparisons", [])]
    named = [(one["cases"][1]["case"].split("/"), one) for one in found]
    return [(cell, match.removeprefix("match="), structure, one) for (cell, match, structure), one in named]


def test_what_sparse_gates_learn():
    sums = [one for one in compared_gates("gated-addition") if one[1] == "none"]
    assert len(sums) == 6
    for _, _, structure, one in sums:
        assert (one["p_adjusted"] <= 0.05) == (structure == "diagonal")
    text = [one for one in compared_gates("gated-text") if one[0] == "cell=lstm" and one[1] == "parameters"]
    assert len(text) == 3
    for *_, one in text:
        dense, sparse = (side["accuracy"] for side in one["cases"])
        assert one["p_adjusted"] <= 0.05
        assert sparse > dense


def state(structure, layers):
    return [learned_of("state-tracking", f"task={task}/layers={layers}/{structure}").solved for task in STATE_TASKS]


def test_what_full_connectivity_is_for():
    sparse = ["block_diagonal(12)", "block_diagonal(16)", "block_diagonal(24)", "tridiagonal", "diagonal"]
    assert min(state("dense", 1)) >= 5
    assert {state(structure, layers)[2] for structure in sparse for layers in (1, 2)} == {0}
    assert binomial_interval(0, 7)[1] < binomial_interval(min(state("dense", 1)), 7)[1]
    assert all(state(structure, 1)[0] > 0 for structure in ("tridiagonal", "block_diagonal(16)"))
    assert all(state(structure, 2)[0] > state(structure, 1)[0] for structure in ("tridiagonal", "block_diagonal(16)"))
    assert {
        case["parameters"]["measure"]["training"]["iterations"] for case in cases_of("state-tracking").values()
    } == {3000}


def test_memory_is_moved_by_how_a_layer_is_run():
    moved = finding_of("lookback", "moved")["moved"]
    assert all(factor == pytest.approx(1, abs=0.05) for factor in moved["max_length_memory"].values())
    assert min(moved["max_length_gradient"].values()) > 3
    assert min(moved["max_length_task"].values()) > 1.1


def test_jordan_form_is_exact_where_it_is_said_to_be_and_another_network_under_tanh():
    for name, case in cases_of("jordan").items():
        single = case["parameters"]["dtype"] == "float32"
        assert case["metrics"]["equivalence_error"]["value"] <= (1e-5 if single else 1e-12), name
        assert case["metrics"]["equivalence_error_tanh"]["value"] > 0.1, name
