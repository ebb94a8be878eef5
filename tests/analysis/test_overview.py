"""The answer of a document in one line, and how those of several documents go together."""

from dataclasses import replace

import pytest

from rnnbench.analysis.answer_line import LEARNING, REACH, SPEED, Line
from rnnbench.analysis.overview import agreement, line, verdicts
from rnnbench.analysis.statistics import fisher_exact
from tests.analysis.test_lookback import CONNECTIVITY, looked
from tests.documents import addition, addition_case, case, document, kernels, throughput


def test_what_is_learnt_at_what_cost_and_how_sure():
    found = line(addition(["dense", "tridiagonal", "diagonal"]).data)
    assert (found.question, found.takes) == (LEARNING, ("dense",))
    assert found.text.startswith("Take dense: within 10,000 iterations it learns every sum in 20 of 20 seeds")
    following, beside = found.cost.split(". Beside dense, ")
    assert following.startswith("Next by mean accuracy is tridiagonal: 0.58 [0.51, 0.66], with 5.6x fewer recurrent we")
    assert beside.startswith("the others have 5.6x to 16x fewer recurrent weights, 0.9")
    assert found.cost.endswith("the time of a pass and about the same peak memory (within 0.25 MiB).")
    assert found.sure == (
        "20 seeds each; 2 comparisons tested, p-values adjusted for all; each difference from dense has p <= "
        "2.9e-11; one learning rate (0.1) and equal H, not equal weights, for all."
    )
    assert found.necessary == (
        "to learn binary_addition(8), yes: all 2 others tested do worse than dense within 10,000 iterations"
    )


def test_who_only_may_be_slower_is_counted_beside_the_verdict():
    results = addition(["dense", "tridiagonal", "diagonal"])
    curve = {"iterations": [0, 5000, 10_000], "accuracy": [[0.1], [0.5], [0.9]]}
    results.cases[1]["metrics"]["accuracy"]["details"]["curve"] = curve
    found = line(results.data)
    assert found.necessary.endswith("within 10,000 iterations, 1 of them still improving at the end")


def test_what_is_not_told_apart_is_not_called_equal():
    found = line(addition(["dense", "upper_triangular", "diagonal"]).data)
    assert found.takes == ()
    assert found.necessary == "to learn binary_addition(8), not shown: upper_triangular is not told apart from dense"
    assert "; what is not told apart has p >= 1, which proves no equality;" in found.sure


def test_over_several_settings_it_is_said_in_how_many_each_is_worse():
    made = [
        addition_case(label, f"hidden={hidden}/{label}", hidden=hidden)
        for hidden in (16, 32)
        for label in ("dense", "upper_triangular", "diagonal")
    ]
    found = line(document(made, CONNECTIVITY).data)
    assert found.text == (
        "In what is learnt, over 2 settings and beside dense: upper_triangular is not told apart in 2; diagonal is "
        "worse in 2."
    )
    assert found.takes == ()


def test_where_a_value_of_another_axis_marks_out_the_settings_it_is_named():
    made = [
        addition_case(label, f"hidden={hidden}/bias={bias}/{label}", hidden=hidden, bias=bias)
        for hidden in (16, 32)
        for bias in (False, True)
        for label in ("dense", "diagonal")
    ]
    for one in made:
        if one["parameters"]["bias"]:
            one["metrics"].update(made[0]["metrics"])
    assert line(document(made, CONNECTIVITY).data).text.endswith(
        "diagonal is worse in 2 (bias false) and not told apart in 2 (bias true)."
    )


def looking(diagonal, dense):
    """Two cases of which diagonal learns 40 steps and dense 27; each has so many of 20 seeds that solve 40 steps."""
    results = document(
        [
            looked("dense", 3309.0, 24.0, 27.0, solved={27: 11, 40: dense}),
            looked("diagonal", 3326.0, 160.0, 40.0, solved={40: diagonal}),
        ],
        CONNECTIVITY,
    )
    results.run["launches"] = 1
    return line(results.data)


def test_how_far_back_it_looks_is_what_is_learnt():
    found = looking(diagonal=15, dense=1)
    assert (found.question, found.takes) == (REACH, ("diagonal",))
    assert found.text == "Take diagonal: it learns the task over 40 steps, dense over 27."
    assert found.cost == (
        "3,309 steps of dense fit into memory, and 1.01x as many of diagonal. Gradients reach 24 steps in dense and "
        "160 in diagonal at initialisation."
    )
    assert found.sure == (
        "20 seeds at each length, in one launch; lengths learnt, by at least half of 20 seeds, have no interval; "
        "beside dense, by Fisher's exact test: diagonal at T = 40 (p = 1e-05), lengths chosen for their outcome, which "
        "makes p look small; one learning rate (0.1) and equal H, not equal weights, for all."
    )
    assert found.necessary == ("to look back in adding(20), no: diagonal is shown to learn longer sequences than dense")


def test_every_connectivity_that_looks_farther_is_tested_and_one_that_is_told_apart_is_taken():
    """The farthest, tridiagonal, is not told from dense; diagonal is, even among two tests."""
    results = document(
        [
            looked("dense", 3309.0, 24.0, 27.0, solved={27: 11, 40: 4}),
            looked("diagonal", 3326.0, 160.0, 40.0, solved={40: 18}),
            looked("tridiagonal", 3326.0, 160.0, 45.0, solved={40: 10, 45: 10}),
        ],
        CONNECTIVITY,
    )
    found = line(results.data)
    assert found.takes == ("diagonal",)
    assert found.text == ("Take diagonal: it learns the task over 40 steps, tridiagonal over 45 and dense over 27.")
    alone = [fisher_exact(ones, 20, 4, 20) for ones in (18, 10)]
    told = f"tridiagonal at T = 40 (p = {alone[1]:.2g}) and diagonal at T = 40 (p = {2 * alone[0]:.2g})"
    assert f"by Fisher's exact tests, adjusted for 2: {told}" in found.sure


def test_few_seeds_could_not_show_a_difference_and_are_said_to():
    """5 of 5 against 0 of 5 has p = 2 / C(10, 5) = 0.0079; 3 of 3 against 0 of 3 has 0.1: never significant."""
    for seeds, said in (
        (5, "5 of 5 seeds against none would give p = 0.0079: what is not shown may be there all the same"),
        (3, "3 of 3 seeds against none could not be significant: what is not shown may be there all the same"),
    ):
        made = [looked("dense", 3309.0, 24.0, 27.0, solved={27: 3, 40: 1}), looked("diagonal", 3326.0, 160.0, 40.0)]
        made[1]["metrics"]["max_length_task"]["details"]["trials"] = [
            {"time_steps": 40, "solved": 2, "replicas": seeds}
        ]
        for trial in made[0]["metrics"]["max_length_task"]["details"]["trials"]:
            trial["replicas"] = seeds
        assert f"; {said};" in line(document(made, CONNECTIVITY).data).sure


def test_over_how_many_steps_every_seed_of_every_connectivity_learns_is_said_with_the_weights():
    """20 steps, and not 27, which one seed of dense does not learn."""
    made = [
        looked("dense", 3309.0, 24.0, 27.0, solved={20: 20, 27: 19, 40: 1}),
        looked("diagonal", 3326.0, 160.0, 40.0, solved={20: 20, 27: 20, 40: 4}),
    ]
    found = line(document(made, CONNECTIVITY).data)
    assert found.necessary.endswith("not told apart; over 20 steps, all seeds of each solve it")
    assert found.cost.startswith(
        "Over 20 steps all seeds of each solve it, with 128x fewer recurrent weights than dense. 3,309 steps of dense "
    )


def test_code_with_uncommitted_changes_counts_against_the_answer():
    results = addition(["dense", "diagonal"])
    results.data["provenance"]["git"] = {"commit": "0" * 40, "branch": "main", "dirty": True}
    assert line(results.data).sure.endswith("; by code with uncommitted changes.")


def test_a_length_that_the_seeds_do_not_tell_apart_is_not_taken_for_longer():
    found = looking(diagonal=10, dense=9)
    assert found.takes == ()
    assert found.necessary.endswith(", not shown: lengths that are learnt are not told apart")
    assert found.text == (
        "No connectivity is shown to look farther back than dense: diagonal learns the task over 40 steps, dense over "
        "27, which 20 seeds do not tell apart."
    )


def test_a_baseline_that_learns_as_long_as_any_is_kept():
    cases = [looked("dense", 3309.0, 24.0, 40.0), looked("diagonal", 3326.0, 160.0, 40.0)]
    found = line(document(cases, CONNECTIVITY).data)
    assert found.text == "No connectivity learns the task over more than the 40 steps of dense."
    assert found.takes == ()


def test_how_fast_it_is_is_held_against_torchs_layers():
    found = line(kernels().data)
    assert (found.question, found.takes) == (SPEED, ("diagonal",))
    assert found.text == (
        "To be fast, take diagonal: with kernel fused, diagonal takes 0.20x to 0.50x the time of dense over cells rnn "
        "and lstm, and 0.22x to 0.25x that of nn.RNN/nn.LSTM."
    )
    assert found.cost == (
        "Beside dense, diagonal has 128x fewer recurrent weights and 2.0x fewer weights in all, as W stays full. Take "
        "kernel fused for cell rnn: dense takes 0.50x [0.49, 0.51] the time of nn.RNN and 1.10x [1.08, "
        "1.11] that of nn.LSTM."
    )
    assert found.necessary == (
        "to be fast, no: with kernel fused, diagonal takes 0.20x to 0.50x the time of dense at H = 128; what they "
        "learn was not measured"
    )
    assert found.sure == "3 launches, with 95 % intervals over them; what is learnt was not measured."


def test_what_cannot_be_told_from_the_fastest_is_named_with_it():
    seconds = {
        ("rnn", "dense", "torch"): 0.4,
        ("rnn", "dense", "fused"): 0.2,
        ("rnn", "diagonal", "fused"): 0.1,
        ("rnn", "tridiagonal", "fused"): 0.1001,
        ("rnn", "block_diagonal(4)", "fused"): 0.15,
    }
    assert line(kernels(seconds).data).takes == ("diagonal", "tridiagonal")


def test_that_times_had_not_settled_counts_against_the_answer():
    results = kernels()
    for one in results.cases[:4]:
        one["metrics"]["training_time.layer"]["flags"].append("not_settled")
    assert line(results.data).sure.endswith(
        "; the times of 4 of 10 cases had not settled: differences of a few per cent count as none, and intervals over "
        "so few launches may be too narrow."
    )


def test_that_the_machine_was_busy_counts_against_the_answer():
    results = addition(["dense", "diagonal"])
    results.machine["cpu"]["logical"] = 2
    results.data["conditions"]["start"] = {"load": [1.0, 0.5, 0.5]}
    assert "busy" not in line(results.data).sure
    results.data["conditions"]["start"] = {"load": [1.1, 0.5, 0.5]}
    assert line(results.data).sure.endswith(
        "; the machine was busy when the run started: differences of a few per cent count as none."
    )


def test_where_only_times_were_taken_the_fastest_is_the_answer():
    made = [
        case(label, launches=throughput(t, 3 * t, noise=1e-3), connectivity=label, measure={"throughput": {}})
        for label, t in (("dense", 2e-3), ("diagonal", 1e-3))
    ]
    found = line(document(made, CONNECTIVITY).data)
    assert (found.question, found.takes) == (SPEED, ("diagonal",))
    assert found.text.startswith("diagonal takes 0.50x")


@pytest.mark.parametrize("results", [document([]), document([case("dense")]), document([case("dense")], CONNECTIVITY)])
def test_without_a_contrast_or_figures_there_is_no_answer(results):
    assert line(results.data) is None


def of(question, *takes):
    return Line(question, "", "", "", takes)


def test_suites_that_ask_different_things_are_said_to():
    said = agreement([("addition", of(LEARNING, "dense")), ("lookback", of(REACH, "tridiagonal", "diagonal"))])
    assert said == (
        "The suites ask different questions, and no one connectivity is the answer to all: dense for what is learnt "
        "(addition) and tridiagonal or diagonal for how far back it looks (lookback)."
    )


def test_whether_full_connectivity_is_necessary_is_answered_first():
    """One that is not shown is said to be, and wins nothing."""
    learnt = Line(LEARNING, "", "", "", ("dense",), "to learn parity(8), yes: diagonal does worse than dense")
    reach = Line(REACH, "", "", "", (), "to look back in adding(20), not shown: not told apart")
    assert verdicts([("addition", learnt), ("lookback", reach), ("other", of(SPEED, "diagonal"))]) == [
        "To learn parity(8), yes: diagonal does worse than dense (addition).",
        "To look back in adding(20), not shown: not told apart (lookback).",
    ]


def test_a_kernel_that_is_not_told_from_torchs_layer_is_not_taken_for_it():
    seconds = {("rnn", "dense", "torch"): 0.4, ("rnn", "dense", "fused"): 0.4001, ("rnn", "diagonal", "fused"): 0.1}
    found = line(kernels(seconds).data)
    assert found.text.startswith("To be fast, take diagonal: with kernel fused, diagonal takes 0.25x")
    assert ". No kernel is shown to be faster than torch's layers: with fused, dense takes 1.00x [" in found.cost
    assert found.cost.endswith("the time of nn.RNN (not told apart).")


def test_suites_that_ask_the_same_and_disagree_are_said_to():
    said = agreement([("small", of(LEARNING, "dense")), ("large", of(LEARNING, "diagonal"))])
    assert said.startswith("Asked the same in different settings, no one connectivity is the answer to all: dense for")


def test_suites_that_agree_are_said_to():
    said = agreement([("a", of(LEARNING, "dense", "diagonal")), ("b", of(SPEED, "diagonal"))])
    assert (
        said == "All agree on diagonal: dense or diagonal for what is learnt (a) and diagonal for how fast it is (b)."
    )


def test_one_that_speaks_for_no_connectivity_is_left_out():
    assert agreement([("a", of(LEARNING, "dense")), ("b", of(SPEED))]) == ""


def test_it_survives_being_written():
    found = line(addition(["dense", "diagonal"]).data)
    assert Line.of_json(found.to_json()) == found


def test_an_answer_is_read_as_it_was_kept_and_without_what_only_a_newer_version_knows():
    kept = line(addition(["dense", "diagonal"]).data)
    assert Line.of_json(kept.to_json()) == kept
    assert Line.of_json({**kept.to_json(), "newer": 1}) == kept
    older = {key: value for key, value in kept.to_json().items() if key != "necessary"}
    assert Line.of_json(older) == replace(kept, necessary="")
