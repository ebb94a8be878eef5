"""Parts of a document that may hold anything, and what the keys that readers know in them must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rnnbench.results.shape import (
    ANYTHING,
    INTEGER,
    MAPPING,
    NUMBER,
    ROWS,
    TEXT,
    Shape,
    each,
    each_value,
    nullable,
    optional,
    required,
    shown,
)

_BANDED = required({"lower": INTEGER, "upper": INTEGER})


def _check_connectivity(value: Any, path: str) -> None:
    """Check the one connectivity that readers look into: any other is known by its name alone."""
    if isinstance(value, Mapping):
        optional(banded=_BANDED).check(value, path)
    else:
        TEXT.check(value, path)


_CONNECTIVITY = Shape(_check_connectivity, {"type": ["string", "object"], "properties": {"banded": _BANDED.schema}})
PARAMETERS = optional(
    **dict.fromkeys(("input", "hidden", "time_steps", "batch", "layers"), INTEGER),
    connectivity=_CONNECTIVITY,
    measure=each_value(MAPPING),
)
"""The parameters of a case."""
RESOLVED = required({}, {"contrast": nullable(required({"axis": TEXT, "baseline": ANYTHING}))})
"""A suite with every value validated."""
KERNEL = optional(name=TEXT, remark=TEXT, rejected=each(optional(name=TEXT, reason=TEXT)))
"""The kernel of a case."""
AGREEMENT = optional(max_error=NUMBER, tolerance=NUMBER, worst=TEXT)
"""The agreement check of a case."""
CALIBRATION = optional(devices=each_value(optional(gemm_peak=MAPPING)))
"""What a machine can reach."""

_NUMBERS = each(NUMBER)
_GRADIENT = optional(smallest_ratio=NUMBER, longest_lag=NUMBER, lags=_NUMBERS, curve=ROWS)
_TIMING = optional(launches=each(optional(stopped=TEXT)))
_PROBE = required({"time_steps": INTEGER}, {"peak_bytes": nullable(NUMBER)})
_TRIAL = optional(time_steps=INTEGER, solved=INTEGER, replicas=INTEGER, ci95=_NUMBERS)
_DETAILS = {
    "accuracy": optional(
        curve=optional(iterations=_NUMBERS, accuracy=ROWS, evaluation_loss=ROWS), examples=NUMBER, meaning=TEXT
    ),
    "max_length_gradient": _GRADIENT,
    "max_length_gradient_trained": _GRADIENT,
    "max_length_task": optional(trials=each(_TRIAL), learnt_by=NUMBER, updates=NUMBER),
    "max_length_memory": optional(budget=NUMBER, probes=each(_PROBE)),
    "training_time": _TIMING,
    "forward_time": _TIMING,
}
"""By metric, without its scope."""


def with_details(metric: Shape) -> Shape:
    """Return the shape of a mapping from the keys of metrics to their records, details as each metric has them."""

    def check(value: Any, path: str) -> None:
        MAPPING.check(value, path)
        for key, record in value.items():
            place = f"{path}.{shown(key)[1:-1]}"
            metric.check(record, place)
            details = _DETAILS.get(key.partition(".")[0])
            if details is not None:
                details.check(record["details"], f"{place}.details")

    patterns = {rf"^{re.escape(name)}(\\.|$)": shape.schema for name, shape in _DETAILS.items()}
    specific = {pattern: {"properties": {"details": schema}} for pattern, schema in patterns.items()}
    return Shape(
        check,
        {"type": "object", "additionalProperties": metric.schema, "allOf": [{"patternProperties": specific}]},
    )
