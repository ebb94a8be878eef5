"""The answer of a document in one line: the question it asks, the answer, what that costs, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

LEARNING = "what is learnt"
REACH = "how far back it looks"
SPEED = "how fast it is"


@dataclass(frozen=True)
class Line:
    """The answer of one document.

    Attributes
    ----------
    question
        :data:`LEARNING`, :data:`REACH` or :data:`SPEED`.
    text
        The answer, a sentence.
    cost
        What it costs, or saves, a sentence; may be empty.
    sure
        How sure that is: seeds or launches, intervals, tests.
    takes
        The connectivities that are shown to be the answer; none where it is not of connectivities, where settings
        differ, or where they are not told apart.
    necessary
        Whether full connectivity is necessary for it: ``to learn adding(50), yes: tridiagonal does worse``; empty where
        dense was not held against others.
    """

    question: str
    text: str
    cost: str
    sure: str
    takes: tuple[str, ...]
    necessary: str = ""

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Line:
        """Return what :meth:`to_json` gave, without what only a newer version knows."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        return cls(**{**known, "takes": tuple(data["takes"])})

    def to_json(self) -> dict[str, Any]:
        """Return it as a document keeps it."""
        return {**asdict(self), "takes": list(self.takes)}
