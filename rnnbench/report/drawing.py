"""Figures as characters: bars and sparklines from 0 to 1, with letters and digits where a terminal has no blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"
_ROUNDING = 1e-9
"""A mean of tenths may lie this far below its tenth."""


def bar(share: float, width: int, ascii_only: bool) -> str:
    """Return a bar that fills ``share`` of ``width`` characters.

    What is above 0 shows, and what is below 1 does not fill the bar.

    Examples
    --------
    >>> bar(0.5, 4, False), bar(0.5, 4, True), bar(1e-9, 2, False), bar(0.999, 1, False)
    ('██  ', '##  ', '▏ ', '▉')
    """
    steps = 1 if ascii_only else 8
    filled = _between(round(share * width * steps), share, width * steps)
    if ascii_only:
        return f"{'#' * filled:<{width}}"
    full, rest = divmod(filled, steps)
    return f"{_EIGHTHS[-1] * full}{_EIGHTHS[rest] if rest else '':<{width - full}}"


def _between(filled: int, share: float, most: int) -> int:
    """Return ``filled`` within 0 and ``most``, at neither end unless ``share`` is."""
    if share <= 0:
        return 0
    return most if share >= 1 else min(max(filled, 1), most - 1) if most > 1 else filled


def heights(values: Sequence[float | None], low: float, high: float, ascii_only: bool) -> str:
    """Return a character per value, blank for None: one of eight heights, or the digit of its tenth of the scale.

    The scale goes from ``low`` to ``high``, which differ; values beyond it take its ends.

    Examples
    --------
    >>> heights([0.0, None, 0.5, 1.0], 0.0, 1.0, False), heights([0.0, 0.55, 2.0], 0.0, 1.0, True)
    ('▁ ▅█', '059')
    """
    signs = "0123456789" if ascii_only else _LEVELS
    return "".join(
        " " if value is None else signs[_level((value - low) / (high - low), len(signs))] for value in values
    )


def _level(share: float, count: int) -> int:
    return min(max(math.floor(share * count + _ROUNDING), 0), count - 1)
