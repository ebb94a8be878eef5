"""The tables of docs/answer.md, out of the committed results documents.

``python -m tests.answer_tables`` writes them into the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnnbench.analysis.aggregate import launch_medians
from rnnbench.analysis.learning import Learned, learned
from rnnbench.analysis.seeds import difference
from rnnbench.analysis.statistics import ratio_interval
from rnnbench.analysis.wording import count, hundredths, p_value, share, with_interval
from tests.claims_tables import finding_of, markdown, results_of, scaling_accuracies, storage

PAGE = Path(__file__).parent.parent / "docs" / "answer.md"
BLOCK = re.compile(r"(<!-- table: (?P<name>[^>]+?) -->\n)(?P<table>(?:\|.*\n)*)")


def cases_of(name: str) -> dict[str, dict[str, Any]]:
    """Return the cases of a suite's committed results by their names."""
    return {case["name"]: case for case in results_of(name).cases}


def learned_of(name: str, case: str) -> Learned:
    """Return what a case learned."""
    found = learned(case, cases_of(name)[case])
    assert found is not None, case
    return found


def told(found: Learned) -> str:
    """Return ``0.61 [0.52, 0.68], 0 of 20``."""
    return f"{with_interval(found.accuracy, found.interval, share)}, {found.solved} of {found.replicas}"


def addition() -> str:
    """Return what each connectivity of the question's experiment learns, and what it stores."""
    rows = []
    for name, case in cases_of("addition").items():
        found, weights = learned_of("addition", name), case["metrics"]["recurrent_parameters"]["value"]
        rows.append([f"`{name}`", count(weights), with_interval(found.accuracy, found.interval, share),
                     f"{found.solved} of {found.replicas}"])  # fmt: skip
    return markdown(["W_hh", "recurrent weights", "sums right", "seeds with every sum right"], rows)


def arrangement() -> str:
    """Return by how much other arrangements of as many weights are above a ring, in the mean over settings."""
    rows = [
        [f"`{one['label']}`", difference(one["difference"], one["ci95"]), p_value(one["p_adjusted"])]
        for one in finding_of("mixing", "equal_weights")["equal_weights"]
    ]
    return markdown(["45 weights as", "sums right, above the ring's", "adjusted p"], rows)


GATED = ("dense", "block_diagonal", "tridiagonal", "diagonal")
MATCHES = {"none": "as many units", "parameters": "as many parameters", "time": "as much time"}


def gates() -> str:
    """Return what lstm and gru with sparse gates learn beside dense ones, matched in three ways."""
    rows = []
    for suite in ("gated-addition", "gated-adding", "gated-text"):
        cases = cases_of(suite)
        for cell in ("lstm", "gru"):
            for match, what in MATCHES.items():
                cells = []
                for structure in GATED:
                    prefix = f"cell={cell}/match={'none' if structure == 'dense' else match}/{structure}"
                    (name,) = [case for case in cases if case.startswith(prefix)]
                    cells.append(told(learned_of(suite, name)))
                rows.append([suite.removeprefix("gated-"), cell, what, *cells])
    return markdown(["task", "cell", "compared at", *(f"`{name}`" for name in GATED)], rows)


STATE_TASKS = ("parity(16)", "modular_counting(3,8)", "permutation(s3,8)")


def state_tracking() -> str:
    """Return how many seeds follow a state exactly, by connectivity, task and layers."""
    names = list(dict.fromkeys(name.rpartition("/")[2] for name in cases_of("state-tracking")))
    rows = []
    for structure in names:
        found = [
            learned_of("state-tracking", f"task={task}/layers={layers}/{structure}")
            for layers in (1, 2)
            for task in STATE_TASKS
        ]
        rows.append([f"`{structure}`", *(f"{one.solved} of {one.replicas}" for one in found)])
    heads = [f"{task.partition('(')[0].replace('_', ' ')}, {layers}" for layers in (1, 2) for task in STATE_TASKS]
    return markdown(["48 units", *heads], rows)


LAYERS = [
    (cell, structure)
    for cell in ("rnn", "lstm", "gru")
    for structure in ("dense", "block_diagonal(8)", "tridiagonal", "diagonal")
]


def times_as_fast(metrics: dict[str, Any], base: dict[str, Any], key: str) -> str:
    """Return how many times as fast as ``base`` a case is, with the 95 % interval over launches."""
    slow, fast = (launch_medians(side[key]["samples"]) for side in (base, metrics))
    return with_interval(base[key]["value"] / metrics[key]["value"], ratio_interval(slow, fast), hundredths)


def time() -> str:
    """Return how many times as fast as torch's dense layer each layer is, forward and backward."""
    cases = cases_of("kernels")
    rows = []
    for cell, structure in LAYERS:
        base = cases[f"cell={cell}/dense/kernel=torch"]["metrics"]
        found = cases[f"cell={cell}/{structure}/kernel=fused"]["metrics"]
        rows.append([cell, f"`{structure}`", times_as_fast(found, base, "training_time.layer"),
                     times_as_fast(found, base, "forward_time.layer")])  # fmt: skip
    return markdown(["cell", "W_hh", "training, times as fast", "forward, times as fast"], rows)


LIMITS = {
    "max_length_memory": "fits into 64 MiB",
    "max_length_gradient": "gradients reach",
    "max_length_task": "is learnt",
}


def lookback() -> str:
    """Return the three limits of sequence length, in time steps."""
    rows = []
    for name, case in cases_of("lookback").items():
        metrics = case["metrics"]
        if all(limit in metrics for limit in LIMITS):
            cells = [with_interval(metrics[limit]["value"], metrics[limit]["ci95"], count) for limit in LIMITS]
            rows.append([f"`{name.partition('/recompute')[0]}`", *cells])
    return markdown(["layer", *LIMITS.values()], rows)


def jordan() -> str:
    """Return how far the outputs of a linear network in Jordan form are from those of the dense one."""
    rows = []
    for name, case in cases_of("jordan").items():
        metrics = case["metrics"]
        cells = [f"{metrics[key]['value']:.1e}" for key in ("equivalence_error", "equivalence_error_tanh")]
        rows.append([f"`{name}`", *cells, count(metrics["basis_condition"]["value"])])
    return markdown(["dense linear recurrence", "relative error", "the same under tanh", "condition of P"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "addition": addition,
    "arrangement": arrangement,
    "sizes": scaling_accuracies,
    "gates": gates,
    "state tracking": state_tracking,
    "time": time,
    "storage": storage,
    "lookback": lookback,
    "jordan": jordan,
}


def filled(page: str) -> str:
    """Return the page with all tables as they are now."""
    return BLOCK.sub(lambda found: found[1] + TABLES[found["name"]](), page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text()))
