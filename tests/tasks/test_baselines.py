"""What no memory can reach, measured on random sequences with the best answers that need none; within 1 %."""

from math import log

import numpy as np
import pytest
import torch

from rnnbench.measure.protocol import tensor
from rnnbench.tasks import Adding, BinaryAddition, Copying, ModularCounting, Parity, Permutation, TemporalOrder, Text

FLOAT = torch.zeros(0, dtype=torch.float64)


def drawn(task, count):
    inputs, targets = task.draw(count, np.random.default_rng(7))
    return inputs, tensor(targets, FLOAT)


def test_adding_one_sixth():
    task = Adding(length=50)
    _, targets = drawn(task, 100_000)
    assert task.loss(torch.ones_like(targets), targets).mean().item() == pytest.approx(task.baseline_loss(), rel=0.01)
    assert task.baseline_loss() == 1 / 6


@pytest.mark.parametrize("blanks", [1, 30, 100])
def test_copying_ten_ln_8_over_the_length(blanks):
    task = Copying(blanks=blanks)
    _, targets = drawn(task, 500)
    readout = torch.full((task.time_steps, 500, 9), -100.0, dtype=torch.float64)
    readout[:-10, :, 8] = 100
    readout[-10:, :, :8] = 100
    assert task.loss(readout, targets).mean().item() == pytest.approx(10 * log(8) / (blanks + 20), rel=0.01)
    assert task.baseline_loss() == 10 * log(8) / (blanks + 20)
    uniform = torch.zeros(10, 500, 9, dtype=torch.float64)
    uniform[..., 3] = 1e-3
    assert task.correct(uniform, targets[-10:]).mean().item() == pytest.approx(1 / 8, rel=0.1)


def test_temporal_order_ln_4():
    task = TemporalOrder(length=30)
    _, targets = drawn(task, 1000)
    assert task.loss(torch.zeros(1, 1000, 4, dtype=torch.float64), targets).mean().item() == pytest.approx(log(4))
    assert task.baseline_loss() == log(4)
    counts = np.bincount(targets.flatten().numpy(), minlength=4)
    assert counts.min() > 200, "all orders are equally likely"


def memoryless(task, inputs, targets):
    """Return the loss of the best function of a step's input alone: the shares of targets where each input is shown."""
    shown, asked = inputs.reshape(-1).astype(int), targets.numpy().reshape(-1).astype(int)
    pairs = np.zeros((task.input_size, task.output_size))
    np.add.at(pairs, (shown, asked), 1)
    shares = pairs / pairs.sum(axis=1, keepdims=True)
    return -np.log(shares[shown, asked]).mean()


@pytest.mark.parametrize(
    "task",
    [
        Parity(length=4),
        Parity(),
        ModularCounting(modulus=7, length=5),
        Permutation(),
        Permutation(group="a5", length=4),
    ],
    ids=lambda task: task.label(),
)
def test_state_tracking_the_entropy_of_the_element_shown_or_any(task):
    inputs, targets = drawn(task, 100_000)
    assert memoryless(task, inputs, targets) == pytest.approx(task.baseline_loss(), rel=0.01)
    order = task.output_size
    assert task.at_length(10_000).baseline_loss() == pytest.approx(log(order), rel=0.01)


@pytest.mark.parametrize("bits", [2, 3, 8])
def test_binary_addition_the_share_of_carries(bits):
    task = BinaryAddition(bits=bits)
    inputs, targets = task.evaluation_set(65_536, np.random.default_rng(0)).examples
    error = 0.0
    for first in (0, 1):
        for second in (0, 1):
            here = (inputs[..., 0] == first) & (inputs[..., 1] == second)
            ones = targets[..., 0][here]
            error += 0.5 * np.square(ones - ones.mean()).sum()
    assert error / inputs.shape[1] == pytest.approx(task.baseline_loss(), rel=1e-6)


def test_text_the_entropy_of_pairs(tmp_path):
    """A chain in which each character depends on the one before: nothing but that one helps."""
    generator = np.random.default_rng(0)
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.5, 0.25, 0.25]])
    noise, state, states = generator.random(300_000), 0, []
    thresholds = probabilities.cumsum(axis=1)
    for number in noise:
        state = int(np.searchsorted(thresholds[state], number))
        states.append(state)
    path = tmp_path / "chain.txt"
    path.write_text("".join("xyz"[state] for state in states), encoding="utf-8")
    values, vectors = np.linalg.eig(probabilities.T)
    stationary = np.real(vectors[:, np.argmax(np.real(values))])
    stationary /= stationary.sum()
    bits = -(stationary[:, None] * probabilities * np.log2(probabilities)).sum()
    assert Text(path=str(path)).baseline_loss() == pytest.approx(bits, rel=0.01)


def test_unpredictable_text_has_the_entropy_of_its_characters(corpus_file):
    assert Text(path=str(corpus_file)).baseline_loss() == pytest.approx(2, rel=0.01)
