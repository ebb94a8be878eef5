"""docs/benchmarks.md says what was measured: its tables come out of the committed results of suites/kernels.yaml."""

import re

import pytest

from tests.answer_tables import cases_of
from tests.benchmark_tables import BLOCK, PAGE, TABLES, filled
from tests.claims_tables import finding_of, results_of

TEXT = PAGE.read_text()


SENTENCES = " ".join(TEXT.split())


def forward_plus_backward(suite, case):
    return cases_of(suite)[case]["metrics"]["training_time.recurrence"]["value"]


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_made_of_the_committed_results(name):
    """After a new run, ``python -m tests.benchmark_tables`` writes the tables anew."""
    (table,) = [found["table"] for found in BLOCK.finditer(TEXT) if found["name"] == name]
    assert table == TABLES[name]()


def test_writing_the_tables_again_changes_nothing():
    assert filled(TEXT) == TEXT


def test_the_run_is_the_one_that_is_named():
    data = results_of("kernels").data
    day, text = data["run"]["started"][:10], " ".join(TEXT.split())
    assert data["run"]["argv"][:3] == ["rnnbench", "run", "suites/kernels.yaml"]
    assert f"Measured on {day}, on {data['machine']['cpu']['logical']} cores of an Intel Xeon with AVX-512" in text
    assert f"{data['machine']['memory_bytes'] / 2**30:.1f} GiB" in text
    assert f"torch {data['provenance']['packages']['torch'].partition('+')[0]} (CPU)" in text
    assert not re.search(r"/(?:tmp|home|work|root)/", str(data["run"]["argv"]))
    assert {case["status"] for case in data["cases"]} == {"ok"}


def test_the_crossover_is_the_one_that_was_found():
    found = finding_of("crossover", "crossover")
    low, high = found["ci95"]
    assert f"Bands of more than {found['crossover']:.0f} [{low:.0f}, {high:.0f}] diagonals run faster" in SENTENCES


def test_growth_with_the_batch_is_said_as_it_was_measured():
    small, middle, large = (
        forward_plus_backward("growth", f"diagonal/time_steps=512/batch={case}")
        for case in ("8", "32/hidden=512", "128")
    )
    assert f"from B = 32 to 128 the time is {large / middle:.1f}-fold" in SENTENCES
    assert f"from 8 to 32 it is {middle / small:.1f}-fold" in SENTENCES


def test_one_long_sequence_is_said_as_it_was_measured():
    forward = cases_of("growth")["diagonal/time_steps=4096/kernel=fused"]["metrics"]["forward_time.recurrence"]
    moved = 8 * 4096 * 512 / forward["value"]
    copies = results_of("growth").data["calibration"]["devices"]["cpu"]["memory_bandwidth"]["value"]
    assert f"{moved / 1e9:.1f} GB/s, which is {moved / copies:.2f} of copies through memory" in SENTENCES
