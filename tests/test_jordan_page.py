"""docs/jordan.md says what the committed results say, and these say that linear recurrences are equivalent."""

import re
from io import StringIO
from pathlib import Path

from rich.console import Console

from rnnbench.analysis.conclusions import read
from rnnbench.report.table import render

ROOT = Path(__file__).parent.parent
RESULTS = read(ROOT / "docs" / "results" / "jordan.json")


def test_the_table_is_what_show_prints_of_the_committed_results():
    """After a new run of the suite, replace both: the document, and the page's block by what `show` prints of it."""
    (printed,) = re.findall(r"```text\n(.*?)```", (ROOT / "docs" / "jordan.md").read_text(), re.DOTALL)
    console = Console(width=112, file=StringIO(), color_system=None)
    render(RESULTS, console)
    assert printed == "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


def test_linear_recurrences_are_equivalent_and_others_are_not():
    limits = {"float64": 1e-12, "float32": 1e-5}
    sizes = {(case["parameters"]["hidden"], case["parameters"]["dtype"]) for case in RESULTS.cases}
    assert sizes == {(hidden, dtype) for hidden in (16, 64, 256) for dtype in limits}
    for case in RESULTS.cases:
        metrics = case["metrics"]
        assert metrics["equivalence_error"]["value"] <= limits[case["parameters"]["dtype"]]
        assert metrics["equivalence_error_tanh"]["value"] > 0.1


def test_one_matrix_has_no_jordan_form():
    flags = {case["name"]: case["metrics"]["equivalence_error"]["flags"] for case in RESULTS.cases}
    (schur,) = [name for name, said in flags.items() if said == ["schur_form"]]
    assert schur.startswith("toeplitz(3,1)")
    assert sum(map(len, flags.values())) == 1
