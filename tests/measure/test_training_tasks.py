"""Training on every task: figures as the task means them, and no more of the readout than is asked for."""

import pytest
import torch

from rnnbench.measure import training as training_module
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.perform import perform
from rnnbench.measure.protocol import CHUNK_ITERATIONS, CHUNK_STEPS, chunk_iterations
from rnnbench.models.network import build, one_hot
from rnnbench.models.weights import draw
from tests.cases import ignore_progress, make_case

TASKS = ["adding(10)", "copying(2)", "temporal_order(10)", "parity(4)", "modular_counting(3,4)", "permutation(a5,3)"]


@pytest.fixture(autouse=True)
def few_held_out_sequences(monkeypatch):
    """What is tested here does not depend on their number."""
    monkeypatch.setattr(training_module, "EVALUATION_LIMIT", 256)


def figures(task, **settings):
    training = {"iterations": 20, "batch": 4, "replicas": 2, "optimizer": "adam(0.01)", **settings}
    case = make_case({"training": training}, task=task, hidden=8, dtype="float64")
    return perform("training", case, ignore_progress).figures, case.parameters.task


@pytest.mark.parametrize("task", [*TASKS, "binary_addition(4)"])
def test_figures_say_what_they_mean(task):
    found, chosen = figures(task)
    assert found["accuracy"].details["meaning"] == chosen.accuracy_meaning
    assert found["solved_fraction"].details["rule"] == chosen.success_rule
    loss = found["final_loss"]
    assert loss.details["meaning"] == chosen.loss_meaning
    assert loss.details["baseline"] == chosen.baseline_loss()
    assert loss.details["beats_baseline"] == [value < 0.95 * chosen.baseline_loss() for value in loss.values]
    curve = found["accuracy"].details["curve"]
    assert len(curve["iterations"]) == len(curve["accuracy"]) == len(curve["evaluation_loss"]) == 11
    assert len(curve["loss"]) == 10
    assert tuple(curve["evaluation_loss"][-1]) == loss.values
    assert ("absolute_error" in curve) == (chosen.kind in ("adding", "binary_addition"))
    for values in (found["accuracy"].values, found["solved_fraction"].values):
        assert all(0 <= value <= 1 for value in values)


def test_an_untrained_network_is_near_the_baseline():
    found, task = figures("copying(2)", iterations=1, optimizer="sgd(0)")
    assert all(task.baseline_loss() < value < 2.5 for value in found["final_loss"].values)
    assert found["final_loss"].details["beats_baseline"] == [False, False]
    assert found["steps_to_solve"].values == (None, None)


def test_a_task_that_is_judged_by_its_loss_is_solved_by_it():
    found, _ = figures("adding(2)", iterations=1500, batch=32, optimizer="adam(0.01)", log_every=100)
    loss, curve = found["final_loss"].values, found["accuracy"].details["curve"]
    assert max(loss) <= 0.01
    assert found["solved_fraction"].values == (1.0, 1.0)
    for replica, step in enumerate(found["steps_to_solve"].values):
        reached = [
            at
            for at, values in zip(curve["iterations"], curve["evaluation_loss"], strict=True)
            if values[replica] <= 0.01
        ]
        assert step == reached[0] > 0


def test_a_memory_of_three_bits_can_be_learnt():
    found, _ = figures("parity(3)", iterations=1500, batch=32, optimizer="adam(0.01)")
    assert max(found["accuracy"].values) == 1
    assert max(found["solved_fraction"].values) == 1


def test_a_text_that_repeats_itself_is_learnt(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("aab" * 500)
    found, task = figures({"text": {"path": str(path), "length": 9}}, iterations=400, batch=8)
    assert task.baseline_loss() == pytest.approx(2 / 3, rel=0.02), "after an a, an a or a b"
    assert max(found["final_loss"].values) < 0.3
    assert found["solved_fraction"].values == (1.0, 1.0)


@pytest.mark.parametrize("measurement", ["training", "memory"])
def test_a_text_that_changed_since_the_suite_was_read_is_not_learnt(tmp_path, measurement):
    path = tmp_path / "text.txt"
    path.write_text("ab" * 500)
    task = {"text": {"path": str(path), "length": 9, "sha256": "0" * 64}}
    case = make_case({measurement: {}}, task=task, hidden=8)
    with pytest.raises(CaseFailure, match="the text has changed: its sha256 is") as failure:
        perform(measurement, case, ignore_progress)
    assert failure.value.status == "error"


def network_of(task, **parameters):
    chosen = make_case({"memory": {}}, task=task, hidden=8, dtype="float64", **parameters).parameters
    return build(chosen, draw(chosen), device="cpu", time_steps=10, batch=3)


def test_only_the_last_step_is_read_out_where_only_it_is_asked_for():
    network = network_of("adding(10)")
    x = torch.randn(10, 3, 2, dtype=torch.float64)
    readout = network(x)
    assert readout.shape == (1, 3, 1)
    network.last_only = False
    torch.testing.assert_close(readout, network(x)[-1:])


def test_symbols_stand_for_one_hot_vectors():
    network = network_of("copying(2)")
    symbols = torch.randint(10, (10, 3, 1), dtype=torch.uint8)
    vectors = one_hot(symbols.squeeze(-1), network.first_layer().input_weight)
    assert vectors.shape == (10, 3, 10)
    assert (vectors.argmax(-1) == symbols.squeeze(-1)).all()
    assert (vectors.sum(-1) == 1).all()
    torch.testing.assert_close(network(symbols), network(vectors))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("measurement", [{"memory": {"scope": "model"}}, {"throughput": {"scopes": ["model"]}}])
def test_speed_and_memory_of_a_model_take_the_loss_of_any_task(task, measurement):
    (name,) = measurement
    if name == "throughput":
        measurement = {"throughput": {"scopes": ["model"], "max_seconds": 0.01}}
    case = make_case(measurement, task=task, hidden=8, time_steps=5, batch=2)
    assert perform(name, case, ignore_progress).figures


def test_chunks_of_data_stay_within_bounds():
    assert chunk_iterations(8, 1) == CHUNK_ITERATIONS
    assert chunk_iterations(1000, 32) == CHUNK_STEPS // 32_000
    assert chunk_iterations(10**6, 100) == 1
