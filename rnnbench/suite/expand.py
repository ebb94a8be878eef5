"""The combinations of a matrix, with the meaning that GitHub Actions gives ``include`` and ``exclude``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TypeVar

V = TypeVar("V")
"""Any value that can be compared."""


def expand(
    axes: Mapping[str, Sequence[V]] | None,
    exclude: Sequence[Mapping[str, V]] = (),
    include: Sequence[Mapping[str, V]] = (),
    fixed: Mapping[str, V] | None = None,
) -> tuple[list[dict[str, V]], list[bool]]:
    """Return the combinations of a matrix, the last axis fastest, and which of the ``exclude`` entries removed one.

    First every combination of which all pairs of an ``exclude`` entry hold is removed. Then each ``include`` entry, in
    turn, is added to every remaining combination of which it would overwrite no value that stems from an axis; it may
    overwrite what an earlier entry added. An entry that fits none becomes a combination of its own, which later
    entries do not extend.

    Parameters
    ----------
    axes
        Values by axis. None is the absence of a matrix: then there are only the ``include`` entries, or, without
        them, one combination.
    fixed
        Pairs that every combination has; they count as stemming from an axis.
    """
    given = dict(fixed or {})
    originals = [] if axes is None and include else [given]
    if axes is not None:
        originals = [{**given, **dict(zip(axes, values, strict=True))} for values in product(*axes.values())]
    used = [any(_agrees(entry, original) for original in originals) for entry in exclude]
    originals = [original for original in originals if not any(_agrees(entry, original) for entry in exclude)]
    extended = [dict(original) for original in originals]
    created = []
    for entry in include:
        fits = [index for index, original in enumerate(originals) if _overwrites_nothing(entry, original)]
        for index in fits:
            extended[index].update({key: value for key, value in entry.items() if key not in originals[index]})
        if not fits:
            created.append({**given, **entry})
    return extended + created, used


def _agrees(entry: Mapping[str, V], combination: Mapping[str, V]) -> bool:
    return all(key in combination and combination[key] == value for key, value in entry.items())


def _overwrites_nothing(entry: Mapping[str, V], original: Mapping[str, V]) -> bool:
    return all(original[key] == value for key, value in entry.items() if key in original)
