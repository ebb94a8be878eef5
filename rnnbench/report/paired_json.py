"""A gate on paired rounds as JSON data, of the same schema as one on stored runs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rnnbench.analysis.paired_gate import PairedGate
from rnnbench.errors import ExitCode
from rnnbench.report.gate_json import SCHEMA, line_json
from rnnbench.report.paired_account import arm_differences, paired_error_rate


def paired_to_json(gate: PairedGate, exit_code: ExitCode, replay: Sequence[str]) -> str:
    """Return the gate as one JSON document.

    ``{schema, paired{path, run, plan, arms}, alpha, decided, exit_code, error_rate, replay, differences, lines}``.
    """
    document = gate.document
    data = {
        "schema": SCHEMA,
        "paired": {"path": gate.name, "run": document.run["id"], "plan": document.plan, "arms": document.arms},
        "alpha": gate.alpha,
        "decided": gate.decided,
        "exit_code": int(exit_code),
        "error_rate": paired_error_rate(gate),
        "replay": list(replay),
        "differences": list(arm_differences(document)),
        "lines": [line_json(line) for line in gate.lines],
    }
    return json.dumps(data, indent=1, allow_nan=False) + "\n"
