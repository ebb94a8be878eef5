"""Results in the Bencher Metric Format, the JSON that Bencher's ``json`` adapter reads.

Source: "Bencher Metric Format (BMF)", bencher.dev/docs/reference/bencher-metric-format: an object of benchmarks, each
an object of measures, each ``{"value": number}`` with or without ``lower_value`` and ``upper_value``. Names of
benchmarks have at most 1,024 characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rnnbench.report.printable import printable
from rnnbench.results.document import Results

_LONGEST_NAME = 1024


def to_bmf(results: Results) -> str:
    """Return ``{case: {metric: {value, lower_value, upper_value}}}`` in SI units, the bounds being 95 % intervals.

    Figures that are null, and cases without a figure, are left out: the format has no word for them. A case whose name
    is too long, or that of another, goes by its id.
    """
    data: dict[str, dict[str, Any]] = {}
    for case in results.cases:
        name = printable(case["name"])
        if len(name) > _LONGEST_NAME or name in data:
            name = printable(case["id"])
        measures = dict(_measures(case))
        if measures:
            data[name] = measures
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def _measures(case: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, float]]]:
    for key, record in case["metrics"].items():
        if record["value"] is None:
            continue
        bounds = zip(("lower_value", "upper_value"), record["ci95"] or (), strict=False)
        yield printable(key), {"value": record["value"], **dict(bounds)}
