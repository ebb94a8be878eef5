"""The longest sequence of a task that is learnt, and how far gradients reach in what was trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rnnbench.measure.gradient_limit import gradient_limit
from rnnbench.measure.task_search import TaskSearch, Trial
from rnnbench.measure.training import Learnt, first_solved, learn
from rnnbench.models.network import Network, build
from rnnbench.results.figure import Figure
from rnnbench.suite.schema import MaxLength, Parameters, Training

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

_EXPECTED_TRIALS = 6


def task_limit(parameters: Parameters, settings: MaxLength, start: Learnt, progress: Progress) -> Figure:
    """Return ``max_length_task``: the longest T that the stated share of replicas learns within the budget of updates.

    A replica has learnt a length when it solves the task at a point of its learning curve.

    Parameters
    ----------
    start
        What was learnt at the task's own length, where the search starts.
    """
    task, training = parameters.task, settings.training
    assert task is not None  # noqa: S101 - checked with the suite
    assert training is not None  # noqa: S101 - checked with the suite
    own: int = getattr(task, task.length_option)

    def attempt(length: int) -> Trial | None:
        try:
            at_length = parameters.model_copy(update={"task": task.at_length(length)})
        except ValueError:
            return None
        learnt = start
        if length != own:
            learnt = train(at_length, training, lambda *_: _tell(progress, len(search.trials), length))
        assert at_length.task is not None  # noqa: S101 - tells the type checker
        reached = first_solved(learnt.curve, at_length.task)
        solved = sum(point is not None for point in reached)
        enough = solved >= settings.learnt_by * len(reached)
        return Trial(length, at_length.task.time_steps, solved, len(reached), enough)

    search = TaskSearch(own, max(own, settings.longest_learnt), attempt)
    search.run()
    return _figure(search, settings)


def train(parameters: Parameters, training: Training, progress: Progress) -> Learnt:
    """Train at the task's length, until every replica has solved it or the budget of updates is spent."""
    return learn(parameters, training, progress, until_solved=True)


def _tell(progress: Progress, done: int, length: int) -> None:
    progress(done, max(done + 1, _EXPECTED_TRIALS), f"learning at length {length:,}")


def _figure(search: TaskSearch, settings: MaxLength) -> Figure:
    assert settings.training is not None  # noqa: S101 - checked with the suite
    details = {
        "learnt": search.learnt and search.learnt.length,
        "missed": search.missed and search.missed.length,
        "updates": settings.training.iterations,
        "learnt_by": settings.learnt_by,
        "trials": [trial._asdict() for trial in search.trials],
    }
    if search.learnt is None:
        return Figure("trials", (0.0,), ("nothing_learnt",), details)
    flags = ("longest_learnt_tried",) if search.missed is None else ()
    return Figure("trials", (float(search.learnt.time_steps),), flags, details)


def trained_reach(parameters: Parameters, learnt: Learnt) -> Figure:
    """Return ``max_length_gradient_trained``: how far gradients reach in each trained replica."""
    figure = gradient_limit(_replicas(parameters, learnt), parameters)
    task = parameters.task
    assert task is not None  # noqa: S101 - checked with the suite
    details = {**figure.details, "trained_at": task.time_steps, "updates": learnt.curve.iterations[-1]}
    return Figure(figure.form, figure.values, figure.flags, details)


def _replicas(parameters: Parameters, learnt: Learnt) -> Iterator[Network]:
    """Yield each replica as a network of its own."""
    for replica in range(len(learnt.curve.accuracy[-1])):
        weights = learnt.network.weights_of(replica)
        steps, batch = parameters.time_steps, parameters.batch
        device = str(learnt.network.readout.device)
        yield build(parameters, weights, device=device, time_steps=steps, batch=batch, scope="recurrence")
