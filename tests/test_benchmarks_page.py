"""docs/benchmarks.md says what was measured: its tables come out of the committed results of suites/kernels.yaml."""

import re

import pytest

from tests.benchmark_tables import BLOCK, PAGE, TABLES, filled
from tests.claims_tables import results_of

TEXT = PAGE.read_text()


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
