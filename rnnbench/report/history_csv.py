"""Cases over time as CSV: one row per figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rnnbench.analysis.history import MachineHistory
from rnnbench.report.csv import safe

FIELDS = (
    "fingerprint",
    "metric",
    "unit",
    "case",
    "id",
    "started",
    "run",
    "document",
    "commit",
    "torch",
    "value",
    "low",
    "high",
    "step_ratio",
    "step_p",
)


def to_csv(machines: Sequence[MachineHistory]) -> str:
    """Return a header and the rows: SI units, full precision; the last two columns are empty but at steps."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    for machine in machines:
        for series in machine.series:
            steps = {step.point: (step.ratio, step.p) for step in series.steps}
            for index, point in enumerate(series.points):
                session = machine.sessions[point.session]
                row = (machine.fingerprint, series.metric, series.unit, series.name, series.id)
                when = (session.started, session.run, session.path, session.commit, session.torch)
                figures = (point.value, *(point.interval or (None, None)), *steps.get(index, (None, None)))
                writer.writerow(map(safe, (*row, *when, *figures)))
    return text.getvalue()
