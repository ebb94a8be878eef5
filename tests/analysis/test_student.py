"""Student's t against scipy and its closed forms."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.analysis.student import t_quantile, two_sided_p

degrees_of_freedom = st.floats(1.0, 1e4)


@given(st.floats(-1e3, 1e3), degrees_of_freedom)
def test_probabilities_are_those_of_scipy(t, degrees):
    expected = 2 * scipy.stats.t.sf(abs(t), degrees)
    assert two_sided_p(np.array([t]), np.array([degrees]))[0] == pytest.approx(expected, rel=1e-8, abs=1e-15)


@given(st.sampled_from([0.025, 0.005, 1e-3, 1e-6]), degrees_of_freedom)
def test_quantiles_are_those_of_scipy(probability, degrees):
    expected = scipy.stats.t.isf(probability, degrees)
    assert t_quantile(probability, np.array([degrees]))[0] == pytest.approx(expected, rel=1e-8)


def test_one_degree_is_the_cauchy_distribution():
    assert two_sided_p(np.array([1.0]), np.array([1.0]))[0] == pytest.approx(0.5)
    assert t_quantile(0.025, np.array([1.0]))[0] == pytest.approx(math.tan(0.475 * math.pi))


def test_two_degrees_have_a_closed_form():
    t = np.array([0.0, 0.5, 3.0, 40.0])
    assert two_sided_p(t, np.full(4, 2.0)) == pytest.approx(1 - t / np.sqrt(2 + t**2))
