"""Which colour, marker and dash a series has: told apart by people who see few colours or none, too.

Each colour stands out from its paper as a text has to (WCAG 2.2, 1.4.3: 4.5 to 1), and from every other one for people
without one kind of cones (Machado, Oliveira and Fernandes, 2009), by at least 0.055 in OKLab.
"""

from __future__ import annotations

from collections.abc import Iterable

LIGHT = ("#1574bb", "#b20a07", "#578224", "#ac027f", "#535d31", "#6f38be", "#1a1820", "#80746f")
DARK = ("#88acec", "#fc8939", "#38ca98", "#d170c7", "#decd00", "#9e78fb", "#dbfff7", "#7fa39d")
MARKERS = ("circle", "square", "triangle", "diamond", "down", "cross", "ring", "plus")
DASHES = ("", "9 4", "2 3", "10 3 2 3", "", "9 4", "2 3", "10 3 2 3")
COLOURS = len(LIGHT)
_OF_FAMILIES = {
    "dense": 0,
    "tridiagonal": 1,
    "block_diagonal": 2,
    "upper_triangular": 3,
    "banded": 4,
    "random": 5,
    "diagonal": 6,
    "none": 7,
}
"""Connectivities that most documents have: they look the same in each."""


def colour_of(slot: int) -> int:
    """Return which of the colours a slot has."""
    return slot % COLOURS


def marker_of(slot: int) -> str:
    """Return the marker of a slot: of slots that share a colour, it is another one."""
    return MARKERS[(slot + slot // COLOURS) % len(MARKERS)]


def dash_of(slot: int) -> str:
    """Return the dash of a slot, as SVG has it: of slots that share a colour and stand next to each other, another."""
    return DASHES[(slot + slot // COLOURS) % len(DASHES)]


def variant(slot: int, number: int) -> int:
    """Return a slot with the colour of another, and a look of its own for each of eight numbers.

    Examples
    --------
    >>> [(colour_of(variant(1, n)), marker_of(variant(1, n))) for n in range(3)]
    [(1, 'square'), (1, 'triangle'), (1, 'diamond')]
    """
    return slot + COLOURS * number


class Slots:
    """Hands out slots: one label has one slot as long as this lives, which is a document.

    Parameters
    ----------
    labels
        Those that get theirs first: well-known connectivities the usual ones, if nothing else has them.
    """

    def __init__(self, labels: Iterable[str] = ()) -> None:
        self._known: dict[str, int] = {}
        given = list(dict.fromkeys(labels))
        for label in given:
            usual = _OF_FAMILIES.get(label.partition("(")[0])
            if usual is not None and usual not in self._known.values():
                self._known[label] = usual
        for label in given:
            self.of(label)

    def of(self, label: str) -> int:
        """Return the slot of a label, the next free one for a new label.

        There are as many as labels; after the last colour the first comes again, with another marker.
        """
        if label not in self._known:
            taken = set(self._known.values())
            self._known[label] = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        return self._known[label]
