"""A gate as JUnit XML: a suite per metric, a test per case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rnnbench.analysis.gate_line import Line, Outcome
from rnnbench.report.gate_words import line_text
from rnnbench.report.junit import Test, junit_xml


def to_junit(lines: Sequence[Line]) -> str:
    """Return the gate as XML: REGRESSED fails, MISSING is an error, what is open or only advice is skipped."""
    return junit_xml("rnnbench gate", [Test(line.metric, line.name, line_text(line), _end(line)) for line in lines])


def _end(line: Line) -> Literal["failure", "error", "skipped"] | None:
    if line.failing:
        return "failure"
    if line.outcome is Outcome.MISSING:
        return "error"
    return "skipped" if line.outcome in (Outcome.INCONCLUSIVE, Outcome.REGRESSED) else None
