"""Findings: two to five sentences that say what was measured, what it means, and what is missing."""

import math

import pytest

from rnnbench.analysis.contrast import contrast_of, label
from rnnbench.analysis.findings import findings
from rnnbench.analysis.statistics import holm, paired_permutation_test
from rnnbench.results.figure import Figure
from tests.documents import ADDITION, addition, addition_case, case, document, memory, throughput, training

CONNECTIVITY = {"axis": "connectivity", "baseline": "dense"}


def said(results):
    """Return the sentences, checking what holds for all findings."""
    found = findings(results.data)
    assert len(found) <= 5
    for finding in found:
        assert finding["text"].endswith(".")
        assert "{" not in finding["text"]
    return [finding["text"] for finding in found]


def trained(name, accuracies, **parameters):
    return case(name, training(accuracies), measure={"training": {}}, **parameters)


def test_the_shipped_suite_is_answered_in_five_sentences():
    baseline, comparison, control, storage, time = said(addition())
    assert baseline == (
        "dense gets 1.00 of all sums right after 10,000 iterations and learns every sum in 20 of 20 seeds "
        "[0.83, 1.00]; without recurrence (none) it is 0.13, the floor."
    )
    assert comparison.startswith(
        "upper_triangular (0.998 [0.996, 1.00], 19 of 20 seeds [0.75, 1.00]), block_diagonal(4) (0.992 "
    )
    assert (
        "banded(2,2) (0.96 [0.91, 0.991], 15 of 20 seeds [0.51, 0.91]) do not differ significantly from dense"
        in comparison
    )
    assert (
        "diagonal (0.19 [0.18, 0.19], 0 of 20 seeds [0.00, 0.17]) learn every sum within 10,000 iterations"
        in comparison
    )
    assert "in fewer seeds than dense (p = 1e-10 each)" in comparison
    assert comparison.endswith(
        "learn every sum, adjusted by Holm's method for 7 comparisons (6 here, 1 in other sentences)."
    )
    assert control.startswith("With the same 46 recurrent weights, tridiagonal (0.58 [0.51, 0.66], 0 of 20 seeds ")
    assert "differ: tridiagonal learns more (p = " in control
    assert "1.9x (upper_triangular) to 16x (diagonal) fewer recurrent weights than dense (136 to 16 against" in storage
    assert (
        "1.7x (upper_triangular) to 4.8x (diagonal) fewer weights in all than dense (184 to 64 against 304)" in storage
    )
    assert time.startswith("A training pass of a layer (forward and backward, W x included) takes 0.95x [")
    assert time.endswith(
        "peak memory of a training step is about that of dense (differences under 0.25 MiB, too small for one process "
        "each to tell)."
    )


def test_peak_memories_that_differ_by_more_than_one_process_can_tell_are_held_against_each_other():
    results = addition(["dense", "tridiagonal", "diagonal"])
    for one, mebibytes in zip(results.cases, (10, 10.1, 7), strict=True):
        one["metrics"]["peak_memory"]["value"] = mebibytes * 2**20
    *_, time = said(results)
    assert time.endswith(
        "peak memory of a training step is 0.70x (diagonal) to about 1x (tridiagonal) that of dense (no interval)."
    )


def test_two_cases_are_held_against_each_other_in_figures():
    _, comparison, storage, time = said(addition(["dense", "tridiagonal"]))
    assert comparison.startswith(
        "tridiagonal (0.58 [0.51, 0.66], 0 of 20 seeds [0.00, 0.17]) learns every sum within 10,000 iterations in "
        "fewer seeds than dense (p = 1.5e-11)"
    )
    assert comparison.endswith("p by Fisher's exact test on the seeds that learn every sum.")
    assert storage == (
        "tridiagonal stores 5.6x fewer recurrent weights than dense (46 against 256) and 3.2x fewer weights in all "
        "than dense (94 against 304)."
    )
    assert time.startswith(
        "A training pass of a layer (forward and backward, W x included) with tridiagonal takes 0.98x [0.91, 1.02] the "
        "time of dense, "
    )


def test_p_values_are_adjusted_over_all_that_are_quoted():
    labels = ["dense", "tridiagonal", "random(46)"]
    found = findings(addition(labels).data)
    fisher = 2 / math.comb(40, 20)
    control = paired_permutation_test(ADDITION["tridiagonal"][2], ADDITION["random(46)"][2])
    adjusted = holm([fisher, fisher, control])
    assert [comparison["p_adjusted"] for comparison in found[1]["comparisons"]] == pytest.approx(adjusted[:2])
    assert found[2]["controls"][0]["p_adjusted"] == pytest.approx(adjusted[2])


def test_findings_carry_the_figures_that_they_speak_of():
    found = findings(addition(["dense", "tridiagonal"]).data)
    assert found[0]["baseline"][0]["solved"] == 20
    assert found[1]["comparisons"][0]["cases"][1]["accuracy"] == pytest.approx(0.585)
    assert found[2]["recurrent_parameters"] == [{"case": "tridiagonal", "ratio": 46 / 256, "ci95": None}]
    ratio = found[3]["time_ratios"][0]
    assert ratio["ci95"][0] <= ratio["ratio"] <= ratio["ci95"][1]


def test_where_the_baseline_learns_little_accuracies_are_compared():
    cases = [
        trained("dense", [0.5 + 0.01 * r for r in range(12)]),
        trained("diagonal", [0.1] * 12, connectivity="diagonal"),
    ]
    comparison = said(document(cases, CONNECTIVITY))[1]
    assert (
        f"diagonal (0.10, 0 of 12 seeds [0.00, 0.26]) has a lower mean accuracy than dense (p = {2 / 2**12:.2g})"
        in comparison
    )
    assert comparison.endswith("p by a paired permutation test on the accuracies of the seeds.")


def test_one_that_learns_more_is_said_to():
    cases = [trained("dense", [0.5] * 12), trained("diagonal", [0.9] * 12, connectivity="diagonal")]
    assert "has a higher mean accuracy than dense" in said(document(cases, CONNECTIVITY))[1]


def test_few_seeds_are_said_to_tell_nothing():
    cases = [trained("dense", [1.0] * 3), trained("diagonal", [0.1] * 3, connectivity="diagonal")]
    assert said(document(cases, CONNECTIVITY))[1] == (
        "diagonal (0.10, 0 of 3 seeds [0.00, 0.71]): 3 seeds each are too few to tell a difference from dense."
    )


def test_nearly_all_is_not_called_all():
    cases = [trained("dense", [1.0] * 9 + [0.9999]), trained("diagonal", [0.1] * 10, connectivity="diagonal")]
    assert said(document(cases, CONNECTIVITY))[0].startswith("dense gets >0.9999 ")


def test_other_tasks_have_sequences_and_random_evaluations_say_so():
    figures = training([1.0, 0.5])
    details = {"examples": 65536, "exhaustive": False}
    figures["accuracy"] = Figure("replicas", (1.0, 0.5), (), details)
    texts = said(document([case("dense", figures, measure={"training": {}})]))
    assert "0.75 [0.50, 1.00] of 65,536 random sequences right" in texts[0]


def judged(accuracies, solved):
    """Return the figures of a training that counts answers as the task does."""
    details = {"examples": 1310, "exhaustive": False, "meaning": "symbols recalled"}
    return {
        "accuracy": Figure("replicas", tuple(accuracies), (), details),
        "solved_fraction": Figure("proportion", tuple(map(float, solved)), (), {}),
    }


def test_where_answers_are_no_whole_sequences_the_task_says_what_is_right_and_when_it_is_solved():
    ten = [1.0] * 10
    cases = [
        case("dense", judged([0.99] * 10, ten), measure={"training": {}}, task="copying"),
        case(
            "diagonal",
            judged([0.1] * 10, [0.0] * 10),
            measure={"training": {}},
            task="copying",
            connectivity="diagonal",
        ),
    ]
    texts = said(document(cases, CONNECTIVITY))
    assert texts[0] == (
        "dense gets 0.99 of the answers right (symbols recalled, in 1,310 random sequences) after 10,000 iterations "
        "and solves the task in 10 of 10 seeds [0.69, 1.00]."
    )
    assert texts[1].endswith("p by Fisher's exact test on the seeds that solve the task.")
    assert "the seeds being those that solve the task" in said(document(cases))[0]


def test_the_input_size_is_that_of_the_task_and_no_setting_of_its_own():
    cases = [
        case(
            f"{task}/{connectivity}",
            training([0.5] * 3),
            measure={"training": {}},
            task=task,
            connectivity=connectivity,
        )
        for task in ("parity", "permutation")
        for connectivity in ("dense", "diagonal")
    ]
    (first, *_) = said(document(cases, CONNECTIVITY))
    assert "over 2 settings (task parity(32), permutation(s3,16))" in first
    by_task = contrast_of(document(cases, {"axis": "task", "baseline": "parity"}).data)
    assert [list(group.cases) for group in by_task.complete()] == [["parity(32)", "permutation(s3,16)"]] * 2


def test_a_gated_cell_without_recurrent_weights_is_not_called_without_recurrence():
    cases = [
        trained("dense", [1.0] * 3, cell="lstm"),
        trained("diagonal", [0.5] * 3, cell="lstm", connectivity="diagonal"),
        trained("none", [0.25] * 3, cell="lstm", connectivity="none"),
    ]
    assert "; without recurrent weights (none) it is 0.25" in said(document(cases, CONNECTIVITY))[0]


def test_failed_cases_are_named_with_their_status():
    results = addition()
    results.cases[3].update(status="oom", reason="training: 40 GB asked for", metrics={})
    texts = said(results)
    assert "banded(2,2)" not in texts[1]
    assert texts[-1].endswith("; not measured in full: banded(2,2) (oom).")


def test_many_failed_cases_are_counted():
    results = addition()
    for failed in results.cases[1:]:
        failed.update(status="timeout", reason="300 s", metrics={})
    assert said(results)[-1].endswith("banded(2,2) (timeout), tridiagonal (timeout) and 3 more.")


def test_a_baseline_that_failed_is_no_baseline():
    results = addition()
    results.cases[0].update(status="error", reason="killed by signal 9", metrics={})
    texts = said(results)
    assert texts[0].startswith("Nothing is held against the baseline: dense was not measured")
    assert texts[1].startswith("Accuracy runs from none (0.13, 0 of 20 seeds [0.00, 0.17]) to upper_triangular (0.998")
    assert "dense (error)" in texts[-1]


def test_a_baseline_that_is_not_there_is_said_not_to_be():
    texts = said(addition(["tridiagonal", "diagonal"]))
    assert texts[0] == "Nothing is held against the baseline: dense is not among the cases."


def test_without_a_contrast_the_range_is_given():
    results = addition(["dense", "tridiagonal"])
    results.suite["resolved"]["contrast"] = None
    texts = said(results)
    assert texts[0].startswith(
        "Accuracy runs from tridiagonal (0.58 [0.51, 0.66], 0 of 20 seeds [0.00, 0.17]) to dense (1.00, 20 "
    )
    assert texts[1].endswith("solve the task, it takes 6,500 [6,000, 7,000] iterations.")
    assert texts[2] == "46 (tridiagonal) to 256 (dense) recurrent weights are stored."
    assert texts[3].startswith("A training pass takes 6.44 ms [")


def test_a_single_case_is_described():
    texts = said(addition(["tridiagonal"]))
    assert texts[0].endswith("of all sums right after 10,000 iterations and learns every sum in 0 of 20 seeds.")
    assert texts[1] == "46 recurrent weights are stored."


def test_training_alone_and_speed_alone_are_enough():
    trained_only = [trained("dense", [1.0] * 20), trained("diagonal", [0.2] * 20, connectivity="diagonal")]
    assert len(said(document(trained_only, CONNECTIVITY))) == 2
    timed = [
        case("dense", launches=throughput(0.002, 0.006, noise=0.01)),
        case("diagonal", launches=throughput(0.001, 0.003, noise=0.01), connectivity="diagonal"),
    ]
    (time,) = said(document(timed, CONNECTIVITY))
    assert time.startswith(
        "A training pass of a layer (forward and backward, W x included) with diagonal takes 0.50x [0.50, 0.51] the "
    )


def test_forward_passes_stand_in_where_nothing_was_trained():
    def forward_only(name, seconds, connectivity):
        launches = [{"forward_time.layer": Figure("timing", (seconds * f,))} for f in (1.0, 1.01, 1.02)]
        return case(name, launches=launches, connectivity=connectivity)

    (text,) = said(document([forward_only("a", 1.0, "dense"), forward_only("b", 2.0, "diagonal")], CONNECTIVITY))
    assert text.startswith("A forward pass of a layer (W x included) with diagonal takes 2.00x [1.9")


@pytest.mark.parametrize("launches", [1, 2])
def test_one_or_two_launches_are_said_to_have_no_interval(launches):
    cases = [
        case("dense", launches=throughput(0.002, 0.006, launches=launches)),
        case("diagonal", launches=throughput(0.001, 0.003, launches=launches), connectivity="diagonal"),
    ]
    assert "(no interval from fewer than 3 launches)" in said(document(cases, CONNECTIVITY))[0]


def test_memory_alone_is_enough():
    cases = [case("dense", memory(256, 304)), case("none", memory(0, 48, peak=2_500_000), connectivity="none")]
    assert said(document(cases, CONNECTIVITY)) == [
        "Peak memory of a training step of none is 0.50x that of dense (no interval)."
    ]


def test_nothing_measured_gives_no_findings():
    assert said(document([])) == []
    assert said(document([case("dense")], CONNECTIVITY)) == []


def test_other_axes_are_held_fixed_and_give_ranges():
    cases = [
        addition_case(connectivity, f"{connectivity}/{hidden}", hidden=hidden)
        for hidden in (16, 32, 64)
        for connectivity in ("dense", "tridiagonal", "random(46)", "none")
    ]
    cases[-2]["metrics"]["recurrent_parameters"]["value"] = 23
    baseline, comparison, control, settings, costs = said(document(cases, CONNECTIVITY))
    assert "in 60 of 60 seeds, over 3 settings (hidden 16, 32, 64)" in baseline
    assert "tridiagonal (in 3 of 3: 0.58, 0 of 60 seeds)" in comparison
    assert control.startswith(
        "Of 2 pairs with the same number of recurrent weights, the structured one learns more in 2"
    )
    assert settings.startswith(
        "In the mean over the other settings, the share that dense gets right moves by 0.000 (p = 1) with hidden 64 in "
        "place of 16;"
    )
    assert "5.6x to 11x (median 5.6x) fewer recurrent weights than dense" in costs
    assert "the time of dense" in costs


def test_a_contrast_may_be_over_any_axis():
    cases = [trained(f"H{hidden}", [share] * 12, hidden=hidden) for hidden, share in ((8, 0.3), (32, 0.9))]
    texts = said(document(cases, {"axis": "hidden", "baseline": 8}))
    assert texts[1].startswith("hidden 32 (0.90, 0 of 12 seeds [0.00, 0.26]) has a higher mean accuracy than hidden 8")


def test_a_contrast_may_be_over_a_setting_of_a_measurement():
    cases = [
        case(str(iterations), training([share] * 12), measure={"training": {"iterations": iterations}})
        for iterations, share in ((100, 0.3), (1000, 0.9))
    ]
    contrast = {"axis": "training.iterations", "baseline": 100}
    assert said(document(cases, contrast))[:2] == [
        "iterations 100 gets 0.30 of all sequences right and learns every sequence in 0 of 12 seeds [0.00, 0.26].",
        f"iterations 1000 (0.90, 0 of 12 seeds [0.00, 0.26]) has a higher mean accuracy than iterations 100 "
        f"(p = {2 / 2**12:.2g}); p by a paired permutation test on the accuracies of the seeds.",
    ]


def test_groups_hold_everything_else_fixed():
    cases = [
        case(f"{connectivity}/{seed}", connectivity=connectivity, seed=seed)
        for seed in (0, 1)
        for connectivity in ("dense", "tridiagonal")
    ]
    contrast = contrast_of(document(cases, {"axis": "connectivity", "baseline": "dense"}).data)
    assert [list(group.cases) for group in contrast.groups] == [["dense", "tridiagonal"]] * 2
    assert contrast.varying == {"seed": ("0", "1")}
    assert contrast.baseline == "dense"


@pytest.mark.parametrize("written", ["tridiagonal", "banded(1,1)", {"banded": {"lower": 1, "upper": 1}}])
def test_a_value_has_one_label_however_it_is_written(written):
    assert label("connectivity", written) == "tridiagonal"


def test_values_of_a_later_version_are_labelled_as_written():
    assert label("connectivity", {"butterfly": {"levels": 3}}) == '{"butterfly":{"levels":3}}'
    assert label("gating", "soft") == "soft"
    assert label("dreams.depth", 3) == "3"
