"""How the learning rate falls."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.suite.decay import CosineDecay, LinearDecay, StepDecay


def test_steps():
    decay = StepDecay(every=10, scale=0.5)
    assert [decay.factor(iteration, 100) for iteration in (0, 9, 10, 19, 20, 99)] == [1, 1, 0.5, 0.5, 0.25, 0.5**9]


def test_line_and_cosine_have_their_middle_in_the_middle():
    for decay in (LinearDecay(final=0.2), CosineDecay(final=0.2)):
        assert decay.factor(0, 100) == 1
        assert decay.factor(50, 100) == pytest.approx(0.6)
        assert decay.factor(100, 100) == pytest.approx(0.2)
    assert CosineDecay().factor(25, 100) == pytest.approx((1 + 0.5**0.5) / 2)


@given(iterations=st.integers(1, 500), final=st.floats(0, 1))
def test_rates_never_rise_and_stay_within_one_and_the_final_one(iterations, final):
    for decay in (LinearDecay(final=final), CosineDecay(final=final), StepDecay(every=7, scale=final)):
        factors = [decay.factor(iteration, iterations) for iteration in range(iterations)]
        assert factors[0] == 1
        assert all(second <= first + 1e-12 for first, second in pairwise(factors))
        assert min(factors) >= (0 if isinstance(decay, StepDecay) else final - 1e-12)
