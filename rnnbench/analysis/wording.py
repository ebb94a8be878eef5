"""How findings write figures: few digits, and never more certainty than was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from rnnbench.results.metrics import resolution

Finding = dict[str, Any]
"""``{"text": a sentence, ...the figures it speaks of}``; keys differ between kinds of findings."""
NEAR = f"{resolution('peak_memory') / 2**20:g} MiB"
"""By how much peak memories may differ that are not told apart."""
MOST_NAMED = 4
"""More names than this are counted, not listed, where they are not the point of the sentence."""


def share(value: float) -> str:
    """Return a share with two decimals, more where it is near to none or all.

    Examples
    --------
    >>> share(0.6049), share(1.0), share(0.9996), share(0.007), share(0.99999)
    ('0.60', '1.00', '0.9996', '0.007', '>0.9999')
    """
    edge = min(value, 1 - value)
    for digits in (2, 3, 4):
        if edge == 0 or edge >= 10.0**-digits:
            return f"{value:.{digits}f}"
    return ">0.9999" if value > 0.5 else "<0.0001"


def factor(value: float) -> str:
    """Return a ratio of counts: ``5.6x``, ``341x``."""
    return f"{value:.1f}x" if value < 10 else f"{value:,.0f}x"


def hundredths(value: float) -> str:
    """Return a ratio of times, in which per cents matter: ``1.02``."""
    return f"{value:.2f}"


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds with three significant digits: ``2.31``."""
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:,.0f}"


def count(value: float) -> str:
    """Return a whole number: ``1,048,576``."""
    return f"{value:,.0f}"


def p_value(value: float) -> str:
    """Return ``p = 0.0012``."""
    return f"p = {value:.2g}"


def with_interval(value: float, interval: Sequence[float] | None, write: Callable[[float], str], unit: str = "") -> str:
    """Return ``1.02x [0.97, 1.08]``; the interval is left out where there is none or it adds no digit."""
    text = f"{write(value)}{unit}"
    if interval is None:
        return text
    low, high = map(write, interval)
    return text if low == high == write(value) else f"{text} [{low}, {high}]"


def listing(names: Iterable[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def spread(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Return ``0.20 to 0.70 (median 0.60)``, or the one value there is."""
    low, high = write(min(values)), write(max(values))
    return low if low == high else f"{low} to {high} (median {write(median(values))})"


def plural(number: int, singular: str) -> str:
    """Return ``1 seed``, ``20 seeds`` or ``5 launches``."""
    ending = "" if number == 1 else "es" if singular.endswith("ch") else "s"
    return f"{number:,} {singular}{ending}"


def sentence(text: str) -> str:
    """Return the text with a full stop, and a capital where anything but a name starts it.

    Names keep their case: a sentence may start with ``dense``.
    """
    starts = (
        "a ",
        "accuracy ",
        "bands ",
        "at equal ",
        "for H ",
        "gradients ",
        "half ",
        "held ",
        "in ",
        "over these ",
        "the ",
        "where ",
        "with ",
        "peak ",
    )
    return f"{text[0].upper()}{text[1:]}." if text.startswith(starts) else f"{text}."


def joined(first: str, second: str) -> str:
    """Return two sentences as one."""
    starts = ("A ", "In the ", "The ", "Not ", "Peak ")
    rest = f"{second[0].lower()}{second[1:]}" if second.startswith(starts) else second
    return f"{first.removesuffix('.')}; {rest}"
