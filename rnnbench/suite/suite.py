"""A suite: validated, resolved into cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rnnbench.suite.case import Case
from rnnbench.suite.naming import label_of, names
from rnnbench.suite.schema import Contrast, Measure
from rnnbench.suite.select import select_names

_QUICK_LAUNCHES = 3
_QUICK_ITERATIONS = 10
"""Divides the iterations of training."""
_QUICK_SECONDS = 4
"""Divides the time cap of a timing."""


@dataclass(frozen=True)
class Suite:
    """One suite file under the command line's overrides.

    Attributes
    ----------
    name, description
        As written.
    path
        The file, as it was named.
    sha256
        Of the file's bytes.
    contrast
        What the findings speak of, if anything. The baseline is JSON data in the form of :meth:`Case.resolved`.
    cases
        In the order of the matrix.
    axes
        The labels of the values that the cases have, by axis: first the axes of the matrix, then the keys that only
        ``include`` entries set.
    resolved
        JSON data: version, name, measure, contrast and the matrix after overrides, with every value validated. Two
        suites ask for the same if these are equal.
    named_by
        The axes that every name tells; the others only where names would be the same.
    """

    name: str
    path: str
    sha256: str
    description: str
    contrast: Contrast | None
    cases: tuple[Case, ...]
    axes: dict[str, list[str]]
    resolved: dict[str, Any]
    named_by: tuple[str, ...]

    def select(self, expression: str) -> Suite:
        """Return this suite with the cases whose names ``expression`` selects (``-k``).

        Raises
        ------
        RnnbenchError
            The expression is malformed, or selects nothing.
        """
        selected = select_names(expression, [case.name for case in self.cases], self.path)
        return self._with_cases([case for case in self.cases if case.name in selected])

    def quick(self) -> Suite:
        """Return a shortened suite, to try it out: 3 launches, a tenth of the iterations, a quarter of the time cap.

        Fewer iterations make other cases: names and ids change with them; cases that become the same are one.
        """
        shortened = {case.id: case for case in (replace(case, measure=_quick(case.measure)) for case in self.cases)}
        cases = list(shortened.values())
        others = [key for key in self.axes if key not in self.named_by]
        named = names([(case.written, case.measure) for case in cases], self.named_by, others)
        renamed = [replace(case, name=name) for case, name in zip(cases, named, strict=True)]
        return replace(self._with_cases(renamed), resolved={**self.resolved, "quick": True})

    def _with_cases(self, cases: Sequence[Case]) -> Suite:
        return replace(self, cases=tuple(cases), axes=labels(self.axes, cases))


def labels(keys: Sequence[str] | dict[str, list[str]], cases: Sequence[Case]) -> dict[str, list[str]]:
    """Return the labels of the values that ``cases`` have for each key, each label once."""
    return {key: list(dict.fromkeys(label_of(key, (case.written, case.measure)) for case in cases)) for key in keys}


def _quick(measure: Measure) -> Measure:
    training, throughput = measure.training, measure.throughput
    if training is not None:
        training = training.model_copy(update={"iterations": max(1, training.iterations // _QUICK_ITERATIONS)})
    if throughput is not None:
        update = {
            "launches": min(_QUICK_LAUNCHES, throughput.launches),
            "max_seconds": throughput.max_seconds / _QUICK_SECONDS,
        }
        throughput = throughput.model_copy(update=update)
    return measure.model_copy(update={"training": training, "throughput": throughput})
