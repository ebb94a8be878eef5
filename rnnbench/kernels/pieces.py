"""How a sequence is cut in time: into chunks, whose GEMMs run at once, and segments, whose first state is kept."""

from __future__ import annotations

from collections.abc import Iterator


def spans(first: int, last: int, *lengths: int | None) -> Iterator[tuple[int, int]]:
    """Yield ``first .. last`` in the order of time, cut at the multiples of each of ``lengths`` (None: not at all)."""
    while first < last:
        end = min([last, *(first - first % length + length for length in lengths if length is not None)])
        yield first, end
        first = end
