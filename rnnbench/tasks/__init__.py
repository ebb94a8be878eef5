"""The tasks a suite can name. Adding one is adding a file and a line here; plug-ins add others."""

from __future__ import annotations

from typing import Annotated

from rnnbench.catalogue import Catalogue
from rnnbench.tasks.adding import Adding
from rnnbench.tasks.base import EVALUATION_LIMIT, EvaluationSet, Examples, Task
from rnnbench.tasks.binary_addition import BinaryAddition
from rnnbench.tasks.copying import Copying
from rnnbench.tasks.modular_counting import ModularCounting
from rnnbench.tasks.parity import Parity
from rnnbench.tasks.permutation import Permutation
from rnnbench.tasks.temporal_order import TemporalOrder
from rnnbench.tasks.text import Text

TASKS: Catalogue[Task] = Catalogue(
    "task",
    BinaryAddition,
    Adding,
    Copying,
    TemporalOrder,
    Parity,
    ModularCounting,
    Permutation,
    Text,
)

TaskField = Annotated[Task, TASKS]
"""The type of a suite's ``task``."""

__all__ = [
    "EVALUATION_LIMIT",
    "TASKS",
    "Adding",
    "BinaryAddition",
    "Copying",
    "EvaluationSet",
    "Examples",
    "ModularCounting",
    "Parity",
    "Permutation",
    "Task",
    "TaskField",
    "TemporalOrder",
    "Text",
]
