"""Updates: gradients bounded as torch bounds those of one model, rates that fall, weights that are held to bounds."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from rnnbench.measure import training as training_module
from rnnbench.measure.clipping import clip_norms, clip_values
from rnnbench.measure.constraint import hold_to_indrnn
from rnnbench.measure.perform import perform
from rnnbench.measure.update import Update
from rnnbench.models.network import build
from rnnbench.models.weights import draw, stack
from rnnbench.suite.initialisation import indrnn_bounds
from tests.cases import ignore_progress, make_case


@pytest.fixture(autouse=True)
def few_held_out_sequences(monkeypatch):
    """What is tested here does not depend on their number."""
    monkeypatch.setattr(training_module, "EVALUATION_LIMIT", 256)


def case_of(seed=0, measure=None, **parameters):
    training = {"iterations": 12, "batch": 4, "replicas": 3, "log_every": 1, **(measure or {})}
    given = {"task": "adding(12)", "hidden": 6, "layers": 2, "dtype": "float64", "seed": seed, **parameters}
    return make_case({"training": training}, **given)


def network_of(case):
    weights = stack([draw(case.parameters, replica) for replica in range(case.measure.training.replicas)])
    return build(
        case.parameters, weights, device="cpu", time_steps=12, batch=4, replicas=case.measure.training.replicas
    )


def gradients(replicas=4, scale=3.0):
    generator = torch.Generator().manual_seed(0)
    return [scale * torch.randn(replicas, *shape, generator=generator) for shape in ((5, 2), (7,), (3, 2, 2))]


@pytest.mark.parametrize("longest", [0.5, 5.0, 1000.0])
def test_norms_are_bounded_as_torch_bounds_each_replica_alone(longest):
    clipped = gradients()
    clip_norms(clipped, longest)
    for replica in range(4):
        weights = [torch.nn.Parameter(torch.zeros_like(gradient[replica])) for gradient in gradients()]
        for weight, gradient in zip(weights, gradients(), strict=True):
            weight.grad = gradient[replica].clone()
        torch.nn.utils.clip_grad_norm_(weights, longest)
        for weight, gradient in zip(weights, clipped, strict=True):
            torch.testing.assert_close(gradient[replica], weight.grad)
        norm = torch.cat([gradient[replica].flatten() for gradient in clipped]).norm().item()
        assert norm <= longest * (1 + 1e-6)


def test_a_replica_that_diverges_leaves_the_others_alone():
    broken = gradients()
    broken[0][1, 0, 0] = float("nan")
    clip_norms(broken, 0.5)
    whole = gradients()
    clip_norms(whole, 0.5)
    for replica in (0, 2, 3):
        for first, second in zip(broken, whole, strict=True):
            torch.testing.assert_close(first[replica], second[replica])
    assert all(gradient[1].isnan().all() for gradient in broken)


def test_values_are_bounded_entry_by_entry():
    clipped = gradients()
    clip_values(clipped, 0.5)
    for gradient, before in zip(clipped, gradients(), strict=True):
        torch.testing.assert_close(gradient, before.clamp(-0.5, 0.5))


@pytest.mark.parametrize("connectivity", ["diagonal", "block_diagonal(6)"])
def test_the_constraint_holds_every_modulus_and_keeps_signs(connectivity):
    network = network_of(case_of(connectivity=connectivity))
    with torch.no_grad():
        for layer in network.layers:
            for weight in layer.recurrent.values():
                weight.copy_(torch.linspace(-3, 3, weight.numel()).view_as(weight))
    before = [torch.cat([w.detach().flatten() for w in layer.recurrent.values()]) for layer in network.layers]
    hold_to_indrnn(network, 12)
    for index, (layer, old) in enumerate(zip(network.layers, before, strict=True)):
        new = torch.cat([w.detach().flatten() for w in layer.recurrent.values()])
        least, most = indrnn_bounds(12, last_layer=index == 1)
        assert (new.abs() <= most + 1e-12).all()
        assert (new.abs() >= least - 1e-12).all()
        assert (new.sign() == old.sign()).all()
        inside = (old.abs() >= least) & (old.abs() <= most)
        torch.testing.assert_close(new[inside], old[inside])


def test_the_constraint_holds_after_every_step(monkeypatch):
    case = case_of(
        connectivity="diagonal",
        activation="relu",
        initialisation="indrnn",
        measure={"constraint": "indrnn", "optimizer": "sgd(3)"},
    )
    seen = []
    original = Update.step

    def step(self, iteration):
        original(self, iteration)
        seen.append([layer.recurrent["bands"].detach().abs().clone() for layer in self._network.layers])

    monkeypatch.setattr(Update, "step", step)
    perform("training", case, ignore_progress)
    assert len(seen) == 12
    assert any(not torch.equal(first[0], second[0]) for first, second in pairwise(seen))
    for layers in seen:
        for index, moduli in enumerate(layers):
            least, most = indrnn_bounds(12, last_layer=index == 1)
            assert moduli.max() <= most + 1e-12
            assert moduli.min() >= least - 1e-12
    assert max(layers[1].max().item() for layers in seen) == pytest.approx(2 ** (1 / 12)), "the bound was reached"


def test_weights_that_start_outside_are_held_before_the_first_step():
    case = case_of(connectivity="diagonal", initialisation="uniform(-3,3)", measure={"constraint": "indrnn"})
    network = network_of(case)
    Update(network, case.measure.training, 12)
    assert max(layer.recurrent["bands"].abs().max().item() for layer in network.layers) <= 2 ** (1 / 12) + 1e-12


def test_the_rate_falls_as_the_decay_says():
    case = case_of(measure={"optimizer": "sgd(0.5)", "decay": "step(5, 0.1)", "iterations": 12})
    network = network_of(case)
    update = Update(network, case.measure.training, 12)
    for iteration in range(12):
        before = network.readout.detach().clone()
        network.readout.grad.fill_(1)
        update.step(iteration)
        torch.testing.assert_close(
            before - network.readout.detach(), torch.full_like(before, 0.5 * 0.1 ** (iteration // 5))
        )


def test_values_are_bounded_before_the_norm():
    case = case_of(measure={"optimizer": "sgd(1)", "clip_norm": 10.0, "clip_value": 0.01})
    network = network_of(case)
    update = Update(network, case.measure.training, 12)
    before = network.readout.detach().clone()
    network.readout.grad.fill_(1e6)
    update.step(0)
    torch.testing.assert_close(before - network.readout.detach(), torch.full_like(before, 0.01))


@pytest.mark.parametrize(
    ("parameters", "settings"),
    [
        ({}, {"clip_norm": 0.05}),
        ({}, {"clip_value": 0.01, "clip_norm": 0.05, "optimizer": "sgd(0.1,0.9)"}),
        ({"initialisation": "orthogonal"}, {"decay": "cosine", "optimizer": "adam(0.01)"}),
        ({"initialisation": "spectral_radius(0.9)", "connectivity": "tridiagonal"}, {"decay": "linear(0.1)"}),
        (
            {"initialisation": "indrnn", "connectivity": "diagonal", "activation": "relu"},
            {"constraint": "indrnn", "clip_norm": 0.1, "optimizer": "adam(0.05)"},
        ),
        ({"cell": "lstm", "forget_bias": 1.0}, {"clip_norm": 0.05}),
        ({"task": "copying(3)"}, {"clip_norm": 0.05, "optimizer": "adam(0.01)"}),
        ({"task": "permutation(s3,5)"}, {"decay": "step(3)"}),
    ],
    ids=str,
)
def test_a_replica_learns_the_same_alone_and_among_others(parameters, settings):
    together = perform("training", case_of(measure=settings, **parameters), ignore_progress).figures
    curve = np.array(together["accuracy"].details["curve"]["loss"])
    assert (np.ptp(curve, axis=0) > 1e-6).all(), "something is learnt"
    for replica in range(3):
        alone = perform(
            "training", case_of(replica, {**settings, "replicas": 1}, **parameters), ignore_progress
        ).figures
        lonely = np.array(alone["accuracy"].details["curve"]["loss"])
        np.testing.assert_allclose(curve[:, replica], lonely[:, 0], rtol=0, atol=1e-10)
        assert together["final_loss"].values[replica] == pytest.approx(alone["final_loss"].values[0], abs=1e-10)


def test_bounding_the_gradient_changes_what_is_learnt():
    losses = [
        perform("training", case_of(measure=settings), ignore_progress).figures["final_loss"].values
        for settings in ({}, {"clip_norm": 1e-3}, {"clip_norm": 1e6})
    ]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[2], rel=1e-6)
