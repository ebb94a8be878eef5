"""Raw figures, as a worker reports them; the parent turns them into metrics with intervals."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Form = Literal["exact", "timing", "replicas", "proportion", "censored", "trials"]


@dataclass(frozen=True)
class Figure:
    """What one job observed of one metric.

    Attributes
    ----------
    form
        What the values are, which decides how an interval is made:

        - ``exact``: one value without noise (a count, bytes).
        - ``timing``: samples of one launch in seconds; launches are the unit of replication.
        - ``replicas``: one value per replica; the metric is their mean.
        - ``proportion``: 1 or 0 per replica; the metric is the share of ones.
        - ``censored``: one value per replica, None where it was not reached; the metric is the median.
        - ``trials``: one value that a search ended at; ``details["trials"]`` says how many of how many replicas solved
          each length, which gets an interval.
    values
        The values.
    flags
        Short names of what a reader should know ("not_settled").
    details
        More, as JSON data.
    """

    form: Form
    values: tuple[float | None, ...]
    flags: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Figure:
        """Return the figure that :meth:`to_json` described."""
        return cls(data["form"], tuple(data["values"]), tuple(data["flags"]), data["details"])


@dataclass(frozen=True)
class Observation:
    """What one job (one measurement of one case in one launch) found.

    Attributes
    ----------
    figures
        By metric key.
    kernel
        ``{"name": ..., "rejected": [{"name": ..., "reason": ...}]}``, or None where no kernel ran.
    agreement
        ``{"max_error": ..., "tolerance": ...}`` of the agreement check, or None where none was made.
    conditions
        How things were on the machine meanwhile (:meth:`rnnbench.machine.watch.Watch.conditions`), None if not watched.
    """

    figures: dict[str, Figure]
    kernel: dict[str, Any] | None = None
    agreement: dict[str, Any] | None = None
    conditions: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "figures": {key: figure.to_json() for key, figure in self.figures.items()},
            "kernel": self.kernel,
            "agreement": self.agreement,
            "conditions": self.conditions,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Observation:
        """Return the observation that :meth:`to_json` described."""
        figures = {key: Figure.from_json(figure) for key, figure in data["figures"].items()}
        return cls(figures, data["kernel"], data["agreement"], data.get("conditions"))
