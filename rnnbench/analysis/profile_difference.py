"""What differs between the profiles of two cases: phase by phase and operator by operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One phase or operator in both, in seconds per step; None where one of them has none."""

    name: str
    base: float | None
    new: float | None

    @property
    def change(self) -> float:
        """Seconds that the second takes more."""
        return (self.new or 0.0) - (self.base or 0.0)

    @property
    def ratio(self) -> float | None:
        """Second over first; None where one of them has none."""
        return self.new / self.base if self.base and self.new else None

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        return {"name": self.name, "base": self.base, "new": self.new, "change": self.change, "ratio": self.ratio}


def phase_rows(base: Mapping[str, Any], new: Mapping[str, Any]) -> list[Row]:
    """Return the phases of both profiles, in the order of a step, and the whole step last."""
    rows = _rows(base["phases"], new["phases"], "seconds")
    return [*rows, Row("step", base["step"]["marked_seconds"], new["step"]["marked_seconds"])]


def operator_rows(base: Mapping[str, Any], new: Mapping[str, Any]) -> list[Row]:
    """Return the operators of both, those with the largest change first."""
    return sorted(_rows(base["operators"], new["operators"], "seconds"), key=lambda row: -abs(row.change))


def _rows(base: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], key: str) -> list[Row]:
    """Return rows by name: in the order of the first, what only the second has after what stands before it there."""
    before = {entry["name"]: float(entry[key]) for entry in base}
    after = {entry["name"]: float(entry[key]) for entry in new}
    order = list(before)
    for index, name in enumerate(after):
        if name not in before:
            earlier = [known for known in list(after)[:index] if known in order]
            order.insert(order.index(earlier[-1]) + 1 if earlier else 0, name)
    return [Row(name, before.get(name), after.get(name)) for name in order]
