"""What a check of the machine found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One fact about the machine that bears on timings.

    Attributes
    ----------
    subject
        What was looked at: ``load``.
    found
        What it is, for people.
    advice
        What to do about it; None where it disturbs nothing.
    """

    subject: str
    found: str
    advice: str | None = None
