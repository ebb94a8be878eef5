"""What a gate says for people, besides its lines: the same for tables, Markdown and whichever gate it is."""

from __future__ import annotations

from dataclasses import dataclass

from rnnbench.analysis.gate import Gate
from rnnbench.analysis.gate_line import Line
from rnnbench.report.gate_words import notes
from rnnbench.report.pairing_header import pairing_lines


@dataclass(frozen=True)
class Account:
    """What is told of a gate.

    Attributes
    ----------
    lines
        One per metric and case.
    header
        What was held against what.
    differences
        What else differs between the two.
    notes
        What would decide the open lines, and the error rate.
    """

    lines: tuple[Line, ...]
    header: tuple[str, ...]
    differences: tuple[str, ...]
    notes: tuple[str, ...]


def stored_account(gate: Gate) -> Account:
    """Return what is told of a gate on two stored runs."""
    differences = tuple(str(difference) for difference in gate.differences)
    return Account(gate.lines, tuple(pairing_lines([gate.pairing])), differences, tuple(notes(gate)))
