"""The tasks a suite can name. Adding one is adding a file and a line here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from rnnbench.choice import by_name
from rnnbench.tasks.adding import Adding
from rnnbench.tasks.base import EVALUATION_LIMIT, EvaluationSet, Examples, Task
from rnnbench.tasks.binary_addition import BinaryAddition
from rnnbench.tasks.copying import Copying
from rnnbench.tasks.modular_counting import ModularCounting
from rnnbench.tasks.parity import Parity
from rnnbench.tasks.permutation import Permutation
from rnnbench.tasks.temporal_order import TemporalOrder
from rnnbench.tasks.text import FOLDER, Text

TASKS: tuple[type[Task], ...] = (
    BinaryAddition,
    Adding,
    Copying,
    TemporalOrder,
    Parity,
    ModularCounting,
    Permutation,
    Text,
)

TaskField = Annotated[
    Annotated[BinaryAddition, Tag(BinaryAddition.kind)]
    | Annotated[Adding, Tag(Adding.kind)]
    | Annotated[Copying, Tag(Copying.kind)]
    | Annotated[TemporalOrder, Tag(TemporalOrder.kind)]
    | Annotated[Parity, Tag(Parity.kind)]
    | Annotated[ModularCounting, Tag(ModularCounting.kind)]
    | Annotated[Permutation, Tag(Permutation.kind)]
    | Annotated[Text, Tag(Text.kind)],
    by_name,
]
"""The type of a suite's ``task``."""

__all__ = [
    "EVALUATION_LIMIT",
    "FOLDER",
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
