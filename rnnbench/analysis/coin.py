"""The coin that orders rounds: from the seed alone, so that a document can be held to it."""

from __future__ import annotations

import hashlib


def abba(seed: int, stage: int, number: int) -> bool:
    """Return whether round ``number`` (from 0) of a stage runs ABBA, else BAAB; the same on every platform."""
    return bool(hashlib.sha256(f"{seed}:{stage}:{number}".encode()).digest()[0] & 1)


def order_of(seed: int, stage: int, number: int) -> str:
    """Return ``ABBA`` or ``BAAB``."""
    return "ABBA" if abba(seed, stage, number) else "BAAB"
