"""The signed-rank test against scipy's, its interval against its definition, and what ties and zeros may not do."""

import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import wilcoxon

from rnnbench.analysis.signed_rank import centre, fewest_rounds, interval, p_greater


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 12, 30])
def test_p_values_are_scipys_exact_ones(count):
    values = np.random.default_rng(count).normal(0.3, 1, (20, count))
    expected = [wilcoxon(row, alternative="greater", method="exact").pvalue for row in values]
    assert p_greater(values) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("magnitudes", [(1, 2, 3, 4, 5, 6), (1, 1, 2, 2, 2, 3), (0, 0, 0, 1, 2, 2), (0,) * 6])
def test_over_all_signs_p_is_no_smaller_than_it_says(magnitudes):
    """Exact by definition: with fair signs, P(p <= a) <= a for every a, with ties and zeros as without."""
    signs = np.array(list(product((-1.0, 1.0), repeat=len(magnitudes))))
    p = p_greater(signs * np.array(magnitudes))
    for level in np.unique(p):
        assert (p <= level).mean() <= level + 1e-12


def test_all_values_above_zero_give_the_least_p_and_an_empty_row_none():
    assert p_greater(np.arange(1.0, 8.0)) == pytest.approx(2.0**-7)
    assert p_greater(-np.arange(1.0, 8.0)) == 1
    assert p_greater(np.empty((3, 0))).tolist() == [1, 1, 1]


@pytest.mark.parametrize("alpha", [0.5, 0.25, 0.05, 0.01, 0.01 / 3, 0.001, 2.0**-9])
def test_the_fewest_rounds_reach_alpha_and_one_less_does_not(alpha):
    count = fewest_rounds(alpha)
    assert 2.0**-count <= alpha
    assert count == 1 or 2.0 ** -(count - 1) > alpha


def test_the_centre_is_the_median_of_pairwise_averages():
    values = np.array([1.0, 2.0, 4.0])
    assert centre(values) == np.median([1, 2, 4, 1.5, 2.5, 3])
    assert centre(np.stack([values, -values])).tolist() == [2.25, -2.25]


def test_six_rounds_have_an_interval_from_the_least_to_the_greatest_and_five_have_none():
    values = np.array([3.0, -1.0, 2.0, 5.0, 4.0, 0.5])
    assert [float(end) for end in interval(values)] == [-1, 5]
    assert [float(end) for end in interval(values[:5])] == [-math.inf, math.inf]


@pytest.mark.parametrize("count", [6, 9, 15])
def test_the_interval_is_what_the_test_does_not_reject(count):
    """Duality: shifted to just outside either end the two-sided test rejects at 5 %, just inside it does not."""
    values = np.random.default_rng(count).normal(0.1, 1, count)
    low, high = interval(values)
    for end, outward, sign in ((low, -1e-9, 1), (high, 1e-9, -1)):
        assert wilcoxon(sign * (values - end - outward), alternative="greater", method="exact").pvalue <= 0.025
        assert wilcoxon(sign * (values - end + outward), alternative="greater", method="exact").pvalue > 0.025


def test_the_interval_covers_the_truth_as_often_as_it_says():
    values = np.random.default_rng(3).standard_t(2, (20_000, 10))
    low, high = interval(values)
    assert 0.95 <= ((low <= 0) & (high >= 0)).mean() <= 0.96
