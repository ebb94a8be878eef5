"""The columns that hold times against the roofline: the least time that the machine allows over the time taken."""

from __future__ import annotations

from typing import Any

from rnnbench.report.columns import MISSING, Cell, Column
from rnnbench.report.printable import printable
from rnnbench.report.units import share_text
from rnnbench.results.document import Results, metric

GROUP = "roofline"
MEANING = (
    "roofline: the least time that this machine allows the pass over the time it took, and what sets it: compute, "
    "bandwidth or latency."
)
_BASIS = "bandwidth_fraction."


def roofline_columns(results: Results) -> list[Column]:
    """Return a column for each pass and scope of which the document says how near it came to its floor."""
    # Passes stand in the order of the columns of times: forward first.
    keys = sorted((key for key in results.metric_keys() if key.startswith(_BASIS)), key=lambda key: key.split(".")[1])
    scopes = {key.partition(".")[2].partition(".")[2] for key in keys}
    columns = []
    for key in keys:
        run, _, scope = key.removeprefix(_BASIS).partition(".")
        title = f"roofline, {run}" + (f", {scope}" if len(scopes) > 1 else "")
        cells = tuple(_cell(metric(case, key)) for case in results.cases)
        columns.append(Column(printable(title), "share, set by", GROUP, cells, key))
    return columns


def _cell(record: dict[str, Any] | None) -> Cell:
    details = record["details"] if record else {}
    share, bound = details.get("floor_fraction"), details.get("bound")
    if not isinstance(share, (int, float)) or not isinstance(bound, str):
        return Cell(MISSING, figure=False)
    return Cell(share_text(share), printable(bound), share=share if 0 <= share <= 1 else None)
