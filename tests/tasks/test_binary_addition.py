"""Binary addition: the encoding, the success rule, and what no memory can reach."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.tasks import BinaryAddition


@given(bits=st.integers(2, 31), data=st.data())
def test_the_encoding_is_little_endian_binary(bits, data):
    task = BinaryAddition(bits=bits)
    numbers = st.integers(0, task.largest - 1)
    a, b = data.draw(numbers), data.draw(numbers)
    examples = task.encode(np.array([a]), np.array([b]))
    assert examples.inputs.shape == (bits, 1, 2)
    written = [int("".join(str(int(bit)) for bit in column[::-1]), 2) for column in examples.inputs[:, 0].T]
    assert written == [a, b]
    assert int("".join(str(int(bit)) for bit in examples.targets[::-1, 0, 0]), 2) == a + b


def test_all_pairs_are_all_pairs_once():
    evaluation = BinaryAddition(bits=4).evaluation_set(64, np.random.default_rng(0))
    powers = 2 ** np.arange(4)
    pairs = np.einsum("t,tni->ni", powers, evaluation.examples.inputs)
    assert evaluation.exhaustive
    assert sorted(map(tuple, pairs.astype(int).tolist())) == [(a, b) for a in range(8) for b in range(8)]


def test_above_the_limit_a_sample_is_taken():
    evaluation = BinaryAddition(bits=4).evaluation_set(63, np.random.default_rng(0))
    assert not evaluation.exhaustive
    assert evaluation.examples.inputs.shape == (4, 63, 2)


@pytest.mark.parametrize(("bits", "examples"), [(8, 16_384), (9, 65_536), (16, 8_192), (24, 5_461), (31, 4_228)])
def test_sums_that_cannot_all_be_tried_are_as_many_as_other_tasks_ask(bits, examples):
    task = BinaryAddition(bits=bits)
    evaluation = task.evaluation_set(65_536, np.random.default_rng(0))
    assert evaluation.examples.inputs.shape == (bits, examples, 2)
    assert task.evaluation_count(65_536) == examples
    assert evaluation.exhaustive == (bits <= 9)


def test_a_sum_is_right_when_all_its_bits_are():
    task = BinaryAddition(bits=4)
    targets = torch.from_numpy(task.encode(np.array([3, 5, 7]), np.array([1, 2, 7])).targets)
    readout = torch.where(targets > 0.5, 2.0, -0.1)
    readout[2, 1, 0] *= -1
    assert task.correct(readout, targets).tolist() == [True, False, True]


def test_the_loss_is_half_the_squared_error_summed_over_steps():
    task = BinaryAddition(bits=3)
    targets = torch.tensor([0.0, 1.0, 1.0]).view(3, 1, 1)
    assert task.loss(torch.zeros(3, 1, 1), targets).tolist() == [pytest.approx(3 * 0.5 * 0.25)]


def test_without_memory_at_most_the_sums_without_carry_are_right():
    # The best memoryless answer is the exclusive or: right for (3/4)^7 of the pairs of 7-bit numbers.
    task = BinaryAddition(bits=8)
    inputs, targets = task.evaluation_set(65_536, np.random.default_rng(0)).examples
    readout = torch.from_numpy(inputs.sum(-1, keepdims=True) % 2 - 0.5)
    right = task.correct(readout, torch.from_numpy(targets)).double().mean().item()
    assert right == pytest.approx(0.75**7, abs=1e-12)
