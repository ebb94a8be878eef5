"""What is wrong with a suite, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from rnnbench.errors import RnnbenchError
from rnnbench.words import printable

T = TypeVar("T")
Path = tuple[str | int, ...]
"""Keys and list indices that lead to a value: ``("matrix", "connectivity", 2, "banded", "lower")``."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something is written: in a file (lines and columns count from 1), or in an option (without them)."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        source = printable(self.source, longest=300)
        return f"{source}:{self.line}:{self.column}" if self.line else source


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to put right."""

    place: Place
    message: str
    path: Path = ()

    def __str__(self) -> str:
        return f"{self.place} {written(self.path)}: {self.message}" if self.path else f"{self.place}: {self.message}"


class SuiteError(RnnbenchError):
    """All problems of one or several suites, one line each, by position, then their number."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: (problem.place, str(problem))))
        lines = [str(problem) for problem in self.problems]
        if len(lines) > 1:
            sources = Counter(problem.place.source for problem in self.problems)
            lines.append(f"{len(self.problems)} problems in {', '.join(printable(source, 300) for source in sources)}")
        super().__init__("\n".join(lines))


def gather(reads: Iterable[Callable[[], T]]) -> list[T]:
    """Return what each of ``reads`` returns, or raise all problems of all of them at once.

    Raises
    ------
    SuiteError
        At least one of them raised it.
    """
    found: list[T] = []
    problems: list[Problem] = []
    for read in reads:
        try:
            found.append(read())
        except SuiteError as error:
            problems += error.problems
    if problems:
        raise SuiteError(problems)
    return found


def written(path: Path) -> str:
    """Return a path as people write it: ``matrix.connectivity[2].banded.lower``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{printable(part)}" if text else printable(part)
    return text
