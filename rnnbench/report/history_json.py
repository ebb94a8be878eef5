"""Cases over time as JSON data, with its own schema name; SI units."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rnnbench.analysis.change_points import ALPHA, FEWEST_SESSIONS, PERMUTATIONS
from rnnbench.analysis.history import MachineHistory, Series

SCHEMA = {"name": "rnnbench.history", "version": "1.0"}
_METHOD = {
    "name": "binary segmentation, permutation test on ranks",
    "alpha": ALPHA,
    "permutations": PERMUTATIONS,
    "fewest_sessions": FEWEST_SESSIONS,
}


def to_json(machines: Sequence[MachineHistory]) -> str:
    """Return one JSON document: ``{schema, method, machines[{fingerprint, machine, sessions[], series[]}]}``.

    A series has ``points`` with ``session``, an index into the machine's sessions, and ``steps`` with ``point``, an
    index into the points; ``p`` is null where figures have no noise.
    """
    data = {
        "schema": SCHEMA,
        "method": _METHOD,
        "machines": [
            {
                "fingerprint": machine.fingerprint,
                "machine": machine.machine,
                "sessions": [vars(session) for session in machine.sessions],
                "series": [_series(series) for series in machine.series],
            }
            for machine in machines
        ],
    }
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def _series(series: Series) -> dict[str, Any]:
    return {
        "metric": series.metric,
        "unit": series.unit,
        "better": series.better,
        "id": series.id,
        "name": series.name,
        "points": [{"session": p.session, "value": p.value, "ci95": p.interval} for p in series.points],
        "steps": [
            {"point": s.point, "before": s.before, "after": s.after, "ratio": s.ratio, "p": s.p} for s in series.steps
        ],
    }
