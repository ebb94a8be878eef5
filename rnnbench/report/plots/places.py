"""Where names stand: beside their points, never over each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_STEEP = math.radians(80)
"""A text that is turned further is not read."""
_OFF = 3.5
"""Between a line and the text on it."""


class Placed(NamedTuple):
    """Where a text starts, by how many degrees it is turned, and what it covers."""

    x: float
    y: float
    angle: float
    boxes: list[Box]


_NARROW, _WIDE = set("fijlrt()[].,:;'|! "), set("mwMW%")


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is in the widest of the usual sans-serif faces."""
    return size * sum(0.36 if letter in _NARROW else 0.92 if letter in _WIDE else 0.62 for letter in text)


def shortened(text: str, longest: int) -> str:
    """Return the text, cut in the middle where it is longer."""
    if len(text) <= longest:
        return text
    head = (longest - 1 + 1) // 2
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"


def wrapped(text: str, size: float, room: float) -> list[str]:
    """Return the text in lines at most about ``room`` wide; a word that is wider is cut in the middle."""
    lines: list[str] = []
    for word in text.split():
        fitting = word
        while text_width(fitting, size) > room and len(fitting) > 1:
            fitting = shortened(word, len(fitting) - 1)
        joined = f"{lines[-1]} {fitting}" if lines else fitting
        if lines and text_width(joined, size) <= room:
            lines[-1] = joined
        else:
            lines.append(fitting)
    return lines


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places near the wanted ones, in the same order, at least ``gap`` apart and within the ends if they fit."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    placed = [0.0] * len(wanted)
    least = low
    for index in order:
        placed[index] = max(wanted[index], least)
        least = placed[index] + gap
    most = high
    for index in reversed(order):
        placed[index] = min(placed[index], most)
        most = placed[index] - gap
    return placed


def beside(
    anchor: tuple[float, float],
    width: float,
    size: float,
    taken: list[Box],
    area: Box,
    gaps: Sequence[float] = (7.0, 15.0, 27.0),
) -> Box | None:
    """Return a box for a text near a point that meets none of ``taken`` and stays in the area, or None."""
    return next((box for box in around(anchor, width, size, gaps) if free(box, taken, area)), None)


def around(anchor: tuple[float, float], width: float, size: float, gaps: Sequence[float]) -> Iterator[Box]:
    """Yield the boxes in which a text near a point may stand, the preferred ones first."""
    x, y = anchor
    for gap in gaps:
        right, left, above, below = x + gap, x - gap - width, y - gap - size, y + gap
        beside_it = [(right, y - size / 2), (left, y - size / 2), (x - width / 2, above), (x - width / 2, below)]
        for at, top in (*beside_it, (right, above), (left, above), (right, below), (left, below)):
            yield at, top, at + width, top + size


def free(box: Box, taken: Sequence[Box], area: Box) -> bool:
    """Return whether a box lies in the area and meets none of ``taken``."""
    return _within(box, area) and not any(_meet(box, other) for other in taken)


def on_line(
    places: Sequence[tuple[float, float]], width: float, size: float, taken: list[Box], area: Box
) -> Placed | None:
    """Return where a text stands on a line, turned as its longest piece goes, or beside it where that is steep.

    It meets none of ``taken`` and stays in the area; None where there is no room.
    """
    for (x0, y0), (x1, y1) in sorted(pairwise(places), key=lambda piece: -math.dist(*piece)):
        length, angle = math.dist((x0, y0), (x1, y1)), math.atan2(y1 - y0, x1 - x0)
        if abs(angle) <= _STEEP and width <= length:
            along_it, across_it = (math.cos(angle), math.sin(angle)), (math.sin(angle), -math.cos(angle))
            for share in (0.5, 0.25, 0.75, 0.0, 1.0):
                start = share * (length - width)
                for off in (_OFF, -_OFF - 0.75 * size):  # the baseline: above the line, or below it
                    x = x0 + start * along_it[0] + off * across_it[0]
                    y = y0 + start * along_it[1] + off * across_it[1]
                    middle = (x + size * 0.35 * across_it[0], y + size * 0.35 * across_it[1])
                    boxes = _row_of_boxes(middle, along_it, width, size)
                    if all(free(box, taken, area) for box in boxes):
                        return Placed(x, y, math.degrees(angle), boxes)
    for (x0, y0), (x1, y1) in reversed(list(pairwise(places))):
        for share in (0.5, 0.25, 0.75, 0.0, 1.0):
            box = beside((x0 + share * (x1 - x0), y0 + share * (y1 - y0)), width, size, taken, area, (7.0, 15.0))
            if box is not None:
                return Placed(box[0], box[3] - 2, 0.0, [box])
    return None


def _row_of_boxes(start: tuple[float, float], along_it: tuple[float, float], width: float, size: float) -> list[Box]:
    """Return boxes that cover a turned text, from the middle of its first letter on."""
    half = 0.36 * size
    steps = max(1, math.ceil(width / half))
    at = [
        (start[0] + width * k / steps * along_it[0], start[1] + width * k / steps * along_it[1])
        for k in range(steps + 1)
    ]
    return [(x - half, y - half, x + half, y + half) for x, y in at]


def along(places: Sequence[tuple[float, float]], apart: float = 4.0) -> list[Box]:
    """Return small boxes along a line, at most about so far apart, so that names keep off it."""
    boxes = []
    for (x0, y0), (x1, y1) in pairwise(places):
        steps = max(1, int(max(abs(x1 - x0), abs(y1 - y0)) / apart))
        for step in range(steps + 1):
            x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
            boxes.append((x - 1, y - 1, x + 1, y + 1))
    return boxes


def _within(box: Box, area: Box) -> bool:
    return box[0] >= area[0] and box[1] >= area[1] and box[2] <= area[2] and box[3] <= area[3]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
