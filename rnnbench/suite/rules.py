"""Rules across the parameters of one case, which no single value can break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rnnbench.suite.demo import demo_violations
from rnnbench.suite.schema import Measure, Parameters


class Violation(NamedTuple):
    """A broken rule."""

    keys: tuple[str, ...]
    """The parameters that break it together, the one to look at first before the others."""
    message: str


def violations(parameters: Parameters, measure: Measure) -> Iterator[Violation]:
    """Yield every rule that a case breaks."""
    try:
        parameters.connectivity.check(parameters.hidden)
    except ValueError as error:
        yield Violation(("connectivity", "hidden"), str(error))
    training = measure.training
    if training is None:
        return
    task = parameters.task
    if task is None:
        yield Violation(
            ("task", "training"), "training needs a task: add one to defaults, such as `task: binary_addition`"
        )
    elif parameters.input not in (None, task.input_size):
        message = (
            f"input size {parameters.input} is not that of the task: {task.kind} has {task.input_size}, remove 'input'"
        )
        yield Violation(("input", "task"), message)
    if training.protocol == "demo":
        for key, remedy in demo_violations(parameters, training):
            if key != "task" or task is not None:
                yield Violation((key, "training.protocol"), f"`training.protocol: demo` needs {remedy}")
