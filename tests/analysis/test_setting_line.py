"""In which setting a document was measured, in one line."""

import pytest

from rnnbench.analysis.setting_line import setting_line, shapes, timed_shape, trained_shape
from tests.documents import addition, case


def test_what_is_the_same_in_all_cases_and_in_what_they_differ():
    assert setting_line(addition().cases) == (
        "Task binary_addition(8), cell rnn, activation sigmoid, H = 16, without biases, initialisation fan_in, "
        "float32; times and memory at T = 512 and B = 32; trained by sgd (lr 0.1), 10,000 iterations, B = 1, 20 "
        "replicas, T = 8; 5 launches; cases differ in connectivity."
    )


def test_the_shapes_of_times_and_of_training_are_told_apart():
    cases = addition().cases
    assert (timed_shape(cases), trained_shape(cases)) == ("T = 512 and B = 32", "T = 8 and B = 1")
    assert shapes(cases) == ["times and memory at T = 512 and B = 32", "trained at T = 8 and B = 1"]
    untrained = [case(f"T={steps}", measure={"memory": {}}, time_steps=steps, batch=4) for steps in (64, 128)]
    assert (timed_shape(untrained), trained_shape(untrained)) == ("T = 64 and 128 and B = 4", "")
    assert shapes(untrained) == ["memory at T = 64 and 128 and B = 4"]
    assert timed_shape([]) == ""


def test_few_values_are_listed_and_many_are_counted():
    cases = [
        case(f"{cell}/{hidden}", measure={"memory": {}}, cell=cell, hidden=hidden)
        for cell in ("rnn", "lstm")
        for hidden in (64, 16, 256, 32, 128)
    ]
    said = setting_line(cases)
    assert said.startswith(
        "Cell rnn and lstm, H = 16 to 256 (5 values), initialisation fan_in, float32; memory at T = 128 and B = 32;"
    )
    assert said.endswith("; cases differ in cell and hidden.")


def test_the_budget_of_memory_and_how_its_task_is_learnt():
    training = {"iterations": 600, "batch": 32, "replicas": 1, "optimizer": {"adam": {"lr": 3e-3}}}
    limits = {"limits": ["memory", "task"], "budget": 2**26, "training": training}
    said = setting_line([case("dense", measure={"max_length": limits}, task="temporal_order(20)", batch=4)])
    assert "; trained by adam (lr 0.003), 600 iterations, B = 32, 1 replica; memory budget 64 MiB at B = 4." in said
    assert "differ" not in said


def test_how_much_is_measured_is_no_setting():
    cases = [case(scope, measure={"throughput": {"scopes": [scope]}}) for scope in ("layer", "recurrence")]
    assert "differ" not in setting_line(cases)


@pytest.mark.parametrize("task", [{"juggling": {"balls": 3}}, "juggling", 3])
def test_a_task_of_a_later_version_is_shown_as_it_is_written(task):
    made = addition(["dense"]).cases
    made[0]["parameters"]["task"] = task
    assert setting_line(made).startswith("Task ")


def test_a_document_that_says_nothing_has_no_setting():
    assert setting_line([]) == ""
    assert setting_line([{"parameters": {}}]) == ""
