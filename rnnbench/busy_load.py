"""From which load on a machine counts as busy, for those who measure on it and those who read what was measured."""

from __future__ import annotations

PER_CORE = 0.5
"""Load over the last minute, by logical core, above which times are long and noisy."""


def is_busy_load(load: float, cores: int) -> bool:
    """Say whether ``load``, an average over the last minute, is too much for ``cores`` logical cores."""
    return load > PER_CORE * cores
