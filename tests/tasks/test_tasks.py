"""What every task promises: shapes, ranges, seeds, lengths, and a loss and a success rule that fit each other."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from rnnbench.measure.protocol import tensor
from rnnbench.models.network import one_hot
from rnnbench.tasks import TASKS, Adding, BinaryAddition, Copying, ModularCounting, Text

FLOAT = torch.zeros(0, dtype=torch.float64)


def examples(task, count, seed=0):
    return task.draw(count, np.random.default_rng(seed))


def perfect(task, targets):
    """Return a readout that answers everything right, with certainty; targets as tensors."""
    if targets.is_floating_point():
        return targets * 80 - 40 if isinstance(task, BinaryAddition) else targets
    return one_hot(targets.squeeze(-1), torch.zeros(1, task.output_size, dtype=torch.float64)) * 80


def means(task, readout, targets):
    """Return (loss, accuracy) over all sequences."""
    return task.loss(readout, targets).mean().item(), task.correct(readout, targets).double().mean().item()


def test_sequences_have_the_shapes_that_the_task_says(task):
    inputs, targets = examples(task, 7)
    steps = 1 if task.last_only else task.time_steps
    for array, first, size in ((inputs, task.time_steps, task.input_size), (targets, steps, task.output_size)):
        if array.dtype == np.float32:
            assert array.shape == (first, 7, size)
        else:
            assert array.shape == (first, 7, 1)
            assert array.dtype in (np.uint8, np.int32)
            assert array.max() < size


def test_the_same_generator_draws_the_same_and_another_draws_others(task):
    first, again, other = (examples(task, 50, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.inputs, again.inputs)
    np.testing.assert_array_equal(first.targets, again.targets)
    assert not np.array_equal(first.inputs, other.inputs)


def test_who_is_right_has_solved_the_task(task):
    targets = tensor(task.evaluation_set(200, np.random.default_rng(0)).examples.targets, FLOAT)
    loss, accuracy = means(task, perfect(task, targets), targets)
    assert loss < 1e-6
    assert accuracy == 1
    assert task.solved(loss, accuracy)
    assert task.beats_baseline(loss)


def test_who_answers_like_the_baseline_has_not(task):
    assert not task.solved(task.baseline_loss(), 0.5)
    assert not task.beats_baseline(task.baseline_loss())
    assert not task.solved(float("nan"), float("nan"))


def test_a_loss_is_of_each_sequence_and_replica(task):
    targets = tensor(examples(task, 6).targets, FLOAT)
    replicas = torch.randn(len(targets), 3, 6, task.output_size, dtype=torch.float64)
    for judge in (task.loss, task.correct):
        together = judge(replicas, targets.unsqueeze(1))
        assert together.shape == (3, 6)
        for replica in range(3):
            torch.testing.assert_close(together[replica], judge(replicas[:, replica], targets))


def test_targets_for_timing_fit_the_loss(task):
    readout = torch.randn(1 if task.last_only else 9, 2, task.output_size, requires_grad=True)
    loss = task.loss(readout, task.targets_like(readout.detach()))
    assert loss.shape == (2,)
    torch.autograd.backward(loss.sum())
    assert torch.isfinite(readout.grad).all()


def test_evaluations_are_held_within_a_limit(task):
    for limit in (3, 100_000):
        evaluation = task.evaluation_set(limit, np.random.default_rng(0))
        count = evaluation.examples.inputs.shape[1]
        assert count == task.evaluation_count(limit) <= limit
    assert task.evaluation_count(3) == 3


def test_every_task_can_be_asked_at_a_length(task):
    longer = task.at_length(24)
    assert getattr(longer, task.length_option) == 24
    assert longer.time_steps - task.time_steps == 24 - getattr(task, task.length_option)
    assert longer.draw(2, np.random.default_rng(0)).inputs.shape[0] == longer.time_steps
    assert type(longer) is type(task)
    others = {name: value for name, value in dict(task).items() if name != task.length_option}
    assert {name: getattr(longer, name) for name in others} == others


@pytest.mark.parametrize("kind", [task for task in TASKS if task not in (Text, BinaryAddition)])
def test_a_task_that_is_too_short_is_refused_with_the_least_length(kind):
    default = kind()
    shortest = next(length for length in range(1, 50) if _is_long_enough(default, length))
    assert shortest == {"adding": 2, "copying": 1, "temporal_order": 10}.get(kind.kind, 2)
    with pytest.raises(ValidationError, match=f"{shortest - 1} is too short .*: use {shortest} or more"):
        default.at_length(shortest - 1)
    assert default.at_length(shortest).draw(3, np.random.default_rng(0)).inputs.shape[1] == 3


def _is_long_enough(task, length):
    try:
        task.at_length(length)
    except ValueError:
        return False
    return True


def test_labels_always_tell_the_length():
    labels = [task.label() for task in (Adding(), Copying(blanks=7), ModularCounting(), BinaryAddition())]
    assert labels == ["adding(100)", "copying(7)", "modular_counting(3,32)", "binary_addition(8)"]


def test_long_sequences_are_evaluated_on_fewer_of_them():
    assert Copying(blanks=12).evaluation_count(65_536) == 4096
    assert Copying(blanks=100_000).evaluation_count(65_536) == 1024


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_gradient_of_the_mean_loss_is_autograds(task, dtype):
    generator = torch.Generator().manual_seed(0)
    steps = 1 if task.last_only else task.time_steps
    readout = torch.randn(steps, 4, 3, task.output_size, generator=generator, dtype=dtype).requires_grad_()
    targets = task.targets_like(torch.randn(readout.shape, generator=generator, dtype=dtype))
    (expected,) = torch.autograd.grad(task.loss(readout, targets).mean(dim=-1).sum(), readout)
    with torch.inference_mode():
        gradient = task.loss_gradient(readout.detach(), targets)
    torch.testing.assert_close(gradient, expected, rtol=4 * torch.finfo(dtype).eps, atol=0)
