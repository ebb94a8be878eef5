"""Learning from a batch: readouts and gradients, the same whoever goes backward."""

import pytest
import torch

from rnnbench.measure import learn
from rnnbench.measure.perform import perform
from rnnbench.models.network import build
from rnnbench.models.network_pass import NetworkPass
from rnnbench.models.weights import draw, stack
from rnnbench.tasks import BinaryAddition
from tests.cases import demo_case, ignore_progress, make_case

TASKS = ["binary_addition(6)", "adding(12)", "copying(3)", "parity(5)"]


def network_of(**parameters):
    given = {"task": "adding(12)", "hidden": 6, "layers": 2, "dtype": "float64", **parameters}
    parameters = make_case({"training": {"replicas": 3, "batch": 3}}, **given).parameters
    weights = stack([draw(parameters, replica) for replica in range(3)])
    steps = parameters.task.time_steps
    return build(parameters, weights, device="cpu", time_steps=steps, batch=3, replicas=3), parameters.task


def batch_of(task, network):
    generator = torch.Generator().manual_seed(0)
    steps = task.time_steps
    if task.kind in ("copying", "parity"):
        x = torch.randint(task.input_size, (steps, 3, 3, 1), generator=generator).to(torch.uint8)
    else:
        x = torch.rand(steps, 3, 3, task.input_size, generator=generator, dtype=torch.float64)
    readout = network(x).detach()
    return x, task.targets_like(readout - readout.mean())


@pytest.mark.parametrize("task", TASKS)
def test_passes_and_autograd_give_the_same_readouts_and_gradients(task):
    (by_passes, chosen), (by_autograd, _) = network_of(task=task), network_of(task=task)
    x, target = batch_of(chosen, by_passes)
    readout = learn.learner(by_passes, chosen)(x, target)
    expected_readout = learn.by_autograd(by_autograd, chosen)(x, target)
    torch.testing.assert_close(readout, expected_readout, rtol=1e-12, atol=1e-14)
    assert not readout.requires_grad
    for got, expected in zip(by_passes.parameters(), by_autograd.parameters(), strict=True):
        torch.testing.assert_close(got.grad, expected.grad, rtol=0, atol=1e-12 * expected.grad.abs().max().item())


@pytest.mark.parametrize("kernel", ["fused", "eager"])
def test_an_iteration_forgets_the_gradient_of_the_one_before(kernel):
    network, task = network_of(kernel=kernel)
    learner = learn.learner(network, task)
    x, target = batch_of(task, network)
    learner(x, target)
    first = [weight.grad.clone() for weight in network.parameters()]
    learner(x, target)
    for once, twice in zip(first, network.parameters(), strict=True):
        torch.testing.assert_close(once, twice.grad, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("parameters", "through_autograd"),
    [({}, False), ({"cell": "gru"}, False), ({"kernel": "eager"}, True), ({"recompute": "every(3)"}, True)],
    ids=str,
)
def test_autograd_is_for_networks_without_passes(parameters, through_autograd, monkeypatch):
    taken = []
    monkeypatch.setattr(learn, "by_autograd", lambda *_: taken.append("autograd"))
    monkeypatch.setattr(NetworkPass, "forward", lambda *_: taken.append("passes") or torch.zeros(1, 3, 3, 1))
    monkeypatch.setattr(NetworkPass, "backward", lambda *_: None)
    network, task = network_of(**parameters)
    learner = learn.learner(network, task)
    if learner is not None:
        learner(torch.zeros(12, 3, 3, 2), torch.zeros(1, 3, 3, 1))
    assert taken == ["autograd" if through_autograd else "passes"]


def test_what_is_learnt_does_not_depend_on_who_goes_backward(monkeypatch):
    assert isinstance(demo_case().parameters.task, BinaryAddition)
    found = []
    for way in (learn.network_pass, lambda _: None):
        monkeypatch.setattr(learn, "network_pass", way)
        found.append(perform("training", demo_case(replicas=3, iterations=200), ignore_progress).figures)
    assert found[0]["final_loss"].values == pytest.approx(found[1]["final_loss"].values, rel=1e-9)
    for name in ("accuracy", "steps_to_solve", "solved_fraction"):
        assert found[0][name].values == found[1][name].values
