"""Structures with equally many weights: what arrangement alone changes, setting by setting and over all."""

import pytest

from rnnbench.analysis.findings import findings
from rnnbench.analysis.statistics import holm, paired_permutation_test
from tests.documents import case, document, memory, training

SEEDS = 12
RING = [0.5 + 0.01 * seed for seed in range(SEEDS)]
CONTRAST = {"axis": "connectivity", "baseline": {"banded": {"lower": 1, "upper": 1, "circular": True}}}
ABOVE = {
    "ring": (45, {False: 0.0, True: 0.0}),
    "random(45)": (45, {False: 0.3, True: 0.0}),
    "block_diagonal(5)": (45, {False: 0.0, True: 0.0}),
    "dense": (225, {False: 0.4, True: 0.4}),
}
"""By how much each seed is above the ring, without biases and with."""


def uneven(seed):
    """Return noise whose mean over seeds is zero."""
    return 0.02 if seed % 2 else -0.02


def learned(label, bias, **parameters):
    weights, above = ABOVE[label]
    noise = 0.0 if label == "ring" else 1.0
    accuracies = [base + above[bias] + noise * uneven(seed) for seed, base in enumerate(RING)]
    measured = {**training(accuracies), **memory(weights, weights + 60)}
    given = {"task": "binary_addition", "hidden": 15, "bias": bias, "connectivity": label, **parameters}
    return case(f"{label}/{bias}", measured, measure={"training": {}, "memory": {}}, **given)


def mixing(labels=ABOVE, biases=(False, True)):
    return document([learned(label, bias) for bias in biases for label in labels], CONTRAST)


def found(results, key):
    (one,) = [finding for finding in findings(results.data) if key in finding]
    return one


def test_each_setting_and_all_of_them_are_told():
    finding = found(mixing(), "equal_weights")
    assert finding["text"].startswith(
        "With the same 45 recurrent weights as ring, the share right is above ring's by +0.150 [0.140, 0.160] "
        "(random(45), 0.000 to +0.300 in single settings, p = 0.00098) and 0.000 [-0.010, 0.010] (block_diagonal(5), "
        "0.000 in single settings, p = 1), in the mean over settings; "
    )
    assert (
        "of the 4 differences in single settings, 1 is significant: random(45) with bias false, +0.300 [0.290, 0.310] "
        "(p = 0.0029); "
    ) in finding["text"]
    assert [one["label"] for one in finding["equal_weights"]] == ["random(45)", "block_diagonal(5)"]
    random, blocks = finding["equal_weights"]
    assert [one["setting"] for one in random["settings"]] == ["bias false", "bias true"]
    assert random["difference"] == pytest.approx(0.15)
    assert random["settings"][0]["ci95"][0] < 0.3 < random["settings"][0]["ci95"][1]
    assert blocks["difference"] == pytest.approx(0.0, abs=1e-12)


def test_p_values_are_exact_and_adjusted_for_all_that_are_quoted():
    finding = found(mixing(), "equal_weights")
    tests = [
        paired_permutation_test(RING, [base + ABOVE[label][1][bias] + uneven(s) for s, base in enumerate(RING)])
        for bias in (False, True)
        for label in ("random(45)", "block_diagonal(5)", "dense")
    ]
    adjusted = holm(tests)
    random, blocks = finding["equal_weights"]
    assert [one["p_adjusted"] for one in random["settings"]] == pytest.approx([adjusted[0], adjusted[3]])
    assert [one["p_adjusted"] for one in blocks["settings"]] == pytest.approx([adjusted[1], adjusted[4]])
    assert random["p_adjusted"] == pytest.approx(2 * 2 / 2**SEEDS)
    assert finding["text"].endswith(
        "p by sign changes of the seeds' means over settings, adjusted by Holm's method for 2 comparisons, and in "
        "single settings by a paired permutation test on the accuracies of the seeds, for 6."
    )


def test_those_with_other_numbers_of_weights_are_held_against_the_baseline_as_always():
    finding = found(mixing(), "comparisons")
    assert finding["text"].startswith(
        "dense (in 2 of 2: 0.96, 0 of 24 seeds) has a higher mean accuracy than ring (p = 0.0029 each); p by a "
    )
    assert all(comparison["cases"][1]["case"].startswith("dense") for comparison in finding["comparisons"])


def test_that_nothing_differs_is_said_once():
    text = found(mixing(["ring", "block_diagonal(5)"]), "equal_weights")["text"]
    assert "none of the 2 differences in single settings is significant" in text


def test_few_seeds_are_said_to_tell_nothing():
    results = mixing(["ring", "block_diagonal(5)"])
    for one in results.cases:
        accuracy = one["metrics"]["accuracy"]
        accuracy["samples"] = [accuracy["samples"][0][:3]]
    text = found(results, "equal_weights")["text"]
    assert "; 3 seeds each are too few to tell in single settings; " in text


def test_random_ones_are_no_further_controls_where_the_baseline_has_as_many():
    assert not any("controls" in finding for finding in findings(mixing().data))


def test_in_one_setting_they_are_held_against_the_baseline_as_others_are():
    said = findings(mixing(biases=(False,)).data)
    assert not any("equal_weights" in finding for finding in said)
    (comparison,) = [finding["text"] for finding in said if "comparisons" in finding]
    assert "random(45) (0.85 [0.83, 0.88], 0 of 12 seeds [0.00, 0.26])" in comparison


def test_accuracies_are_compared_even_where_the_baseline_learns_everything():
    """Fisher's test would count the seeds that do: what is left between two that nearly do is in their accuracies."""
    cases = [
        case(
            f"{label}/{bias}",
            {**training([share] * SEEDS), **memory(45, 105)},
            measure={"training": {}, "memory": {}},
            connectivity=label,
            bias=bias,
        )
        for bias in (False, True)
        for label, share in (("ring", 1.0), ("random(45)", 0.99))
    ]
    (one,) = found(document(cases, CONTRAST), "equal_weights")["equal_weights"]
    assert [setting["p_adjusted"] for setting in one["settings"]] == pytest.approx([2 * 2 / 2**SEEDS] * 2)
