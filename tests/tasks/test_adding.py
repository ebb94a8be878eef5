"""The adding problem: two markers, one in each half, and the sum they mark."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.tasks import Adding


@given(length=st.integers(2, 60), seed=st.integers(0, 1000))
def test_one_marker_in_each_half_and_the_sum_of_what_they_mark(length, seed):
    inputs, targets = Adding(length=length).draw(20, np.random.default_rng(seed))
    values, markers = inputs[..., 0], inputs[..., 1]
    half = length // 2
    np.testing.assert_array_equal(markers[:half].sum(axis=0), 1)
    np.testing.assert_array_equal(markers[half:].sum(axis=0), 1)
    assert set(np.unique(markers)) <= {0, 1}
    assert values.min() >= 0
    assert values.max() < 1
    np.testing.assert_allclose(targets[0, :, 0], (values * markers).sum(axis=0), rtol=1e-6)


def test_markers_are_anywhere_in_their_half():
    inputs, _ = Adding(length=10).draw(5000, np.random.default_rng(0))
    assert inputs[..., 1].mean(axis=1) == pytest.approx(0.2, abs=0.03)


def test_solved_by_the_mean_squared_error_whatever_the_accuracy():
    task = Adding()
    assert task.solved(0.01, 0.0)
    assert not task.solved(0.0101, 1.0)


def test_a_sum_is_right_within_the_tolerance():
    targets = torch.tensor([[[1.0], [1.0], [0.5]]])
    assert Adding().correct(torch.tensor([[[1.039], [0.95], [0.47]]]), targets).tolist() == [True, False, True]
    assert Adding().absolute_error(torch.tensor([[[1.5], [1.0], [0.0]]]), targets).tolist() == [0.5, 0.0, 0.5]
