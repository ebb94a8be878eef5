"""Measurement ``training``: what R replicas of a case learn of its task.

Replicas share tensors but nothing else: each has its own weights, data and loss, its gradient is bounded by itself, and
the optimizers offered update every weight from its own history, so that a replica learns exactly what it would alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from rnnbench.measure.demo_protocol import DemoStream
from rnnbench.measure.learn import learner
from rnnbench.measure.protocol import ReplicaStream, StandardStream, batches, tensor
from rnnbench.measure.training_threads import training_threads
from rnnbench.measure.update import Update
from rnnbench.measure.verify import verify
from rnnbench.models.device import resolve
from rnnbench.models.network import Network, build
from rnnbench.models.weights import stack
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case
from rnnbench.suite.schema import Parameters, Training
from rnnbench.tasks import EVALUATION_LIMIT, EvaluationSet, Task

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

EVALUATION_SEED = 210_111
"""The random examples are the same for every case, seed and replica."""
EVALUATION_NUMBERS = 1 << 22
"""How many gates (inputs, answers, if these are wider) are computed at once: few enough to stay in a third cache, many
enough that calls cost little. It also bounds the memory of an evaluation."""


@dataclass
class LearningCurve:
    """Points taken before the update of an iteration (and one after the last), for each replica."""

    iterations: list[int] = field(default_factory=list)
    loss: list[list[float]] = field(default_factory=list)
    """Loss on the training batch about to be learnt from, mean over its sequences."""
    absolute_error: list[list[float]] = field(default_factory=list)
    """:meth:`Task.absolute_error` on that batch, mean over its sequences: the demo's figure; empty where answers are
    classes."""
    accuracy: list[list[float]] = field(default_factory=list)
    """Share of the evaluation set answered right, as the task counts."""
    evaluation_loss: list[list[float]] = field(default_factory=list)
    """Loss on the evaluation set, mean over its sequences."""

    def evaluated(self, iteration: int, losses: list[float], accuracies: list[float]) -> None:
        """Add what an evaluation before the update of an iteration found."""
        self.iterations.append(iteration)
        self.evaluation_loss.append(losses)
        self.accuracy.append(accuracies)


class Learnt(NamedTuple):
    """Replicas after training."""

    network: Network
    curve: LearningCurve
    evaluation: EvaluationSet
    """What the curve's accuracies and losses are of."""
    agreement: dict[str, Any]
    """Of the kernel with the reference."""
    threads: int
    """That trained and evaluated."""


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
    learnt = learn(case.parameters, training, progress)
    figures = _figures(learnt, task, training)
    return Observation(figures, learnt.network.first_layer().selection.to_json(), learnt.agreement)


def learn(parameters: Parameters, training: Training, progress: Progress, *, until_solved: bool = False) -> Learnt:
    """Train the replicas of a model that has a task, and evaluate them.

    Parameters
    ----------
    until_solved
        Whether to stop at the first point of the learning curve by which every replica has solved the task once.

    Raises
    ------
    CaseFailure
        The kernel disagrees with the reference.
    """
    task = parameters.task
    assert task is not None  # noqa: S101 - checked with the suite
    with training_threads(parameters, training) as threads:
        network, streams = untrained(parameters, training)
        agreement = verify(network.first_layer())
        evaluation = task.evaluation_set(EVALUATION_LIMIT, np.random.default_rng(EVALUATION_SEED))
        curve = LearningCurve()
        for iteration in _train(network, streams, task, training, curve, progress):
            curve.evaluated(iteration, *_evaluate(network, task, evaluation, training.replicas))
            if until_solved and None not in first_solved(curve, task):
                break
    return Learnt(network, curve, evaluation, agreement, threads)


def untrained(parameters: Parameters, training: Training) -> tuple[Network, list[ReplicaStream]]:
    """Return (the replicas of a model that has a task as they start, what each of them draws its sequences from)."""
    streams = _streams(parameters, training)
    network = build(
        parameters,
        stack([stream.initial_weights() for stream in streams]),
        device=resolve(parameters.device),
        time_steps=parameters.sequence_steps,
        batch=training.batch,
        replicas=training.replicas,
    )
    return network, streams


def _streams(parameters: Parameters, training: Training) -> list[ReplicaStream]:
    if training.protocol == "demo":
        return [DemoStream(parameters, replica) for replica in range(training.replicas)]
    return [StandardStream(parameters, training, replica) for replica in range(training.replicas)]


def _train(
    network: Network,
    streams: list[ReplicaStream],
    task: Task,
    training: Training,
    curve: LearningCurve,
    progress: Progress,
) -> Iterator[int]:
    """Train, and yield the number of updates made wherever an evaluation is due: before the next, and after the last.

    The losses on the batch about to be learnt from are in ``curve`` by then, but after the last update.
    """
    update = Update(network, training, task.time_steps)
    go_backward = learner(network, task)
    drawn = batches(streams, training, network.readout)
    for iteration, (x, target) in enumerate(itertools.islice(drawn, training.iterations)):
        readout = go_backward(x, target)
        if iteration % training.log_interval == 0:
            progress(iteration, training.iterations, "training")
            curve.loss.append(task.loss(readout, target).mean(dim=-1).tolist())
            errors = task.absolute_error(readout, target)
            if errors is not None:
                curve.absolute_error.append(errors.mean(dim=-1).tolist())
            yield iteration
        update.step(iteration)
    yield training.iterations


def _evaluate(
    network: Network, task: Task, evaluation: EvaluationSet, replicas: int
) -> tuple[list[float], list[float]]:
    """Return (mean loss, share answered right) of each replica on the evaluation set."""
    inputs, targets = evaluation.examples
    count = inputs.shape[1]
    widest = max(network.first_layer().input_weight.shape[-2], task.input_size, task.output_size)
    width = max(1, EVALUATION_NUMBERS // (replicas * widest * task.time_steps))
    loss = torch.zeros(replicas, dtype=torch.float64)
    right = torch.zeros(replicas, dtype=torch.float64)
    with torch.inference_mode():
        for first in range(0, count, width):
            x = tensor(inputs[:, first : first + width], network.readout).unsqueeze(1)
            target = tensor(targets[:, first : first + width], network.readout).unsqueeze(1)
            readout = network(x.expand(-1, replicas, -1, -1))
            loss += task.loss(readout, target).sum(dim=-1).cpu().double()
            right += task.correct(readout, target).sum(dim=-1).cpu().double()
    return (loss / count).tolist(), (right / count).tolist()


def _figures(learnt: Learnt, task: Task, training: Training) -> dict[str, Figure]:
    curve, evaluation = learnt.curve, learnt.evaluation
    accuracy, loss = curve.accuracy[-1], curve.evaluation_loss[-1]
    solved = [float(task.solved(*figures)) for figures in zip(loss, accuracy, strict=True)]
    evaluated = {"examples": evaluation.examples.inputs.shape[1], "exhaustive": evaluation.exhaustive}
    rule = {**evaluated, "rule": task.success_rule}
    judged = {
        "meaning": task.loss_meaning,
        "judged_by": task.judged_by,
        "baseline": task.baseline_loss(),
        "beats_baseline": [task.beats_baseline(value) for value in loss],
    }
    return {
        "accuracy": Figure(
            "replicas",
            tuple(accuracy),
            (),
            {**evaluated, "meaning": task.accuracy_meaning, "threads": learnt.threads, "curve": _json(curve)},
        ),
        "solved_fraction": Figure("proportion", tuple(solved), (), rule),
        "steps_to_solve": Figure("censored", first_solved(curve, task), (), {"resolution": training.log_interval}),
        "final_loss": Figure("replicas", tuple(map(_finite, loss)), (), {**evaluated, **judged}),
    }


def first_solved(curve: LearningCurve, task: Task) -> tuple[float | None, ...]:
    """Return for each replica the first point of the curve at which it has solved the task."""
    points = list(zip(curve.iterations, curve.evaluation_loss, curve.accuracy, strict=True))
    return tuple(
        next((float(at) for at, loss, accuracy in points if task.solved(loss[replica], accuracy[replica])), None)
        for replica in range(len(curve.accuracy[-1]))
    )


def _json(curve: LearningCurve) -> dict[str, Any]:
    said: dict[str, Any] = {"iterations": curve.iterations, "loss": _finite_all(curve.loss)}
    if curve.absolute_error:
        said["absolute_error"] = _finite_all(curve.absolute_error)
    return {**said, "accuracy": curve.accuracy, "evaluation_loss": _finite_all(curve.evaluation_loss)}


def _finite_all(points: list[list[float]]) -> list[list[float | None]]:
    return [list(map(_finite, values)) for values in points]


def _finite(value: float) -> float | None:
    """Return None for what JSON cannot hold: a diverged replica."""
    return value if math.isfinite(value) else None
