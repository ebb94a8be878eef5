"""The temporal-order problem: two of A and B, each in its tenth of the sequence, among distractors."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.tasks import TemporalOrder


@given(length=st.integers(10, 137), seed=st.integers(0, 1000))
def test_the_markers_lie_in_the_second_and_the_fifth_tenth(length, seed):
    inputs, targets = TemporalOrder(length=length).draw(30, np.random.default_rng(seed))
    shown = inputs[..., 0]
    positions = [np.flatnonzero(column < 2).tolist() for column in shown.T]
    assert all(len(found) == 2 for found in positions)
    for sequence, (first, second) in enumerate(positions):
        assert length // 10 <= first < 2 * length // 10
        assert 4 * length // 10 <= second < 5 * length // 10
        order = 2 * shown[first, sequence] + shown[second, sequence]
        assert targets[0, sequence, 0] == order


def test_distractors_are_the_other_four_symbols():
    inputs, _ = TemporalOrder().draw(200, np.random.default_rng(0))
    assert set(np.unique(inputs[0])) == {2, 3, 4, 5}
