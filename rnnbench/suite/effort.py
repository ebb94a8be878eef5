"""Settings that say how long to measure, not what: two cases that differ only in them are the same case."""

from __future__ import annotations

EFFORT: dict[str, set[str]] = {"throughput": {"launches", "precision", "max_seconds"}}
"""By measurement."""
