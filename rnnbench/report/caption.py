"""What the marks, brackets and drawings of a table mean."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rnnbench.analysis.wording import NEAR
from rnnbench.report.columns import Column
from rnnbench.report.curve_column import KEY as CURVE
from rnnbench.report.roofline_columns import GROUP, MEANING

_OVER = {
    "seeds": ("accuracy", "final_loss", "solved_fraction", "steps_to_solve"),
    "launches": ("forward_time", "training_time", "first_call_time", "forward_throughput", "training_throughput"),
}
"""What the intervals of which metrics are over."""


def caption(
    shown: Sequence[Column],
    mark: str,
    *,
    within: bool = False,
    drawn: Collection[str | None] = (),
    ascii_only: bool = False,
) -> Iterator[str]:
    """Yield a sentence on marks, one on intervals and those on drawings, where there are any.

    Parameters
    ----------
    mark
        How the best figures look.
    within
        Whether the best is that of a group of cases.
    drawn, ascii_only
        The keys of columns with drawings, and whether these are digits.
    """
    if any(cell.best for column in shown for cell in column.cells):
        group = " in its group" if within else ""
        yield f"{mark} the best of its column{group}, or not to be told from it: its 95 % interval contains the best."
    if any(column.key == "peak_memory" and cell.best for column in shown for cell in column.cells):
        yield f"peak memory: what differs by {NEAR} or less is not told apart."
    with_intervals = {
        (column.key or "").partition(".")[0]
        for column in shown
        if column.group != GROUP and any(cell.interval for cell in column.cells)
    }
    over = [what for what, names in _OVER.items() if with_intervals & set(names)]
    if over:
        yield f"[low, high] 95 % intervals, over {' or '.join(over)}; figures without one are exact or single."
    if any((column.key or "") == "accuracy" for column in shown):
        yield "accuracy is the mean over the seeds."
    if any(column.group == GROUP for column in shown):
        yield MEANING
    if any(key != CURVE for key in drawn):
        yield "Bars are shares: an empty one is 0, a full one 1."
    if CURVE in drawn:
        digits = ", each digit a tenth" if ascii_only else ""
        yield f"learning curve: mean accuracy from 0 to 1{digits}, from before the first update to after the last."
