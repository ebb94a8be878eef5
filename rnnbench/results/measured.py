"""A results document as Python values: its cases and their metrics, to read and not to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Metric:
    """One figure of a case, in SI units.

    Attributes
    ----------
    key
        Its name in the document (``training_time.layer``).
    value
        None where there is none; ``flags`` and ``details`` then say why.
    unit, better
        ``s``, ``bytes``, ``steps/s``, ``1``, ...; ``higher``, ``lower`` or ``none``.
    ci95
        The ends of its 95 % interval, None where it has none.
    samples
        Of every launch, or of every replica; None for what has no noise.
    flags, details
        What a reader should know, and more, as JSON data.
    """

    key: str
    value: float | None
    unit: str
    better: str
    ci95: tuple[float, float] | None
    samples: Any = field(repr=False)
    flags: tuple[str, ...]
    details: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class MeasuredCase:
    """One case of a document.

    Attributes
    ----------
    name, id
        The values of the suite's axes; the hash of what was measured.
    status, reason
        ``ok``, or ``skipped``, ``oom``, ``timeout``, ``error``, ``interrupted`` with a reason.
    parameters
        Everything that the case is, as JSON data.
    kernel
        The name of the kernel that served, if any ran.
    metrics
        By their keys.
    """

    name: str
    id: str
    status: str
    reason: str | None
    parameters: Mapping[str, Any] = field(repr=False)
    kernel: str | None
    metrics: Mapping[str, Metric] = field(repr=False)


def measured(case: Mapping[str, Any]) -> MeasuredCase:
    """Return a checked document's entry of a case as values."""
    return MeasuredCase(
        case["name"],
        case["id"],
        case["status"],
        case["reason"],
        case["parameters"],
        (case.get("kernel") or {}).get("name"),
        dict(_metrics(case["metrics"])),
    )


def _metrics(records: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Metric]]:
    for key, record in records.items():
        interval = record.get("ci95")
        yield (
            key,
            Metric(
                key,
                record["value"],
                record["unit"],
                record["better"],
                None if interval is None else (interval[0], interval[1]),
                record.get("samples"),
                tuple(record.get("flags") or ()),
                record.get("details") or {},
            ),
        )
