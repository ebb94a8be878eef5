"""Small models train on one thread, larger ones on all."""

import pytest
import torch

from rnnbench.measure.perform import perform
from rnnbench.measure.training_threads import multiply_adds, training_threads
from tests.cases import demo_case, ignore_progress, make_case


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def case_of(**parameters):
    training = {"replicas": 2, "batch": 3, "iterations": 1}
    return make_case({"training": training}, **{"task": "binary_addition(4)", "hidden": 8, **parameters})


def test_multiply_adds_are_those_of_the_matrices():
    case = case_of()
    assert multiply_adds(case.parameters, case.measure.training) == 2 * 3 * 4 * (8 * (2 + 8) + 8)
    case = case_of(cell="lstm", layers=2)
    assert multiply_adds(case.parameters, case.measure.training) == 2 * 3 * 4 * (4 * 8 * (2 + 8 + 8 + 8) + 8)


@pytest.mark.parametrize(("hidden", "threads"), [(8, 1), (512, 2)])
def test_the_number_of_threads_goes_by_the_work_of_an_iteration_and_is_put_back(hidden, threads):
    case = case_of(hidden=hidden)
    with training_threads(case.parameters, case.measure.training) as said:
        assert (said, torch.get_num_threads()) == (threads, threads)
    assert torch.get_num_threads() == 2


def test_the_number_of_threads_is_recorded():
    assert perform("training", demo_case(iterations=2), ignore_progress).figures["accuracy"].details["threads"] == 1
    assert torch.get_num_threads() == 2
