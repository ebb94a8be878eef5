"""What stands beside the points of a plot: their names, or numbers where names would be in each other's way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rnnbench.report.plots.places import Box, along, around, free, shortened, text_width
from rnnbench.report.plots.plot import Plot

MOST_NAMED = 12
"""Points of a plot that are named."""
_LONGEST = 22
_NAME_GAPS = (7.0, 15.0, 27.0)
_NUMBER_GAPS = (5.0, 8.0, 13.0, 19.0, 26.0, 34.0, 43.0)
_CROWD = 40.0
"""Points nearer than this are in each other's way."""
_LEADS = 10.0
"""A text farther from its point than this has a leader."""
_TURNS = 24
_FINE = 1.5
"""Between the boxes that a leader covers: no other one passes between them."""

Place = tuple[float, float]


class Mark(NamedTuple):
    """A point on paper: where it lies, its name, and the slot of its series."""

    at: Place
    name: str
    slot: int


class Label(NamedTuple):
    """A text beside a mark; ``box`` is None where it found no room, ``leader`` where it needs none."""

    mark: Mark
    text: str
    box: Box | None
    leader: tuple[Place, Place] | None


class Labels(NamedTuple):
    """The labels of a plot; where they are numbers, in their order, and a list has to say the names."""

    of: list[Label]
    numbered: bool


def scattered(plot: Plot) -> bool:
    """Return whether a plot has points alone, and few enough of them to be named."""
    points = sum(len(series.points) for series in plot.series)
    return points <= MOST_NAMED and all(series.style == "points" for series in plot.series)


def labels(
    plot: Plot, marks: Sequence[Sequence[Place]], size: float, taken: list[Box], crossed: list[Box], room: Box
) -> Labels:
    """Return labels that meet neither each other nor ``taken``, and ``crossed`` only where there is no other room.

    ``marks`` is where the points of each series lie, y downward. Where names tell points of one series apart and one of
    them would stand off its point, or find no room, all become numbers, the highest point first: a number has room
    where a name has none. What the labels cover is added to ``taken``.
    """
    named = [
        Mark(at, point.name or series.label, series.slot)
        for series, own in zip(plot.series, marks, strict=True)
        for point, at in zip(series.points, own, strict=True)
    ]
    of_points = any(point.name not in ("", series.label) for series in plot.series for point in series.points)
    texts = [shortened(mark.name, _LONGEST) for mark in named]
    found, covered = _placed(named, texts, _NAME_GAPS, size, taken, crossed, room)
    numbered = of_points and any(label.box is None or label.leader for label in found)
    if numbered:
        named.sort(key=lambda mark: (mark.at[1], mark.at[0]))
        texts = [str(number) for number in range(1, len(named) + 1)]
        found, covered = _placed(named, texts, _NUMBER_GAPS, size, taken, crossed, room)
    taken += covered
    return Labels(found, numbered)


def _placed(
    marks: Sequence[Mark],
    texts: Sequence[str],
    gaps: Sequence[float],
    size: float,
    drawn: list[Box],
    crossed: list[Box],
    room: Box,
) -> tuple[list[Label], list[Box]]:
    """Return a label for each mark, in their order, and what they cover; the most crowded are placed first.

    Where it cannot be helped a text crosses a guide, then a leader a point or an interval, and at last another leader.
    """
    anchors = [mark.at for mark in marks]
    order = sorted(
        range(len(marks)), key=lambda index: -sum(math.dist(anchors[index], other) < _CROWD for other in anchors)
    )
    found: dict[int, Label] = {}
    written: list[Box] = []
    for index in order:
        width = text_width(texts[index], size)
        choices = [*around(anchors[index], width, size, gaps), *_rings(anchors[index], width, size)]
        found[index] = Label(marks[index], texts[index], None, None)
        boxes = [label.box for label in found.values() if label.box]
        for kept_off, led_off in (
            (drawn + crossed + written, drawn + written),
            (drawn + written, drawn + written),
            (drawn + written, written),
            (drawn + boxes, []),
        ):
            chosen = _first(choices, anchors, index, kept_off, led_off, room)
            if chosen:
                box, leader = chosen
                written += [box, *(along(leader, apart=_FINE) if leader else ())]
                found[index] = Label(marks[index], texts[index], box, leader)
                break
    return [found[index] for index in range(len(marks))], written


def _rings(at: Place, width: float, size: float) -> Iterator[Box]:
    """Yield boxes all around a point, the nearest first, for where the usual places are taken."""
    for radius in range(20, 110, 6):
        for turn in range(_TURNS):
            angle = 2 * math.pi * turn / _TURNS
            x, y = at[0] + radius * math.cos(angle), at[1] + radius * math.sin(angle)
            yield x - width / 2, y - size / 2, x + width / 2, y + size / 2


def _first(
    choices: Sequence[Box],
    anchors: Sequence[Place],
    own: int,
    kept_off: list[Box],
    led_off: list[Box],
    room: Box,
) -> tuple[Box, tuple[Place, Place] | None] | None:
    """Return the first choice that meets none of ``kept_off``, and its leader, if it needs one, none of ``led_off``."""
    for box in choices:
        if free(box, kept_off, room):
            leader = _leader(box, anchors, own)
            if leader is None or _clear(leader, led_off, room):
                return box, leader
    return None


def _leader(box: Box, anchors: Sequence[Place], own: int) -> tuple[Place, Place] | None:
    """Return the line from a point to its text, where that is far off or nearer to another point."""
    near = _nearest(box, anchors[own])
    distance = math.dist(near, anchors[own])
    others = (
        math.dist(_nearest(box, other), other)
        for index, other in enumerate(anchors)
        if index != own and other != anchors[own]
    )
    return (anchors[own], near) if distance > min([_LEADS, *others]) else None


def _nearest(box: Box, place: Place) -> Place:
    return min(max(place[0], box[0]), box[2]), min(max(place[1], box[1]), box[3])


def _clear(leader: tuple[Place, Place], led_off: Sequence[Box], room: Box) -> bool:
    """Return whether a leader meets none of ``led_off`` but for the point that it starts from."""
    x, y = leader[0]
    others = [box for box in led_off if not (box[0] <= x <= box[2] and box[1] <= y <= box[3])]
    return all(free(step, others, room) for step in along(leader, apart=_FINE))
