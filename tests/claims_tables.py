"""The tables of docs/claims.md, out of the committed results documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rnnbench.analysis.conclusions import read
from rnnbench.analysis.contrast import Group, contrast_of
from rnnbench.analysis.learning import Learned, learned
from rnnbench.analysis.seeds import difference, effect
from rnnbench.analysis.statistics import holm
from rnnbench.analysis.wording import count, hundredths, p_value, share, with_interval
from rnnbench.report.explain_figure import amount
from rnnbench.results.document import Results

RESULTS = Path(__file__).parent.parent / "docs" / "results"


def results_of(name: str) -> Results:
    """Return the committed results of a suite."""
    return read(RESULTS / f"{name}.json")


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as Markdown, a line each row."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def settings_of(name: str) -> list[tuple[str, Group]]:
    """Return the settings of a suite with what they are called, those that have the baseline."""
    contrast = contrast_of(results_of(name).data)
    assert contrast is not None
    return [(contrast.setting(group), group) for group in contrast.complete()]


def finding_of(name: str, key: str) -> dict[str, Any]:
    """Return the finding that has these figures."""
    (found,) = [finding for finding in results_of(name).data["findings"] if key in finding]
    return dict(found)


def _learned(group: Group, label: str) -> Learned:
    found = learned(label, group.cases[label])
    assert found is not None
    return found


def _accuracy(found: Learned) -> str:
    """Return ``0.53 [0.43, 0.63], 0``: the share that is right, and how many seeds learnt all."""
    return f"{with_interval(found.accuracy, found.interval, share)}, {found.solved}"


MIXING = ("ring", "dense")
"""What is told by itself; the others are told by their difference from the ring."""


def mixing_accuracies() -> str:
    """Return what ring and dense get right in each setting, and how far each of the others is above the ring."""
    alike = finding_of("mixing", "equal_weights")["equal_weights"]
    rows = []
    for setting, group in settings_of("mixing"):
        told = [
            difference(found["difference"], found["ci95"]) + ("*" if found["p_adjusted"] <= 0.05 else "")
            for one in alike
            for found in one["settings"]
            if found["setting"] == setting
        ]
        rows.append([setting, *(_accuracy(_learned(group, label)) for label in MIXING), *told])
    over_all = [f"{difference(one['difference'], one['ci95'])}, {p_value(one['p_adjusted'])}" for one in alike]
    rows.append(["mean over settings", "", "", *over_all])
    return markdown(["setting", *MIXING, *(f"`{one['label']}`" for one in alike)], rows)


def scaling_accuracies() -> str:
    """Return what dense and the band get right in each setting, by how much they differ, and the adjusted p-value.

    The last rows are means over all settings with biases, and without, by the seeds' means over these settings.
    """
    found = finding_of("scaling", "comparisons")["comparisons"]
    rows, learners = [], {}
    for (setting, group), one in zip(settings_of("scaling"), found, strict=True):
        dense, band = (_learned(group, label) for label in ("dense", "tridiagonal"))
        apart = effect([dense.accuracies], [band.accuracies])
        told = [_accuracy(dense), _accuracy(band), difference(apart.value, apart.interval), p_value(one["p_adjusted"])]
        rows.append([setting, *told])
        learners.setdefault(dense.case["parameters"]["bias"], []).append((dense, band))
    means = {
        bias: effect([dense.accuracies for dense, _ in pairs], [band.accuracies for _, band in pairs])
        for bias, pairs in learners.items()
    }
    for (bias, mean), p in zip(means.items(), holm([mean.p for mean in means.values()]), strict=True):
        counts = [sum(pair[side].solved for pair in learners[bias]) for side in (0, 1)]
        solved = [f"{number} of {sum(pair[0].replicas for pair in learners[bias])}" for number in counts]
        name = f"mean, bias {str(bias).lower()}"
        rows.append([name, *solved, difference(mean.value, mean.interval), p_value(p)])
    return markdown(["setting", "dense", "tridiagonal", "tridiagonal is above dense by", "adjusted p"], rows)


def steps(name: str) -> str:
    """Return what each axis does, as the findings have it."""
    rows = [
        [
            f"{step['axis'].rpartition('.')[2]} {step['last']} in place of {step['first']}",
            step["of"],
            difference(step["difference"], step["ci95"]),
            p_value(step["p_adjusted"]),
        ]
        for step in finding_of(name, "settings")["settings"]
    ]
    return markdown(["change", "of", "moves the share right by", "adjusted p"], rows)


def storage(hidden: int = 8192) -> str:
    """Return what each connectivity stores at a hidden size, with two inputs and with as many as units."""
    cases: dict[str, dict[int, dict[str, Any]]] = {}
    for _, group in settings_of("storage"):
        for label, case in group.cases.items():
            if case["parameters"]["hidden"] == hidden:
                cases.setdefault(label, {})[case["parameters"]["input"]] = case["metrics"]
    powers = {
        family["label"]: family["recurrent_parameters"]
        for family in finding_of("storage", "powers")["powers"]
        if family["setting"] == "2 inputs"
    }

    def told(metrics: dict[str, Any], key: str, write: Callable[[float], str]) -> str:
        return write(metrics[key]["value"])

    def size(value: float) -> str:
        return amount(value, "bytes")

    rows = []
    for label, by_inputs in cases.items():
        few, many = by_inputs[2], by_inputs[hidden]
        rows.append(
            [
                f"`{label}`",
                told(few, "recurrent_parameters", count),
                f"H^{hundredths(powers[label])}",
                told(few, "file_bytes.recurrence", size),
                told(few, "total_parameters", count),
                told(few, "file_bytes.model", size),
                told(many, "total_parameters", count),
                told(many, "file_bytes.model", size),
            ]
        )
    heads = ["", "recurrent weights", "grow as", "in a file", "all weights, 2 inputs", "in a file"]
    return markdown([*heads, f"all weights, {count(hidden)} inputs", "in a file"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "mixing": mixing_accuracies,
    "mixing settings": lambda: steps("mixing"),
    "scaling": scaling_accuracies,
    "scaling settings": lambda: steps("scaling"),
    "storage": storage,
}
"""By the name that the page gives them."""
