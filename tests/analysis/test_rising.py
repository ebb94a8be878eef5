"""What bounds an answer on what is learnt: cases that were still rising, one learning rate, equal H."""

import pytest

from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.overview import line
from rnnbench.analysis.rising import is_rising, limits_of, slower
from tests.analysis.test_lookback import CONNECTIVITY
from tests.documents import addition, addition_case, document


def risen(case, *means):
    """The case with two seeds' accuracies around these means, at iterations in equal steps."""
    curve = {"iterations": [1000 * at for at in range(len(means))], "accuracy": [[m - 0.01, m + 0.01] for m in means]}
    case["metrics"]["accuracy"]["details"]["curve"] = curve
    return case


@pytest.mark.parametrize(
    ("means", "rising"),
    [
        ((0.1, 0.3, 0.5, 0.7, 0.75, 0.8), True),
        ((0.1, 0.5, 0.7, 0.8, 0.8, 0.8), False),
        ((0.1, 0.5, 0.7, 0.8, 0.8, 0.809), False),
        ((0.1, 0.5, 0.7, 0.8, 0.8, 0.7), False),
        ((0.1,), False),
        ((), False),
    ],
)
def test_a_case_rises_whose_mean_accuracy_rose_over_the_last_fifth_of_its_training(means, rising):
    assert is_rising(risen(addition_case("diagonal"), *means)) is rising


@pytest.mark.parametrize(
    ("means", "better"), [((3.0, 2.0, 1.5, 1.2, 1.1, 1.08), True), ((3.0, 2.0, 1.5, 1.2, 1.1, 1.095), False)]
)
def test_a_task_that_is_judged_by_its_loss_is_better_where_the_loss_still_falls(means, better):
    """By more than one per cent of itself; that its accuracy has long been full says nothing."""
    results = addition(["dense", "diagonal"])
    for one in results.cases:
        risen(one, *[1.0] * len(means))
        one["metrics"]["accuracy"]["details"]["curve"]["evaluation_loss"] = [[m - 0.01, m + 0.01] for m in means]
        one["metrics"]["final_loss"]["details"]["judged_by"] = "loss"
    assert is_rising(results.cases[1]) is better
    said = list(slower(contrast_of(results.data)))
    told = "loss still fell by more than 1 % over the last fifth of the training in dense and diagonal"
    assert [one.startswith(told) for one in said] == [True] * better


def test_without_evaluations_along_the_training_none_is_said_to_rise():
    assert not is_rising(addition_case("diagonal"))


def test_an_answer_names_those_that_may_only_be_slower():
    results = addition(["dense", "tridiagonal", "diagonal"])
    risen(results.cases[1], 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    assert (
        "accuracy still rose by more than 0.01 over the last fifth of the training in tridiagonal, which may only be "
        "slower"
    ) in line(results.data).sure


def test_over_several_settings_they_are_counted():
    made = [
        addition_case(label, f"hidden={hidden}/{label}", hidden=hidden)
        for hidden in (16, 32)
        for label in ("dense", "diagonal")
    ]
    risen(made[1], 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    (said,) = slower(contrast_of(document(made, CONNECTIVITY).data))
    assert " in 1 of 4 cases, " in said


def at_rate(label, rate, **parameters):
    made = addition_case(label, **parameters)
    made["parameters"]["measure"]["training"]["optimizer"] = {"sgd": {"lr": rate}}
    return made


def test_what_was_not_varied_is_named():
    assert list(limits_of([at_rate("dense", 0.1), at_rate("diagonal", 0.1)])) == [
        "one learning rate (0.1) and equal H, not equal weights, for all"
    ]
    assert list(limits_of([at_rate("dense", 0.1), at_rate("diagonal", 0.3, hidden=64)])) == []
    assert list(limits_of([at_rate("tridiagonal", 0.1), at_rate("random(46)", 0.1)])) == [
        "one learning rate (0.1), for all"
    ]
