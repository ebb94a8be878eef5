"""How figures are written for people: one unit per column, three significant digits.

Documents hold SI units; here seconds become ms or µs, bytes become KiB or MiB (memory comes in powers of two), and
rates become k or M steps/s, GB/s (decimal, as everybody's bandwidths are) or GFLOP/s. Counts are never scaled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_PREFIXED: dict[str, tuple[tuple[float, str], ...]] = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "bytes": ((2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "bytes")),
    "bytes/s": ((1e12, "TB/s"), (1e9, "GB/s"), (1e6, "MB/s"), (1.0, "bytes/s")),
    "flop/s": ((1e12, "TFLOP/s"), (1e9, "GFLOP/s"), (1e6, "MFLOP/s"), (1.0, "FLOP/s")),
    "steps/s": ((1e9, "G steps/s"), (1e6, "M steps/s"), (1e3, "k steps/s"), (1.0, "steps/s")),
}
"""By the unit of documents: factor and name of each unit for people, the largest first."""


_SMALLEST_SHARE = 0.001


@dataclass(frozen=True)
class Unit:
    """A unit for people: a figure in SI divided by ``factor``."""

    name: str
    factor: float = 1.0


def unit_for(unit: str, values: Sequence[float]) -> Unit:
    """Return the unit that suits a column of ``values``: its median is at least 1 in it.

    Examples
    --------
    >>> unit_for("s", [0.0021, 0.0023, 1.5])
    Unit(name='ms', factor=0.001)
    """
    choices = _PREFIXED.get(unit)
    if choices is None:
        return Unit("" if unit == "1" else unit)
    middle = median(map(abs, values)) if values else 0.0
    factor, name = next((choice for choice in choices if middle >= choice[0]), choices[-1])
    if middle == 0:
        return Unit(unit)
    return Unit(name, factor)


def decimals(value: float, digits: int = 3) -> int:
    """Return how many decimals show ``value`` with ``digits`` significant digits."""
    rounded = abs(float(f"{value:.{digits - 1}e}"))
    return 0 if rounded == 0 else max(0, digits - 1 - math.floor(math.log10(rounded)))


def number(value: float, places: int | None = None) -> str:
    """Return a number with three significant digits, or with ``places`` decimals: ``2.31``, ``119``, ``1,048,576``."""
    if value != 0 and not 1e-6 <= abs(value) < 1e15:
        return f"{value:.2e}"
    return f"{value:,.{decimals(value) if places is None else places}f}"


def in_unit(unit: str, value: float) -> str:
    """Return one figure in the unit that suits it: ``54.8 GB/s``.

    Examples
    --------
    >>> in_unit("bytes/s", 54.8e9)
    '54.8 GB/s'
    """
    chosen = unit_for(unit, [value])
    return f"{number(value / chosen.factor)} {chosen.name}"


def count(value: float) -> str:
    """Return a whole number: ``1,048,576``."""
    return number(value, 0)


def share_text(share: float) -> str:
    """Return a share, of which next to nothing may be left: ``0.315``, ``2e-04``."""
    return number(share, share_places(share)) if share >= _SMALLEST_SHARE else f"{share:.0e}"


def share_places(value: float) -> int:
    """Return how many decimals a share needs: three, more where these would claim all or nothing (``0.9996``)."""
    places = 3
    while places < 6 and value not in (0.0, 1.0) and float(f"{value:.{places}f}") in (0.0, 1.0):
        places += 1
    return places
