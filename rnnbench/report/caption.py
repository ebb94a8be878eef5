"""What the marks and brackets of a table mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnbench.report.columns import Column
from rnnbench.report.roofline_columns import GROUP, MEANING

_OVER = {"learning": "seeds", "time": "launches"}


def caption(shown: Sequence[Column], mark: str) -> Iterator[str]:
    """Yield a sentence on marks and one on intervals, where there are any; ``mark`` is how the best figures look."""
    if any(cell.best for column in shown for cell in column.cells):
        yield f"{mark} the best of its column, or not to be told from it: its 95 % interval contains the best."
    over = {
        _OVER[column.group]: None
        for column in shown
        if column.group in _OVER and any(cell.interval for cell in column.cells)
    }
    if over:
        yield f"[low, high] 95 % intervals, over {' or '.join(over)}; figures without one are exact or single."
    if any(column.group == GROUP for column in shown):
        yield MEANING
