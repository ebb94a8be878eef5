"""What changed between two documents: planted changes are found, with their size, and nothing else is called one."""

import math

import numpy as np
import pytest

from rnnbench.analysis.aggregate import merge
from rnnbench.analysis.align import Document, align, check_documents
from rnnbench.analysis.arrange import arranged, selected
from rnnbench.analysis.compare import choose_metrics, compare
from rnnbench.analysis.verdict import Verdict, adjusted, exact_verdict, ratio_verdict
from rnnbench.errors import RnnbenchError
from rnnbench.results.figure import Observation
from tests.documents import ADDITION, addition, session, training

TIME = "training_time.layer"


def compared(base, new, asked=(), margin=0.05, axis=None):
    documents = [Document("a.json", base), Document("b.json", new)]
    check_documents(documents)
    pairing = align(*documents)
    return compare(pairing, choose_metrics([pairing], asked), margin, axis)


def metric(comparison, key):
    return next(metric for metric in comparison.metrics if metric.key == key)


def verdicts(comparison, key):
    return {change.name: change.verdict for change in metric(comparison, key).changes}


def learner(accuracies, number):
    """Return a document with one case that was trained, to these accuracies."""
    results = addition(["dense"])
    case = results.cases[0]
    case["metrics"] = merge({}, Observation(training(accuracies)), case["parameters"])
    results.run["id"] = f"learner-{number}"
    return results


def test_a_slower_and_a_faster_case_are_named_with_their_ratio_and_no_other_is():
    comparison = compared(session(1), session(2, slower={"tridiagonal": 1.25, "diagonal": 0.7}))
    found = {change.name: change for change in metric(comparison, TIME).changes}
    assert found["tridiagonal"].verdict is Verdict.WORSE
    assert found["diagonal"].verdict is Verdict.BETTER
    assert {change.verdict for name, change in found.items() if name not in ("tridiagonal", "diagonal")} == {
        Verdict.SAME
    }
    assert found["tridiagonal"].ratio == pytest.approx(1.25, rel=0.03)
    low, high = found["tridiagonal"].interval
    assert low < 1.25 < high


def test_a_higher_rate_is_better_and_is_the_time_turned_over():
    comparison = compared(session(1), session(2, slower={"diagonal": 0.7}), ["training_throughput", "training_time"])
    rates, times = (metric(comparison, key).changes for key in ("training_throughput.layer", TIME))
    for rate, time in zip(rates, times, strict=True):
        assert rate.verdict == time.verdict
        assert rate.ratio == pytest.approx(1 / time.ratio)
        assert rate.interval == pytest.approx((1 / time.interval[1], 1 / time.interval[0]))


def test_noise_alone_is_seldom_called_a_change():
    labels = list(ADDITION)
    called = sum(
        verdict in (Verdict.BETTER, Verdict.WORSE)
        for number in range(40)
        for verdict in verdicts(compared(session(2 * number, labels), session(2 * number + 1, labels)), TIME).values()
    )
    assert called <= 2  # of 320; the rate of false calls over whole comparisons is bounded by 5 %


def test_two_launches_are_inconclusive():
    comparison = compared(session(1, launches=2), session(2, launches=2, slower={"dense": 3.0}))
    assert set(verdicts(comparison, TIME).values()) == {Verdict.INCONCLUSIVE}
    assert metric(comparison, TIME).mean.interval is None


def test_the_geometric_mean_is_that_of_the_ratios():
    found = metric(compared(session(1), session(2, slower={"diagonal": 0.5})), TIME)
    logs = [math.log(change.ratio) for change in found.changes]
    assert found.mean.ratio == pytest.approx(math.exp(np.mean(logs)))
    assert found.mean.interval[0] <= found.mean.ratio <= found.mean.interval[1] < 1


def test_counts_change_exactly_and_peak_memory_beyond_the_margin():
    new = session(2)
    new.cases[0]["metrics"]["saved_activation_bytes"]["value"] += 1
    new.cases[0]["metrics"]["peak_memory"]["value"] *= 1.04
    new.cases[1]["metrics"]["peak_memory"]["value"] *= 0.9
    comparison = compared(session(1), new)
    assert verdicts(comparison, "saved_activation_bytes")["dense"] is Verdict.WORSE
    assert verdicts(comparison, "peak_memory")["dense"] is Verdict.SAME
    assert verdicts(comparison, "peak_memory")["upper_triangular"] is Verdict.BETTER
    assert metric(comparison, "recurrent_parameters").unchanged


def test_peak_memories_that_differ_by_less_than_one_process_can_tell_are_the_same():
    base, new = session(1), session(2)
    for index, more in enumerate((200 << 10, 300 << 10)):
        base.cases[index]["metrics"]["peak_memory"]["value"] = 2**20
        new.cases[index]["metrics"]["peak_memory"]["value"] = 2**20 + more
    found = verdicts(compared(base, new), "peak_memory")
    assert (found["dense"], found["upper_triangular"]) == (Verdict.SAME, Verdict.WORSE)


def test_a_count_that_was_zero_has_no_ratio_and_still_a_verdict():
    new = session(2, ["none"])
    new.cases[0]["metrics"]["recurrent_parameters"]["value"] = 3
    (change,) = metric(compared(session(1, ["none"]), new), "recurrent_parameters").changes
    assert (change.ratio, change.verdict) == (None, Verdict.WORSE)


def test_the_same_replicas_are_the_same_and_no_timing_rule_applies():
    comparison = compared(learner([0.9, 0.8, 0.7], 1), learner([0.9, 0.8, 0.7], 2))
    assert verdicts(comparison, "accuracy") == {"dense": Verdict.SAME}
    assert metric(comparison, "accuracy").unchanged


def test_learning_worse_in_every_pair_is_worse_by_exact_tests():
    comparison = compared(learner([1.0] * 10, 1), learner([0.9] * 10, 2))
    (change,) = metric(comparison, "accuracy").changes
    assert (change.verdict, change.p) == (Verdict.WORSE, 2 / 2**10)
    assert change.difference == pytest.approx(-0.1)
    (solved,) = metric(comparison, "solved_fraction").changes
    assert (solved.verdict, solved.p, solved.shown) == (Verdict.WORSE, 2 / 2**10, ("10/10", "0/10"))


def test_four_replicas_cannot_show_anything():
    (change,) = metric(compared(learner([1.0] * 4, 1), learner([0.5] * 4, 2)), "accuracy").changes
    assert (change.verdict, change.p) == (Verdict.INCONCLUSIVE, 2 / 2**4)


def test_other_numbers_of_replicas_are_not_tested():
    (change,) = metric(compared(learner([1.0] * 10, 1), learner([0.5] * 9, 2)), "accuracy").changes
    assert (change.verdict, change.p, change.interval) == (Verdict.INCONCLUSIVE, None, None)


def test_a_replica_that_never_gets_there_counts_as_later_than_any():
    comparison = compared(learner([1.0] * 7, 1), learner([1.0] + [0.5] * 6, 2))
    # The median of the second never gets there: it has no figure, so the case has no pair.
    assert verdicts(comparison, "steps_to_solve") == {"dense": Verdict.ONLY_BASE}
    comparison = compared(learner([1.0] * 13, 1), learner([1.0] * 7 + [0.5] * 6, 2))
    (change,) = metric(comparison, "steps_to_solve").changes
    assert change.p == 2 / 2**6


def test_what_one_document_lacks_is_said():
    comparison = compared(session(1, ["dense", "none"]), session(2, ["dense", "diagonal"]))
    assert verdicts(comparison, TIME) == {
        "dense": Verdict.SAME,
        "none": Verdict.ONLY_BASE,
        "diagonal": Verdict.ONLY_NEW,
    }


def test_other_machines_get_ratios_and_no_verdict():
    new = session(2, slower={"diagonal": 0.5})
    new.machine["fingerprint"] = "other"
    comparison = compared(session(1), new)
    assert set(verdicts(comparison, TIME).values()) == {Verdict.NONE}
    assert all(change.p is None for change in metric(comparison, TIME).changes)
    assert verdicts(comparison, "peak_memory")["dense"] is Verdict.SAME


def test_other_machines_are_compared_by_what_was_measured_within_each():
    new = session(2, slower={"diagonal": 0.5})
    new.machine["fingerprint"] = "other"
    within = {case.name: case for case in compared(session(1), new).within[TIME]}
    assert set(within) == set(ADDITION) - {"dense"}
    assert within["diagonal"].baseline == "dense"
    assert within["diagonal"].base.ratio == pytest.approx(1.0, abs=0.05)
    assert within["diagonal"].new.ratio == pytest.approx(0.5, abs=0.03)


def test_machines_agree_on_the_order_that_both_can_tell():
    speeds = {label: 1 + 0.3 * index for index, label in enumerate(ADDITION)}
    alike, turned = session(2, slower=speeds), session(3, slower={label: 1 / speed for label, speed in speeds.items()})
    alike.machine["fingerprint"] = turned.machine["fingerprint"] = "other"
    base = session(1, slower=speeds)
    pairs = len(ADDITION) * (len(ADDITION) - 1) // 2
    for new, tau, agreed in ((alike, 1.0, pairs), (turned, -1.0, 0)):
        ranks = compared(base, new).ranks[TIME]
        assert (ranks.tau, ranks.told_apart, ranks.alike) == (tau, pairs, agreed)


def test_groups_by_an_axis_have_a_mean_of_their_own():
    comparison = compared(session(1), session(2, slower={"diagonal": 0.5}), axis="connectivity")
    groups = {group.label: group for group in comparison.by_axis[TIME]}
    assert set(groups) == set(ADDITION)
    assert groups["diagonal"].mean.ratio == pytest.approx(0.5, abs=0.03)
    with pytest.raises(RnnbenchError, match="did you mean 'hidden'"):
        compared(session(1), session(2), axis="hiden")


def test_the_usual_metrics_leave_out_what_repeats_others():
    keys = [found.key for found in compared(session(1), session(2)).metrics]
    assert not any(key.startswith(("forward_throughput", "training_throughput", "first_call")) for key in keys)
    assert TIME in keys


def test_a_metric_that_no_document_has_is_an_error_with_a_hint():
    with pytest.raises(RnnbenchError, match=r"did you mean 'training_time\.layer'"):
        compared(session(1), session(2), ["traning_time"])


def test_cases_are_selected_sorted_and_left_out():
    base, new = session(1), session(2, slower={"diagonal": 0.5, "none": 2.0})
    pairing = align(Document("a.json", base), Document("b.json", new))
    names = [first["name"] for first, _ in selected(pairing, "diagonal and not tri").common]
    assert names == ["block_diagonal(4)", "diagonal"]
    comparison = compare(pairing, [TIME], 0.05)
    shown = arranged(comparison, "change", changed_only=True).metrics[0]
    assert [change.name for change in shown.shown] == ["none", "diagonal"]
    assert len(shown.changes) == len(ADDITION)
    by_name = arranged(comparison, "name", changed_only=False).metrics[0]
    assert [change.name for change in by_name.shown] == sorted(ADDITION)


@pytest.mark.parametrize(
    ("ratio", "interval", "q", "better", "verdict"),
    [
        (1.2, (1.1, 1.3), 0.01, "lower", Verdict.WORSE),
        (1.2, (1.1, 1.3), 0.01, "higher", Verdict.BETTER),
        (1.2, (1.1, 1.3), 0.01, "none", Verdict.CHANGED),
        (1.2, (0.9, 1.5), 0.30, "lower", Verdict.INCONCLUSIVE),
        (1.02, (1.01, 1.03), 0.001, "lower", Verdict.SAME),
        (0.98, (0.94, 1.02), 0.4, "lower", Verdict.INCONCLUSIVE),
        (1.2, None, None, "lower", Verdict.INCONCLUSIVE),
    ],
)
def test_the_rule_of_ratios(ratio, interval, q, better, verdict):
    assert ratio_verdict(ratio, interval, q, better, 0.05) is verdict


def test_the_rule_of_exact_figures():
    assert exact_verdict(100, 101, "lower", 0.0) is Verdict.WORSE
    assert exact_verdict(100, 101, "lower", 0.05) is Verdict.SAME
    assert exact_verdict(0, 0, "lower", 0.0) is Verdict.SAME


def test_p_values_are_adjusted_among_those_that_exist():
    assert adjusted([None, 0.01, None, 0.04]) == [None, 0.02, None, 0.04]
