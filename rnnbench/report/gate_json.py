"""A gate as JSON data, with its own schema name; changes, limits and noise are fractions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rnnbench.analysis.gate import Gate
from rnnbench.analysis.gate_line import Line
from rnnbench.errors import ExitCode
from rnnbench.report.comparison_json import document_json
from rnnbench.report.gate_words import error_rate

SCHEMA = {"name": "rnnbench.gate", "version": "1.0"}


def to_json(gate: Gate, exit_code: ExitCode, replay: Sequence[str]) -> str:
    """Return the gate as one JSON document.

    ``{schema, base, new, earlier, alpha, advisory, exit_code, error_rate, replay, differences, lines}``.
    """
    data = {
        "schema": SCHEMA,
        "base": document_json(gate.pairing.base),
        "new": document_json(gate.pairing.new),
        "earlier": [document_json(document) for document in gate.sessions.documents],
        "alpha": gate.alpha,
        "advisory": gate.advisory,
        "exit_code": int(exit_code),
        "error_rate": error_rate(gate),
        "replay": list(replay),
        "differences": [vars(difference) for difference in gate.differences],
        "lines": [line_json(line) for line in gate.lines],
    }
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def line_json(line: Line) -> dict[str, Any]:
    """Return a line as JSON data."""
    return {
        "metric": line.metric,
        "id": line.id,
        "name": line.name,
        "verdict": line.outcome.value,
        "binding": line.binding,
        "base": line.base,
        "new": line.new,
        "change": line.change,
        "ci95": line.interval,
        "limit": line.limit,
        "threshold": line.threshold,
        "noise": line.noise,
        "sessions": line.sessions,
        "p_adjusted": line.p,
        "launches": line.launches,
        "rounds": line.rounds,
        "needs": line.needs or None,
    }
