"""The elements that drawings in the page are made of, and the sizes that they share."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rnnbench.report.plots.palette import dash_of, marker_of

WIDTH = 360.0
SIZE = 12.0
"""Of all text: still 10 pixels high on a phone of 360."""
ROW = 15.0
"""Between lines of text."""

_SHAPES = {
    "circle": "M-3.6,0a3.6,3.6 0 1,0 7.2,0a3.6,3.6 0 1,0 -7.2,0z",
    "square": "M-3.2,-3.2h6.4v6.4h-6.4z",
    "triangle": "M0,-4.2L4,3.2H-4z",
    "diamond": "M0,-4.6L4.2,0L0,4.6L-4.2,0z",
    "down": "M0,4.2L4,-3.2H-4z",
    "cross": "M-3.6,-2.2L-2.2,-3.6L0,-1.4L2.2,-3.6L3.6,-2.2L1.4,0L3.6,2.2L2.2,3.6L0,1.4L-2.2,3.6L-3.6,2.2L-1.4,0z",
    "ring": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0zM-1.8,0a1.8,1.8 0 1,1 3.6,0a1.8,1.8 0 1,1 -3.6,0z",
    "plus": "M-1,-4h2v3h3v2h-3v3h-2v-3h-3v-2h3z",
}


def mark(slot: int, x: float, y: float) -> str:
    """Return the beginning of a marker."""
    return f'<path class="mark" transform="translate({x:.1f},{y:.1f})" d="{_SHAPES[marker_of(slot)]}">'


def line(slot: int, drawn: str) -> str:
    """Return the beginning of a line."""
    dash = f' stroke-dasharray="{dash_of(slot)}"' if dash_of(slot) else ""
    return f'<path class="line"{dash} d="{drawn}">'


def path(places: Sequence[tuple[float, float]]) -> str:
    """Return what a path draws through places."""
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in places)


def text(said: str, x: float, y: float, kind: str, angle: float = 0.0) -> str:
    """Return a text that starts at a place, or ends or has its middle there where its class says so."""
    turned = f' transform="rotate({angle:.1f} {x:.1f} {y:.1f})"' if angle else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{turned}>{escape(said)}</text>'
