"""What all plots of a document share: its cases along one axis, their labels and colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from rnnbench.analysis.contrast import Case, Contrast, contrast_of, grouped
from rnnbench.report.plots.palette import Slots
from rnnbench.report.printable import printable
from rnnbench.results.document import Results

MOST_LINES = 8
"""Lines in one plot: more have no colour of their own, and nobody reads them."""

Line = TypeVar("Line")


def parted(lines: Mapping[str, Line]) -> Iterator[dict[str, Line]]:
    """Yield the lines in as many parts as it takes to draw at most :data:`MOST_LINES` at once."""
    labels = list(lines)
    for start in range(0, len(labels), MOST_LINES):
        yield {label: lines[label] for label in labels[start : start + MOST_LINES]}


@dataclass(frozen=True)
class Setting:
    """A document to be drawn.

    Attributes
    ----------
    contrast
        What its suite contrasts; where it contrasts nothing, connectivities with ``dense``.
    """

    results: Results
    contrast: Contrast
    slots: Slots = field(default_factory=Slots)

    @classmethod
    def of(cls, results: Results) -> Setting:
        """Return the setting of a document; colours go to the contrasted values first."""
        contrast = contrast_of(results.data) or grouped(results.cases, "connectivity", "dense")
        made = cls(results, contrast)
        for group in contrast.groups:
            for label in group.cases:
                made.slots.of(label)
        return made

    def value(self, case: Case) -> str:
        """Return a case's value on the contrast's axis, or its name where it has none."""
        return self._values.get(case["id"], printable(case["name"]))

    def label(self, case: Case) -> str:
        """Return a case's value on the contrast's axis, or its name where that alone does not tell it apart."""
        return self.value(case) if len(self.contrast.groups) == 1 else printable(case["name"])

    @cached_property
    def _values(self) -> dict[str, str]:
        return {case["id"]: printable(label) for group in self.contrast.groups for label, case in group.cases.items()}

    def slot(self, label: str) -> int:
        """Return the slot of a label."""
        return self.slots.of(label)
