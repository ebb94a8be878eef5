"""Intervals and tests against closed forms, published values, scipy, and their own promise (coverage)."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.analysis.statistics import (
    benjamini_hochberg,
    binomial_interval,
    bootstrap_mean_interval,
    fisher_exact,
    holm,
    log_t_interval,
    mean,
    median_interval,
    paired_permutation_test,
    ratio_interval,
    sign_test,
)

times = st.lists(st.floats(1e-6, 1e3), min_size=3, max_size=12)
shares = st.lists(st.floats(0, 1), min_size=2, max_size=12)


def test_clopper_pearson_of_all_successes_has_the_closed_form():
    low, high = binomial_interval(20, 20)
    assert low == pytest.approx(0.025 ** (1 / 20))
    assert low == pytest.approx(0.8316, abs=5e-5)
    assert high == 1.0


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_clopper_pearson_ends_leave_a_tail_of_2_5_per_cent(case):
    successes, trials = case
    low, high = binomial_interval(successes, trials)
    assert low <= successes / trials <= high
    if successes > 0:
        assert scipy.stats.binom.sf(successes - 1, trials, low) == pytest.approx(0.025)
    if successes < trials:
        assert scipy.stats.binom.cdf(successes, trials, high) == pytest.approx(0.025)


def test_fisher_has_the_lady_tasting_tea():
    # "The Design of Experiments": all 8 cups right has probability 1/70, doubled by symmetry; 6 of 8 is no evidence.
    assert fisher_exact(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert fisher_exact(3, 4, 1, 4) == pytest.approx(34 / 70)


def test_fisher_of_none_against_all_of_20_seeds():
    assert fisher_exact(0, 20, 20, 20) == pytest.approx(2 / math.comb(40, 20))
    assert fisher_exact(0, 20, 20, 20) == pytest.approx(1.45e-11, rel=1e-2)


@given(
    st.tuples(st.integers(1, 25), st.integers(1, 25)).flatmap(
        lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
    )
)
def test_fisher_agrees_with_scipy(table):
    a, n, b, m = table
    expected = scipy.stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue
    assert fisher_exact(a, n, b, m) == pytest.approx(expected, rel=1e-6)


def test_the_launch_interval_is_students_t_on_logarithms():
    values = [1.0, 1.1, 1.3]
    logs = np.log(values)
    half = scipy.stats.t.ppf(0.975, 2) * logs.std(ddof=1) / math.sqrt(3)
    assert log_t_interval(values) == pytest.approx((math.exp(logs.mean() - half), math.exp(logs.mean() + half)))


def test_the_launch_interval_covers_the_truth_19_times_in_20():
    launches = np.random.default_rng(0).lognormal(mean=-6, sigma=0.08, size=(2000, 5))
    covered = sum(low <= math.exp(-6) <= high for low, high in map(log_t_interval, launches.tolist()))
    assert covered / 2000 == pytest.approx(0.95, abs=0.015)


def test_the_ratio_interval_covers_the_truth_19_times_in_20():
    generator = np.random.default_rng(0)
    slow = generator.lognormal(mean=math.log(1.3), sigma=0.08, size=(2000, 5)).tolist()
    fast = generator.lognormal(mean=0.0, sigma=0.03, size=(2000, 5)).tolist()
    intervals = [ratio_interval(a, b) for a, b in zip(slow, fast, strict=True)]
    assert sum(low <= 1.3 <= high for low, high in intervals) / 2000 == pytest.approx(0.95, abs=0.015)


@given(times, times)
def test_intervals_of_times_contain_the_medians_that_they_are_printed_beside(first, second):
    low, high = log_t_interval(first)
    assert low <= np.median(first) <= high
    low, high = ratio_interval(first, second)
    # Half an ulp: the median of an even number of values is rounded.
    assert low <= np.median(first) / np.median(second) * (1 + 1e-12)
    assert high >= np.median(first) / np.median(second) * (1 - 1e-12)


@given(times, times)
def test_the_ratio_interval_turns_over_with_the_ratio(first, second):
    low, high = ratio_interval(first, second)
    assert ratio_interval(second, first) == pytest.approx((1 / high, 1 / low), rel=1e-9)


def test_one_launch_has_no_interval():
    assert log_t_interval([1.0]) is None
    assert ratio_interval([1.0], [1.0, 2.0]) is None
    assert bootstrap_mean_interval([1.0]) is None


def test_equal_launches_have_an_interval_without_width():
    assert ratio_interval([3.0, 3.0, 3.0], [2.0, 2.0, 2.0]) == pytest.approx((1.5, 1.5))


@given(shares)
def test_the_bootstrap_interval_stays_within_the_values_and_is_repeatable(values):
    low, high = bootstrap_mean_interval(values)
    assert min(values) - 1e-12 <= low <= np.mean(values) + 1e-12
    assert np.mean(values) - 1e-12 <= high <= max(values) + 1e-12
    assert bootstrap_mean_interval(values) == (low, high)


def test_the_bootstrap_interval_is_near_the_normal_one_for_many_values():
    values = np.random.default_rng(1).normal(0.5, 0.1, size=400)
    half = 1.96 * 0.1 / 20
    low, high = bootstrap_mean_interval(values.tolist())
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)


@pytest.mark.parametrize(("count", "k"), [(6, 1), (8, 1), (9, 2), (12, 3), (20, 6), (30, 10)])
def test_the_median_interval_has_the_tabulated_ranks(count, k):
    # Conover, "Practical Nonparametric Statistics": the ranks of the 95 % interval of a median.
    assert median_interval(list(range(1, count + 1))) == (k, count + 1 - k)


def test_five_values_are_too_few_for_a_median_interval():
    assert median_interval([1, 2, 3, 4, 5]) is None


def test_infinity_takes_its_place_in_the_order():
    assert median_interval([5.0, 6.0, 7.0, 8.0, 9.0, math.inf]) == (5.0, math.inf)


def test_the_permutation_test_has_the_closed_form_when_every_seed_agrees():
    assert paired_permutation_test([0.9, 0.8, 0.7, 0.6], [0.1, 0.1, 0.1, 0.1]) == 2 / 2**4


def test_the_permutation_test_has_fishers_result_on_darwins_maize():
    # "The Design of Experiments", section 21: 863 of the 2^15 sign changes give a sum as large or larger, 835 of them
    # strictly larger; two-sided 1726 of 32768.
    crossed = [188, 96, 168, 176, 153, 172, 177, 163, 146, 173, 186, 168, 177, 184, 96]
    selfed = [139, 163, 160, 160, 147, 149, 149, 122, 132, 144, 130, 144, 102, 124, 144]
    assert paired_permutation_test(crossed, selfed) == pytest.approx(1726 / 32768)


@given(shares)
def test_no_difference_has_a_p_of_one(values):
    assert paired_permutation_test(values, values) == 1.0


def test_many_pairs_are_sampled_and_never_give_zero():
    generator = np.random.default_rng(2)
    first, second = generator.normal(1, 1, 40).tolist(), generator.normal(0.6, 1, 40).tolist()
    normal = scipy.stats.ttest_rel(first, second).pvalue
    assert paired_permutation_test(first, second) == pytest.approx(normal, abs=0.01)
    assert paired_permutation_test([1.0] * 40, [0.0] * 40) == 1 / 100_001


def test_holm_multiplies_by_the_number_of_hypotheses_left():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=10))
def test_the_permutation_test_counts_every_change_of_signs(pairs):
    differences = np.array([a - b for a, b in pairs])
    sums = [abs(np.dot(signs, differences)) for signs in itertools.product([1, -1], repeat=len(pairs))]
    expected = np.mean(np.array(sums) >= abs(differences.sum()))
    assert paired_permutation_test(*map(list, zip(*pairs, strict=True))) == expected


def test_the_sign_test_has_the_closed_form_when_every_pair_agrees():
    assert sign_test([1.0] * 6, [0.0] * 6) == 2 / 2**6


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_the_sign_test_is_an_exact_binomial_test_without_ties(pairs):
    first, second = zip(*pairs, strict=True)
    larger, smaller = sum(a > b for a, b in pairs), sum(a < b for a, b in pairs)
    expected = scipy.stats.binomtest(larger, larger + smaller).pvalue if larger + smaller else 1.0
    assert sign_test(first, second) == pytest.approx(expected)


def test_never_getting_there_is_later_than_any_time():
    assert sign_test([math.inf] * 5 + [math.inf], [1.0] * 5 + [math.inf]) == 2 / 2**5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_benjamini_hochberg_agrees_with_scipy(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(scipy.stats.false_discovery_control(p_values).tolist())


def test_the_mean_of_huge_values_is_finite():
    assert mean([1.7e308, 1.7e308, 1.7e308]) == pytest.approx(1.7e308)
    assert mean([0.1, 0.2, 0.6]) == pytest.approx(0.3)
    low, high = bootstrap_mean_interval([1.6e308, 1.7e308])
    assert 1.6e308 <= low <= high <= 1.7e308
