"""What the figures of a metric are, which decides how two of them compare (the forms of rnnbench.results.figure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnbench.results.figure import Form

_LEARNT: dict[str, Form] = {
    "accuracy": "replicas",
    "final_loss": "replicas",
    "solved_fraction": "proportion",
    "steps_to_solve": "censored",
}
RATES = {"forward_throughput": "forward_time", "training_throughput": "training_time"}
"""Rates and the times that they are made of."""


def form_of(key: str, record: Mapping[str, Any]) -> Form:
    """Return the form of a metric's record in a document, by its name and, for times, its samples."""
    name = key.partition(".")[0]
    if name in _LEARNT:
        return _LEARNT[name] if record["samples"] else "exact"
    timed = name in RATES or (record["unit"] == "s" and bool(record["samples"]))
    return "timing" if timed else "exact"


def time_key(key: str) -> str:
    """Return the metric whose samples a timing has: of a rate, the time that it is made of.

    Examples
    --------
    >>> time_key("training_throughput.layer"), time_key("forward_time.model")
    ('training_time.layer', 'forward_time.model')
    """
    name, dot, scope = key.partition(".")
    return f"{RATES.get(name, name)}{dot}{scope}"
