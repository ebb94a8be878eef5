"""The permutation test against enumeration by hand, scipy, and its promise: the family-wise error rate."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats

from rnnbench.analysis.permutation import adjusted_p, fewest_launches, least_p


def by_hand(base, new):
    """Return the adjusted p-values of "larger" by definition: every relabelling, Student's t, step-down."""
    pooled = np.concatenate([base, new])
    table = []
    for chosen in itertools.combinations(range(len(pooled)), len(new)):
        rest = [index for index in range(len(pooled)) if index not in chosen]
        table.append(scipy.stats.ttest_ind(pooled[list(chosen)], pooled[rest]).statistic)
    table = np.array(table)
    observed = scipy.stats.ttest_ind(new, base).statistic
    p, largest = np.empty(len(observed)), 0.0
    order = np.argsort(-observed)
    for rank, index in enumerate(order):
        rest = table[:, order[rank:]].max(axis=1)
        largest = max(largest, np.mean(rest >= observed[index] - 1e-9))
        p[index] = largest
    return p


@pytest.mark.parametrize(("base", "new", "cases"), [(3, 3, 1), (4, 3, 2), (4, 4, 5), (3, 5, 3)])
def test_every_relabelling_is_counted(base, new, cases):
    generator = np.random.default_rng(base * 10 + new)
    first, second = generator.normal(size=(base, cases)), generator.normal(size=(new, cases)) + 0.7
    larger, smaller = adjusted_p(first, second)
    assert larger == pytest.approx(by_hand(first, second))
    assert smaller == pytest.approx(by_hand(-first, -second))


def test_one_case_is_scipys_permutation_test():
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=(5, 1)), generator.normal(size=(5, 1)) + 0.5

    def difference(x, y):
        return np.mean(x) - np.mean(y)

    expected = scipy.stats.permutation_test(
        (second[:, 0], first[:, 0]), difference, alternative="greater", n_resamples=np.inf
    )
    assert adjusted_p(first, second)[0][0] == pytest.approx(expected.pvalue)


def test_complete_separation_has_the_least_p():
    larger, smaller = adjusted_p(np.arange(5.0)[:, None], 10 + np.arange(5.0)[:, None])
    assert larger[0] == pytest.approx(least_p(5, 5)) == pytest.approx(1 / math.comb(10, 5))
    assert smaller[0] == 1.0


def test_equal_launches_say_nothing():
    larger, smaller = adjusted_p(np.ones((5, 2)), np.ones((5, 2)))
    assert larger.tolist() == smaller.tolist() == [1.0, 1.0]


def test_cases_that_move_together_cost_nothing():
    base, new = np.arange(5.0)[:, None], 3 + np.arange(5.0)[:, None]
    alone = adjusted_p(base, new)[0][0]
    assert adjusted_p(np.repeat(base, 50, axis=1), np.repeat(new, 50, axis=1))[0] == pytest.approx(np.full(50, alone))


def test_many_launches_are_sampled_and_near_the_normal_answer():
    generator = np.random.default_rng(3)
    first, second = generator.normal(size=(30, 1)), generator.normal(size=(30, 1)) + 0.5
    expected = scipy.stats.ttest_ind(second[:, 0], first[:, 0], alternative="greater").pvalue
    assert adjusted_p(first, second)[0][0] == pytest.approx(expected, abs=0.01)
    assert adjusted_p(first, second + 9)[0][0] == least_p(30, 30) == 1 / 5000


def test_any_case_of_a_family_is_called_slower_by_chance_at_most_as_often_as_asked():
    generator = np.random.default_rng(4)
    gates = 1000
    false = sum(
        adjusted_p(generator.standard_t(3, (5, 6)), generator.standard_t(3, (5, 6)))[0].min() <= 0.05
        for _ in range(gates)
    )
    assert scipy.stats.binomtest(false, gates).proportion_ci().low <= 0.05
    assert false / gates > 0.02  # and not by never calling any


def test_five_launches_reach_one_per_cent_and_three_five_per_cent():
    assert (fewest_launches(0.01), fewest_launches(0.05)) == (5, 3)
