"""Which colour, marker and dash a series has: told apart by people who see no colours, too.

Colours after Okabe and Ito, "Color Universal Design" (jfly.uni-koeln.de/color, 2008), without the two that vanish on
white or black paper; on dark paper the darker ones are lighter.
"""

from __future__ import annotations

LIGHT = ("#0072b2", "#c44e00", "#00805f", "#a8467f", "#8a6200", "#2a86b8", "#5b5b5b", "#7a3fb0")
DARK = ("#5aaef0", "#ff8a4c", "#2fc99a", "#ea93c4", "#e8b93c", "#8fd0f5", "#b9b9b9", "#bf95f0")
MARKERS = ("circle", "square", "triangle", "diamond", "down", "cross", "ring", "plus")
DASHES = ("", "6 2", "2 2", "8 2 2 2", "", "6 2", "2 2", "8 2 2 2")
SLOTS = len(LIGHT)


class Slots:
    """Hands out slots: one label has one slot as long as this lives, which is a document."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, label: str) -> int:
        """Return the slot of a label, the next free one for a new label; after the last the first is taken again."""
        return self._known.setdefault(label, len(self._known)) % SLOTS
