"""Ratios with their intervals as a plot of characters: one line a case, 1 in the middle, logarithmic.

What such plots are called since Lewis & Clarke, "Forest plots: trying to see the wood and the trees", BMJ 322 (2001).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rnnbench.analysis.statistics import Interval

NARROWEST, WIDEST = 13, 41
"""Characters; an odd number has a middle."""
_LEAST, _MOST = 1.06, 2.0
"""Factors that the ends stand for, at least and at most; what is beyond has an arrow."""


@dataclass(frozen=True)
class Signs:
    """The characters of a plot."""

    one: str
    margin: str
    line: str
    point: str
    left: str
    right: str


UNICODE = Signs("│", "┊", "─", "●", "◀", "▶")
ASCII = Signs("|", ":", "-", "o", "<", ">")


@dataclass(frozen=True)
class Forest:
    """A scale from 1 / ``end`` to ``end`` over ``width`` characters; ``margin`` is marked on both sides of 1."""

    end: float
    width: int
    margin: float
    signs: Signs

    @classmethod
    def of(cls, ratios: Iterable[Interval | float | None], room: int, margin: float, ascii_only: bool) -> Forest | None:
        """Return a scale that fits the ratios and intervals, or None where there is too little room or nothing."""
        logs = [abs(math.log(end)) for ratio in ratios if ratio for end in _ends(ratio)]
        width = min(room, WIDEST)
        width -= 1 - width % 2
        if not logs or width < NARROWEST:
            return None
        end = min(max(math.exp(1.05 * max(logs)), _LEAST, 1.3 * margin + 1), _MOST)
        return cls(end, width, margin, ASCII if ascii_only else UNICODE)

    def header(self) -> str:
        """Return the ends of the scale and its middle: ``0.80x     1x     1.25x``."""
        low, high = f"{1 / self.end:.2f}x", f"{self.end:.2f}x"
        middle = self.width // 2
        return f"{low:<{middle}}1{high:>{self.width - middle - 1}}"

    def line(self, ratio: float | None, interval: Interval | None) -> str:
        """Return one case; without a ratio, only the axis."""
        drawn = [" "] * self.width
        if ratio is not None:
            low, high = interval or (ratio, ratio)
            for column in range(self._column(low), self._column(high) + 1):
                drawn[column] = self.signs.line
        for factor in (1 / (1 + self.margin), 1 + self.margin):
            self._mark(drawn, self._column(factor), self.signs.margin)
        self._mark(drawn, self._column(1.0), self.signs.one)
        if ratio is not None:
            low, high = interval or (ratio, ratio)
            drawn[self._column(ratio)] = self.signs.point
            if low < 1 / self.end * 0.999:
                drawn[0] = self.signs.left
            if high > self.end * 1.001:
                drawn[-1] = self.signs.right
        return "".join(drawn)

    def _mark(self, drawn: list[str], column: int, sign: str) -> None:
        if drawn[column] == " ":
            drawn[column] = sign

    def _column(self, ratio: float) -> int:
        middle = self.width // 2
        place = middle + round(math.log(ratio) / math.log(self.end) * middle)
        return min(max(place, 0), self.width - 1)


def _ends(ratio: Interval | float) -> Sequence[float]:
    return (ratio,) if isinstance(ratio, (int, float)) else ratio
