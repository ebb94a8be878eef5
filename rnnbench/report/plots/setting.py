"""What all plots of a document share: its cases along one axis, their labels and colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from rnnbench.analysis.contrast import Case, Contrast, contrast_of, grouped
from rnnbench.report.plots.palette import Slots, variant
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
        return cls(results, contrast, Slots(printable(label) for group in contrast.groups for label in group.cases))

    def value(self, case: Case) -> str:
        """Return a case's value on the contrast's axis, or its name where it has none."""
        return self._values.get(case["id"], printable(case["name"]))

    def short_names(self, cases: Sequence[Case]) -> dict[str, str]:
        """Return by id what tells the cases apart beside their values on the contrast's axis; that value if nothing.

        Names are cut at their slashes; parts that all have, or that say the value, are left out.
        """
        names = {case["id"]: printable(case["name"]).split("/") for case in cases}
        shared = set.intersection(*map(set, names.values())) if len(names) > 1 else set()
        axis = self.contrast.axis.rpartition(".")[2]
        short = {}
        for case in cases:
            value = self.value(case)
            parts = [part for part in names[case["id"]] if part not in {*shared, value, f"{axis}={value}"}]
            short[case["id"]] = "/".join(parts) or value
        return short

    def full_names(self, cases: Sequence[Case]) -> dict[str, str]:
        """Return by id the names of cases without the parts that all have; whole ones where that tells too little."""
        names = {case["id"]: printable(case["name"]).split("/") for case in cases}
        shared = set.intersection(*map(set, names.values())) if len(names) > 1 else set()
        short = {key: "/".join(part for part in parts if part not in shared) for key, parts in names.items()}
        distinct = len(set(short.values())) == len(short) and all(short.values())
        return short if distinct else {key: "/".join(parts) for key, parts in names.items()}

    @cached_property
    def _values(self) -> dict[str, str]:
        return {case["id"]: printable(label) for group in self.contrast.groups for label, case in group.cases.items()}

    def slot(self, label: str) -> int:
        """Return the slot of a label."""
        return self.slots.of(label)

    def slots_of(self, cases: Sequence[Case]) -> list[int]:
        """Return a slot for each case: the colour of its value on the contrast's axis, with a look of its own."""
        seen: Counter[str] = Counter()
        found = []
        for case in cases:
            value = self.value(case)
            found.append(variant(self.slot(value), seen[value]))
            seen[value] += 1
        return found
