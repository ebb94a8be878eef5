"""Results as CSV: one row per case, all parameters and metrics, SI units."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from rnnbench.report.printable import printable
from rnnbench.results.document import Results, metric

_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet would take for a formula."""


def to_csv(results: Results) -> str:
    """Return a header and one row per case.

    Columns: ``name``, ``id``, ``status``, ``reason``; each metric with its unit in brackets, followed by the ends of
    its 95 % interval where it has one (``accuracy``, ``accuracy.low``, ``accuracy.high``,
    ``training_time.layer [s]``, ...); then the parameters. A figure that a case lacks is empty. Numbers have full
    precision.
    """
    metrics = _metric_columns(results)
    rows = [{**_identity(case), **_metrics(metrics, case), **_parameters(case["parameters"])} for case in results.cases]
    fields = list(dict.fromkeys(key for row in rows for key in row)) or ["name", "id", "status", "reason"]
    text = io.StringIO()
    writer = csv.DictWriter(text, [safe(field) for field in fields], lineterminator="\n")
    writer.writeheader()
    writer.writerows({safe(key): safe(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def _identity(case: dict[str, Any]) -> dict[str, Any]:
    return {key: case[key] for key in ("name", "id", "status", "reason")}


def _metric_columns(results: Results) -> list[tuple[str, str, bool]]:
    """Return (metric, unit as written, whether any case has an interval) for every metric of the document."""
    found = []
    for key in results.metric_keys():
        records = [record for case in results.cases if (record := metric(case, key))]
        unit = records[0]["unit"]
        found.append((key, "" if unit == "1" else f" [{unit}]", any(record["ci95"] for record in records)))
    return found


def _metrics(columns: list[tuple[str, str, bool]], case: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of one case under the columns of all, so that every row has the same in the same order."""
    row: dict[str, Any] = {}
    for key, unit, with_interval in columns:
        record = metric(case, key)
        row[f"{key}{unit}"] = record["value"] if record else None
        if with_interval:
            low, high = (record["ci95"] if record else None) or (None, None)
            row |= {f"{key}.low{unit}": low, f"{key}.high{unit}": high}
    return row


def _parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters, settings of measurements by dotted names (``training.iterations``)."""
    row: dict[str, Any] = {}
    for key, value in parameters.items():
        if key == "measure" and isinstance(value, dict):
            row |= {
                f"{measurement}.{setting}": written
                for measurement, settings in value.items()
                if isinstance(settings, dict)
                for setting, written in settings.items()
            }
        else:
            row[key] = value
    return row


def safe(value: Any) -> Any:
    """Return numbers as they are, text on one line and never as a formula, and everything else as JSON."""
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    text = printable(value) if isinstance(value, str) else json.dumps(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
