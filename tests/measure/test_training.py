"""What training guarantees: replicas are independent, masks hold, evaluation counts whole sequences."""

import inspect

import numpy as np
import pytest
import torch

from rnnbench.measure import training as training_module
from rnnbench.measure.perform import perform
from rnnbench.suite.optimizer import OPTIMIZERS
from rnnbench.tasks.base import EVALUATION_STEPS
from tests.cases import demo_case, ignore_progress, make_case


def standard_case(
    connectivity="tridiagonal", seed=0, hidden=8, bits=5, layers=1, dtype="float64", cell="rnn", **settings
):
    measure = {"training": {"iterations": 150, "batch": 2, "replicas": 1, "log_every": 25, **settings}}
    return make_case(
        measure,
        connectivity=connectivity,
        task=f"binary_addition({bits})",
        hidden=hidden,
        layers=layers,
        dtype=dtype,
        seed=seed,
        cell=cell,
    )


def figures(case):
    return perform("training", case, ignore_progress).figures


@pytest.mark.parametrize("optimizer", ["sgd(0.1)", "sgd(0.05,0.9)", "adam(0.01)", "rmsprop(0.01)", "adagrad(0.05)"])
@pytest.mark.parametrize(
    "connectivity", ["dense", "tridiagonal", "block_diagonal(2)", "random(10)", "upper_triangular", "none"]
)
def test_a_replica_learns_the_same_alone_and_among_others(connectivity, optimizer):
    together = figures(standard_case(connectivity, optimizer=optimizer, replicas=4, layers=2))
    curve = np.array(together["accuracy"].details["curve"]["loss"])
    for replica in range(4):
        alone = figures(standard_case(connectivity, optimizer=optimizer, seed=replica, layers=2))
        lonely = np.array(alone["accuracy"].details["curve"]["loss"])
        np.testing.assert_allclose(curve[:, replica], lonely[:, 0], rtol=0, atol=1e-10)
        assert together["final_loss"].values[replica] == pytest.approx(alone["final_loss"].values[0], abs=1e-10)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("connectivity", ["dense", "tridiagonal", "block_diagonal(2)"])
def test_a_replica_of_a_gated_cell_learns_the_same_alone_and_among_others(connectivity, cell):
    settings = {"optimizer": "adam(0.01)", "layers": 2, "cell": cell, "iterations": 40, "log_every": 10}
    together = figures(standard_case(connectivity, replicas=2, **settings))["accuracy"].details["curve"]["loss"]
    for replica in range(2):
        alone = figures(standard_case(connectivity, seed=replica, **settings))["accuracy"].details["curve"]["loss"]
        np.testing.assert_allclose(np.array(together)[:, replica], np.array(alone)[:, 0], rtol=0, atol=1e-10)


def test_a_demo_replica_learns_the_same_alone_and_among_others():
    together = np.array(figures(demo_case(replicas=3))["accuracy"].details["curve"]["loss"])
    case = demo_case(replicas=1)
    for replica in range(3):
        seeded = make_case(
            {"training": case.measure.training.model_dump()}, **{**case.parameters.model_dump(), "seed": replica}
        )
        alone = np.array(figures(seeded)["accuracy"].details["curve"]["loss"])
        np.testing.assert_allclose(together[:, replica], alone[:, 0], rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("cell", "optimizer"),
    [
        ("rnn", "sgd(0.1,0.9,0.01)"),
        ("rnn", "adamw(0.01)"),
        ("rnn", "nadam(0.01)"),
        ("lstm", "adamw(0.01)"),
        ("gru", "adamw(0.01)"),
    ],
)
@pytest.mark.parametrize(
    "connectivity",
    ["diagonal", "tridiagonal", "banded(1,2,true)", "block_diagonal(4)", "random(10)", "upper_triangular"],
)
def test_masked_entries_are_exactly_zero_after_training(connectivity, cell, optimizer, monkeypatch):
    built = []
    original = training_module.build
    monkeypatch.setattr(training_module, "build", lambda *a, **k: built.append(original(*a, **k)) or built[-1])
    case = standard_case(connectivity, optimizer=optimizer, replicas=3, layers=2, cell=cell)
    figures(case)
    free = case.parameters.connectivity
    pattern = free.to_dense(free.from_dense(torch.ones(8, 8)), 8) != 0
    for layer in built[0].layers:
        matrix = layer.recurrent_matrix()
        assert matrix.shape == ((3, 8, 8) if cell == "rnn" else (3, case.parameters.gates, 8, 8))
        assert (matrix[..., ~pattern] == 0).all()
        assert (matrix[..., pattern] != 0).all()
        if "bands" in layer.recurrent and not free.circular:
            padding = torch.from_numpy(free.positions(8) < 0)
            assert (layer.recurrent["bands"][..., padding] == 0).all()


def test_all_pairs_are_evaluated_where_there_are_few_enough_and_a_sample_is_said_to_be_one():
    few = figures(standard_case(bits=5, iterations=1, log_every=1))["accuracy"].details
    assert (few["examples"], few["exhaustive"]) == (16 * 16, True)
    many = figures(standard_case(bits=10, iterations=1, log_every=1))["accuracy"].details
    assert (many["examples"], many["exhaustive"]) == (EVALUATION_STEPS // 10, False)


def test_the_figures_of_a_solved_task_are_consistent():
    case = standard_case(
        "dense", hidden=12, bits=3, iterations=1500, batch=8, optimizer="adam(0.02)", replicas=4, log_every=100
    )
    found = figures(case)
    curve = found["accuracy"].details["curve"]
    assert curve["iterations"] == list(range(0, 1501, 100))
    assert len(curve["accuracy"]) == 16
    assert found["accuracy"].values == tuple(curve["accuracy"][-1])
    for replica, (solved, step) in enumerate(
        zip(found["solved_fraction"].values, found["steps_to_solve"].values, strict=True)
    ):
        reached = [
            at for at, values in zip(curve["iterations"], curve["accuracy"], strict=True) if values[replica] == 1
        ]
        assert step == (reached[0] if reached else None)
        assert solved == float(curve["accuracy"][-1][replica] == 1)
    assert sum(found["solved_fraction"].values) >= 3


def test_a_diverged_replica_is_null_not_nan():
    case = make_case(
        {"training": {"iterations": 200, "replicas": 2, "optimizer": "sgd(1e30)", "log_every": 10}},
        connectivity="dense",
        activation="identity",
        task="binary_addition(4)",
        hidden=8,
    )
    found = figures(case)
    assert found["final_loss"].values == (None, None)
    assert None in found["accuracy"].details["curve"]["loss"][-1]


def test_progress_tells_how_far_training_is():
    seen = []
    perform("training", standard_case(), lambda done, total, note: seen.append((done, total, note)))
    assert seen == [(done, 150, "training") for done in range(0, 150, 25)]


@pytest.mark.parametrize("chosen", OPTIMIZERS, ids=lambda chosen: chosen.kind)
def test_optimizers_are_torchs_with_torchs_defaults(chosen):
    signature = inspect.signature(getattr(torch.optim, chosen.torch_name)).parameters
    for name, field in chosen.model_fields.items():
        assert signature[name].default == field.default, name


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("replicas", [1, 2])
def test_weights_without_elements_train_without_a_warning(cell, replicas, recwarn):
    case = make_case(
        {"training": {"iterations": 2, "replicas": replicas}},
        connectivity="none",
        cell=cell,
        task="adding(10)",
        hidden=8,
        device="cpu",
    )
    warned_once = not torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        figures(case)
    finally:
        torch.set_warn_always(not warned_once)
    assert [str(warning.message) for warning in recwarn] == []
