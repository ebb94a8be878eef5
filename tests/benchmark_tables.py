"""The tables of docs/benchmarks.md that come out of the committed results of suites/kernels.yaml, growth.yaml,
crossover.yaml and memory.yaml.

``python -m tests.benchmark_tables`` writes them into the page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rnnbench.analysis.wording import count, hundredths, milliseconds, with_interval
from tests.answer_tables import LAYERS, cases_of, times_as_fast
from tests.claims_tables import finding_of, markdown

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


SIZES = {"time_steps": "T", "batch": "B", "hidden": "H"}


def growth() -> str:
    """Return the exponents with which times grow."""
    found = finding_of("growth", "growth")["growth"]
    rows = []
    for size, symbol in SIZES.items():
        slopes = {one["metric"]: one for one in found if one["size"] == size}
        forward, both = (slopes[f"{sweep}_time.recurrence"] for sweep in ("forward", "training"))
        between = f"{count(both['sizes'][0])} to {count(both['sizes'][-1])}"
        rows.append(
            [f"{symbol}, {between}", *(with_interval(one["slope"], one["ci95"], hundredths) for one in (forward, both))]
        )
    return markdown(["grows with", "forward", "forward + backward"], rows)


def crossover() -> str:
    """Return the times of bands, diagonal by diagonal and as a matrix."""
    rows = []
    cases = cases_of("crossover")
    for band in dict.fromkeys(name.partition("/")[0] for name in cases):
        taps, gemm = (cases[f"{band}/kernel={kernel}"]["metrics"] for kernel in ("taps", "gemm"))
        key = "training_time.recurrence"
        rows.append([f"`{band}`", _time(taps, key), _time(gemm, key)])
    return markdown(["band", "`taps`, ms", "`gemm`, ms"], rows)


UNIT_BYTES = 2048 * 32 * 512 * 4
LAYERS_OF_MEMORY = {
    "dense/cell=rnn/kernel=torch": "nn.RNN, dense",
    "dense/cell=rnn/kernel=fused": "rnn, dense, fused",
    "diagonal/cell=rnn/recompute=none": "rnn, diagonal, fused",
    "diagonal/cell=rnn/recompute=every(64)": "rnn, diagonal, fused, `recompute: {every: 64}`",
    "dense/cell=lstm": "nn.LSTM, dense",
    "diagonal/cell=lstm/recompute=none": "lstm, diagonal, fused",
    "diagonal/cell=lstm/recompute=every(64)": "lstm, diagonal, fused, `recompute: {every: 64}`",
    "dense/cell=gru": "nn.GRU, dense",
    "diagonal/cell=gru/recompute=none": "gru, diagonal, fused",
    "diagonal/cell=gru/recompute=every(64)": "gru, diagonal, fused, `recompute: {every: 64}`",
}


def memory() -> str:
    """Return the peaks of a training step in units of T B H numbers."""
    cases = cases_of("memory")
    assert set(cases) == set(LAYERS_OF_MEMORY)
    rows = [
        [what, f"{cases[name]['metrics']['peak_memory']['value'] / UNIT_BYTES:.1f}"]
        for name, what in LAYERS_OF_MEMORY.items()
    ]
    return markdown(["layer", "units"], rows)


TABLES = {
    "layers": layers,
    "recurrences": recurrences,
    "growth": growth,
    "crossover": crossover,
    "memory": memory,
}


def filled(page: str) -> str:
    """Return the page with all tables as they are now."""
    return BLOCK.sub(lambda found: found[1] + TABLES[found["name"]](), page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text()))
