"""The tables of docs/benchmarks.md that come out of the committed results of suites/kernels.yaml.

``python -m tests.benchmark_tables`` writes them into the page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rnnbench.analysis.wording import milliseconds, with_interval
from tests.answer_tables import LAYERS, cases_of, times_as_fast
from tests.claims_tables import markdown

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BLOCK = re.compile(r"(<!-- table: (?P<name>[^>]+?) -->\n)(?P<table>(?:\|.*\n)*)")
AIMS = {
    ("rnn", "dense"): "1.25",
    ("rnn", "diagonal"): "2.5",
    ("lstm", "dense"): "1.0",
    ("lstm", "diagonal"): "1.8",
    ("gru", "dense"): "1.2",
    ("gru", "diagonal"): "2.2",
}
RECURRENCES = ("dense", "block_diagonal(8)", "banded(8,8)", "tridiagonal", "diagonal")


def _metrics(cell: str, structure: str, kernel: str) -> dict[str, Any]:
    metrics: dict[str, Any] = cases_of("kernels")[f"cell={cell}/{structure}/kernel={kernel}"]["metrics"]
    return metrics


def _time(metrics: dict[str, Any], key: str) -> str:
    return with_interval(metrics[key]["value"], metrics[key]["ci95"], milliseconds)


def layers() -> str:
    """Return the times of layers, forward and backward, beside torch's and beside eager's."""
    rows = []
    key = "training_time.layer"
    for cell, structure in [*LAYERS[:2], ("rnn", "banded(8,8)"), *LAYERS[2:]]:
        ours, eager = (_metrics(cell, structure, kernel) for kernel in ("fused", "eager"))
        theirs = _metrics(cell, "dense", "torch")
        rows.append([f"{cell}, `{structure}`", _time(ours, key), _time(theirs, key), times_as_fast(ours, theirs, key),
                     AIMS.get((cell, structure), ""), times_as_fast(ours, eager, key)])  # fmt: skip
    heads = [
        "layer",
        "time, ms",
        "nn.RNN, nn.LSTM, nn.GRU, ms",
        "times as fast",
        "aimed at",
        "times as fast as `eager`",
    ]
    return markdown(heads, rows)


def recurrences() -> str:
    """Return the times of the recurrence alone, cell rnn."""
    rows = []
    for structure in RECURRENCES:
        ours, eager = (_metrics("rnn", structure, kernel) for kernel in ("fused", "eager"))
        both = "training_time.recurrence"
        rows.append([f"`{structure}`", _time(ours, "forward_time.recurrence"), _time(ours, both),
                     times_as_fast(ours, eager, both)])  # fmt: skip
    return markdown(["recurrence", "forward, ms", "forward + backward, ms", "times as fast as `eager`"], rows)


TABLES = {"layers": layers, "recurrences": recurrences}


def filled(page: str) -> str:
    """Return the page with both tables as they are now."""
    return BLOCK.sub(lambda found: found[1] + TABLES[found["name"]](), page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text()))
