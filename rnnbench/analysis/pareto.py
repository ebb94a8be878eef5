"""The Pareto front: what nothing else beats in both cost and merit."""

from __future__ import annotations

from collections.abc import Sequence


def front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the indices of ``(cost, merit)`` points on the front, by rising cost.

    A point is on it if no other has at most its cost and at least its merit, and one of the two better.

    Examples
    --------
    >>> front([(1.0, 0.2), (2.0, 0.1), (3.0, 0.9)])
    [0, 2]
    """
    best = float("-inf")
    kept: list[int] = []
    for index in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1])):
        cost, merit = points[index]
        equal = bool(kept) and points[kept[-1]] == (cost, merit)
        if merit > best or equal:
            kept.append(index)
            best = merit
    return kept
