"""What stands below a drawing: a legend, and the names of numbered points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from rnnbench.report.plots.labels import Label
from rnnbench.report.plots.palette import colour_of
from rnnbench.report.plots.places import shortened, text_width, wrapped
from rnnbench.report.plots.svg_elements import ROW, SIZE, WIDTH, line, mark, text

_BEFORE_NAME, _LONGEST_NAME = 34.0, 44
"""In the list of numbers: what stands before a name, and its letters."""


class Entry(NamedTuple):
    """A label of a legend, and what stands for it."""

    label: str
    slot: int
    sample: Literal["line", "mark", "bar", "outline"]


_SAMPLE_WIDTHS = {"line": 44, "mark": 8, "bar": 14, "outline": 14}
"""Of a line, long enough for a dash to come again on both sides of the marker."""


def legend(entries: Sequence[Entry], top: float) -> tuple[float, list[str]]:
    """Return the height below a legend that starts at ``top``, and its elements, in lines as wide as the plot."""
    x, y = 6.0, top + 10
    parts = []
    for entry in entries:
        sample = _SAMPLE_WIDTHS[entry.sample]
        lines = wrapped(entry.label, SIZE, WIDTH - sample - 14)
        width = sample + 6 + max(text_width(said, SIZE) for said in lines) + 12
        if x > 6 and x + width - 12 > WIDTH:
            x, y = 6.0, y + ROW
        parts.append(f'<g class="s{colour_of(entry.slot)}">{_sample(entry, x, y - 4)}</g>')
        parts += [text(said, x + sample + 6, y + row * ROW, "label") for row, said in enumerate(lines)]
        x, y = x + width, y + (len(lines) - 1) * ROW
    return y + 8, parts


def _sample(entry: Entry, x: float, y: float) -> str:
    """Return what stands for an entry, from ``x`` on and around ``y``."""
    width = _SAMPLE_WIDTHS[entry.sample]
    if entry.sample in ("bar", "outline"):
        kind = "swatch outlined" if entry.sample == "outline" else "swatch"
        return f'<path class="{kind}" d="M{x:.1f},{y - 4.5:.1f}h{width}v9h-{width}z"/>'
    drawn = f"{line(entry.slot, f'M{x:.1f},{y:.1f}h{width}')}</path>" if entry.sample == "line" else ""
    return f"{drawn}{mark(entry.slot, x + width / 2, y)}</path>"


def numbered(labels: Sequence[Label], top: float) -> tuple[float, list[str]]:
    """Return the height below the list of what numbers mean, which starts at ``top``, and its elements.

    It goes down a first column and then a second, where names are short enough for two.
    """
    longest = max(text_width(label.mark.name, SIZE) for label in labels)
    columns = 2 if _BEFORE_NAME + longest <= WIDTH / 2 else 1
    rows = -(-len(labels) // columns)
    parts = []
    for index, label in enumerate(labels):
        x, y = 6 + index // rows * WIDTH / 2, top + 10 + index % rows * ROW
        colour = colour_of(label.mark.slot)
        parts.append(f'<g class="s{colour}">{mark(label.mark.slot, x + 4, y - 4)}</path></g>')
        parts.append(text(label.text, x + 28, y, f"name end s{colour}"))
        parts.append(text(shortened(label.mark.name, _LONGEST_NAME), x + _BEFORE_NAME, y, "label"))
    return top + 10 + (rows - 1) * ROW + 8, parts
