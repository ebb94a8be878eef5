"""What to say of a structure that does not exist at a hidden size: the nearest ones that work."""

from __future__ import annotations

from math import isqrt


def check_divides(count: int, hidden: int, what: str) -> None:
    """Raise ``ValueError`` unless ``count`` divides H, naming the nearest hidden sizes and counts of ``what``."""
    if hidden % count == 0:
        return
    below = hidden - hidden % count
    sizes = " or ".join(str(size) for size in (below, below + count) if size > 0)
    small = [n for n in range(1, isqrt(hidden) + 1) if hidden % n == 0]
    divisors = {*small, *(hidden // n for n in small)}
    fewer = max(n for n in divisors if n < count)
    more = min((n for n in divisors if n > count), default=hidden)
    counts = " or ".join(str(n) for n in sorted({fewer, more}))
    raise ValueError(f"hidden size {hidden} is not divisible by {count} {what}: use hidden {sizes}, or {counts} {what}")


def check_at_most(option: str, value: int, hidden: int, each: int = 1) -> None:
    """Raise ``ValueError`` if there are fewer than ``each`` units for every one of ``value``."""
    if value * each > hidden:
        most = hidden // each
        smaller = f", or {option} {most}" if most else ""
        raise ValueError(f"{option} {value} is too large for hidden size {hidden}: use hidden {value * each}{smaller}")


def largest_factor(hidden: int) -> int:
    """Return the largest divisor of H up to its root: 1 for a prime."""
    return next(n for n in range(isqrt(hidden), 0, -1) if hidden % n == 0)
