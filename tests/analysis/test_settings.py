"""What other axes than the contrast's do: from the first value of each to the last, all else in the mean."""

import pytest

from rnnbench.analysis.findings import findings
from tests.documents import case, document, training

CONTRAST = {"axis": "connectivity", "baseline": "dense"}
SEEDS = 10


def learned(label, share, **parameters):
    accuracies = [share + 0.001 * (seed % 3 - 1) for seed in range(SEEDS)]
    name = "/".join([label, *map(str, parameters.values())])
    given = {"task": "binary_addition", "connectivity": label, **parameters}
    return case(name, training(accuracies), measure={"training": {}}, **given)


def grid(labels=("dense", "tridiagonal"), hiddens=(16, 64, 128)):
    """Return cases in which dense gains 0.1 by biases and 0.2 from H 16 to 128, and tridiagonal half of that."""
    worth = {"dense": 1.0, "tridiagonal": 0.5, "diagonal": 0.0}
    rise = {16: 0.0, 64: 0.0, 128: 0.2}
    return [
        learned(label, 0.3 + worth[label] * (0.1 * bias + rise[hidden]), bias=bias, hidden=hidden)
        for bias in (False, True)
        for hidden in hiddens
        for label in labels
    ]


def moved(cases, contrast=CONTRAST):
    return next((finding for finding in findings(document(cases, contrast).data) if "settings" in finding), None)


def test_each_axis_moves_the_baseline_and_the_others_difference_from_it():
    finding = moved(grid())
    assert [(step["axis"], step["first"], step["last"], step["of"]) for step in finding["settings"]] == [
        ("hidden", "16", "128", "dense"),
        ("hidden", "16", "128", "tridiagonal - dense"),
        ("bias", "false", "true", "dense"),
        ("bias", "false", "true", "tridiagonal - dense"),
    ]
    assert [step["difference"] for step in finding["settings"]] == pytest.approx([0.2, -0.1, 0.1, -0.05])
    assert [step["p_adjusted"] for step in finding["settings"]] == pytest.approx([4 * 2 / 2**SEEDS] * 4)
    assert finding["text"] == (
        "In the mean over the other settings, the share that dense gets right moves by +0.200 (p = 0.0078) with hidden "
        "128 in place of 16 and +0.100 (p = 0.0078) with bias true in place of false; how far tridiagonal is above it "
        "moves by -0.100 (p = 0.0078) with hidden 128 in place of 16 and -0.050 (p = 0.0078) with bias true in place "
        "of false; p by sign changes of the seeds' means over settings, adjusted by Holm's method for 4 comparisons."
    )


def test_the_mean_over_settings_tells_what_single_ones_cannot():
    """Two seeds of ten fail in each of eight settings, others in each: too few for Fisher's test eight times over."""
    cases = []
    for number, (bias, hidden) in enumerate((bias, hidden) for bias in (False, True) for hidden in (8, 16, 32, 64)):
        for label, low in (("dense", 1.0), ("tridiagonal", 0.9)):
            accuracies = [low if seed in (number, number + 2) else 1.0 for seed in range(SEEDS)]
            given = {"task": "binary_addition", "connectivity": label, "bias": bias, "hidden": hidden}
            cases.append(case(f"{label}/{bias}/{hidden}", training(accuracies), measure={"training": {}}, **given))
    (found,) = [one for one in findings(document(cases, CONTRAST).data) if "comparisons" in one]
    assert all(one["p_adjusted"] == 1 for one in found["comparisons"])
    (mean,) = found["means"]
    assert mean["difference"] == pytest.approx(-0.02)
    assert mean["ci95"][1] < 0
    assert mean["p_adjusted"] == pytest.approx(2 / 2**SEEDS)
    assert "; the mean difference over settings is -0.020 [-0.02" in found["text"]
    assert found["text"].endswith("(tridiagonal, p = 0.002), p by sign changes of the seeds' means over settings.")


def test_of_several_others_none_is_told():
    finding = moved(grid(("dense", "tridiagonal", "diagonal")))
    assert {step["of"] for step in finding["settings"]} == {"dense"}


def test_lengths_of_one_task_have_an_order():
    tasks = ["binary_addition(8)", "binary_addition(16)", "binary_addition(24)"]
    (step,) = moved(
        [learned("dense", share, task=task) for task, share in zip(tasks, (0.9, 0.2, 0.6), strict=True)]
        + [learned("none", 0.1, task=task, connectivity="none") for task in tasks]
    )["settings"][:1]
    assert (step["first"], step["last"]) == ("binary_addition(8)", "binary_addition(24)")
    assert step["difference"] == pytest.approx(-0.3)


def test_three_tasks_of_other_kinds_have_none():
    tasks = ["parity", "permutation", "modular_counting"]
    cases = [learned(label, 0.5, task=task) for task in tasks for label in ("dense", "diagonal")]
    assert moved(cases) is None


def test_seeds_that_are_an_axis_are_not_paired():
    cases = [learned(label, 0.5, seed=seed) for seed in (0, 1) for label in ("dense", "diagonal")]
    assert moved(cases) is None


def test_one_setting_moves_nothing():
    assert moved(grid(hiddens=(16,))[:2]) is None


def test_values_that_never_meet_in_the_same_setting_are_left_out():
    """H 16 without biases and H 128 with them: nobody can tell which of the two it was."""
    cases = [
        learned(label, share, bias=bias, hidden=hidden)
        for bias, hidden, share in ((False, 16, 0.2), (True, 128, 0.8))
        for label in ("dense", "diagonal")
    ]
    assert moved(cases) is None
