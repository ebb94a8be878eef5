"""Measurement ``training``: what R replicas of a case learn of its task.

Replicas share tensors but nothing else: each has its own weights, data and loss, and the optimizers offered update
every weight from its own history, so that a replica learns exactly what it would alone.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from rnnbench.measure.demo_protocol import DemoStream
from rnnbench.measure.protocol import ReplicaStream, StandardStream, batches
from rnnbench.measure.verify import verify
from rnnbench.models.device import resolve
from rnnbench.models.network import Network, build
from rnnbench.models.weights import stack
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case
from rnnbench.suite.schema import Parameters, Training
from rnnbench.tasks import EvaluationSet, Task

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

EVALUATION_LIMIT = 65_536
"""A task with at most this many examples is evaluated on all of them, else on so many random ones."""
EVALUATION_SEED = 210_111
"""The random examples are the same for every case, seed and replica."""
EVALUATION_NUMBERS = 4_000_000
"""Roughly how many states are computed at once: bounds the memory of an evaluation."""


@dataclass
class LearningCurve:
    """Points taken before the update of an iteration (and one after the last), for each replica."""

    iterations: list[int] = field(default_factory=list)
    loss: list[list[float]] = field(default_factory=list)
    """Loss on the training batch about to be learnt from, mean over its sequences."""
    absolute_error: list[list[float]] = field(default_factory=list)
    """``sum |target - sigmoid(readout)|`` over the steps of that batch, mean over its sequences: the demo's figure."""
    accuracy: list[list[float]] = field(default_factory=list)
    """Share of the evaluation set answered wholly right."""


def measure(case: Case, progress: Progress) -> Observation:
    """Train the replicas of ``case`` and evaluate them.

    Raises
    ------
    CaseFailure
        The kernel disagrees with the reference.
    """
    training, task = case.measure.training, case.parameters.task
    assert training is not None  # noqa: S101 - checked with the suite
    assert task is not None  # noqa: S101 - checked with the suite
    streams = _streams(case.parameters, training)
    network = build(
        case.parameters,
        stack([stream.initial_weights() for stream in streams]),
        device=resolve(case.parameters.device),
        time_steps=task.time_steps,
        batch=training.batch,
        replicas=training.replicas,
    )
    layer = network.first_layer()
    agreement = verify(layer)
    evaluation = task.evaluation_set(EVALUATION_LIMIT, np.random.default_rng(EVALUATION_SEED))
    curve = _train(network, streams, task, training, evaluation, progress)
    final_loss, accuracy = _evaluate(network, task, evaluation, training.replicas)
    curve.iterations.append(training.iterations)
    curve.accuracy.append(accuracy)
    figures = _figures(curve, final_loss, training, evaluation)
    return Observation(figures, layer.selection.to_json(), agreement)


def _streams(parameters: Parameters, training: Training) -> list[ReplicaStream]:
    if training.protocol == "demo":
        return [DemoStream(parameters, replica) for replica in range(training.replicas)]
    return [StandardStream(parameters, training, replica) for replica in range(training.replicas)]


def _train(
    network: Network,
    streams: list[ReplicaStream],
    task: Task,
    training: Training,
    evaluation: EvaluationSet,
    progress: Progress,
) -> LearningCurve:
    optimizer = _optimizer(network, training)
    curve = LearningCurve()
    every = training.log_interval
    drawn = batches(streams, training, network.readout)
    for iteration, (x, target) in enumerate(itertools.islice(drawn, training.iterations)):
        readout = network(x)
        losses = task.loss(readout, target).mean(dim=-1)
        if iteration % every == 0:
            progress(iteration, training.iterations, "training")
            errors = (target - readout.detach().sigmoid()).abs().sum(dim=(0, -1)).mean(dim=-1)
            curve.iterations.append(iteration)
            curve.loss.append(losses.detach().tolist())
            curve.absolute_error.append(errors.tolist())
            curve.accuracy.append(_evaluate(network, task, evaluation, training.replicas)[1])
        optimizer.zero_grad(set_to_none=True)
        # The sum keeps replicas independent: no replica's gradient is scaled by how many there are.
        torch.autograd.backward(losses.sum())
        optimizer.step()
    return curve


def _optimizer(network: Network, training: Training) -> torch.optim.Optimizer:
    chosen = training.optimizer
    options = {name: getattr(chosen, name) for name in type(chosen).model_fields}
    weights = [weight for weight in network.parameters() if weight.numel()]
    optimizer: torch.optim.Optimizer = getattr(torch.optim, chosen.torch_name)(weights, foreach=False, **options)
    return optimizer


def _tensor(array: np.ndarray, network: Network) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(network.readout.device, network.readout.dtype)


def _evaluate(
    network: Network, task: Task, evaluation: EvaluationSet, replicas: int
) -> tuple[list[float], list[float]]:
    """Return (mean loss, share of sequences answered wholly right) of each replica on the evaluation set."""
    inputs, targets = evaluation.examples
    count = inputs.shape[1]
    hidden = network.readout.shape[-1]
    width = max(1, EVALUATION_NUMBERS // (replicas * hidden * task.time_steps))
    loss = torch.zeros(replicas, dtype=torch.float64)
    right = torch.zeros(replicas, dtype=torch.float64)
    with torch.no_grad():
        for first in range(0, count, width):
            x = _tensor(inputs[:, first : first + width], network).unsqueeze(1)
            target = _tensor(targets[:, first : first + width], network).unsqueeze(1)
            readout = network(x.expand(-1, replicas, -1, -1))
            loss += task.loss(readout, target).sum(dim=-1).cpu().double()
            right += task.correct(readout, target).sum(dim=-1).cpu().double()
    return (loss / count).tolist(), (right / count).tolist()


def _figures(
    curve: LearningCurve, final_loss: list[float], training: Training, evaluation: EvaluationSet
) -> dict[str, Figure]:
    accuracy = curve.accuracy[-1]
    evaluated = {"examples": evaluation.examples.inputs.shape[1], "exhaustive": evaluation.exhaustive}
    return {
        "accuracy": Figure("replicas", tuple(accuracy), (), {**evaluated, "curve": _json(curve)}),
        "solved_fraction": Figure("proportion", tuple(float(value == 1.0) for value in accuracy), (), evaluated),
        "steps_to_solve": Figure("censored", _first_solved(curve), (), {"resolution": training.log_interval}),
        "final_loss": Figure("replicas", tuple(map(_finite, final_loss)), (), evaluated),
    }


def _first_solved(curve: LearningCurve) -> tuple[float | None, ...]:
    """Return for each replica the first point of the curve at which it answers everything right."""
    return tuple(
        next((float(at) for at, accuracy in zip(curve.iterations, values, strict=True) if accuracy == 1.0), None)
        for values in zip(*curve.accuracy, strict=True)
    )


def _json(curve: LearningCurve) -> dict[str, Any]:
    return {
        "iterations": curve.iterations,
        "loss": [list(map(_finite, values)) for values in curve.loss],
        "absolute_error": [list(map(_finite, values)) for values in curve.absolute_error],
        "accuracy": curve.accuracy,
    }


def _finite(value: float) -> float | None:
    """Return None for what JSON cannot hold: a diverged replica."""
    return value if math.isfinite(value) else None
