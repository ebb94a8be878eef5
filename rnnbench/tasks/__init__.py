"""The tasks a suite can name. Adding one is adding a file and a line here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from rnnbench.choice import by_name
from rnnbench.tasks.base import EVALUATION_LIMIT, EvaluationSet, Examples, Task
from rnnbench.tasks.binary_addition import BinaryAddition

TASKS: tuple[type[Task], ...] = (BinaryAddition,)

TaskField = Annotated[Annotated[BinaryAddition, Tag(BinaryAddition.kind)], by_name]
"""The type of a suite's ``task``."""

__all__ = ["EVALUATION_LIMIT", "TASKS", "BinaryAddition", "EvaluationSet", "Examples", "Task", "TaskField"]
