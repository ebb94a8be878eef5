"""Hidden sizes that a case can have, and the one at which it has as many parameters as its reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from rnnbench.suite.match import reference
from rnnbench.suite.schema import Parameters
from rnnbench.suite.size import parameters_without_recurrence, total_parameters

LARGEST = 1 << 20
"""No larger hidden size is looked at."""
FARTHEST = 2.0
"""A size that has so many times as many parameters as the reference, or as few, is no match."""
NO_NEAR_MATCH = "no_near_match"
"""Flag: no size was found near to the reference."""
OFF = 0.05
"""That is, within this share of it."""
_NEAR = 1024
"""Sizes that a structure has are at most so far apart, or the next one is twice as large."""


def with_hidden(parameters: Parameters, hidden: int) -> Parameters:
    """Return the parameters with another hidden size."""
    return parameters.model_copy(update={"hidden": hidden})


def next_size(parameters: Parameters, start: int, step: int) -> int | None:
    """Return the first hidden size from ``start`` on, upward (``step`` 1) or downward (-1), at which a case exists."""
    end = min(LARGEST, 2 * start + _NEAR) + 1 if step > 0 else 0
    return next((hidden for hidden in range(start, end, step) if _exists(parameters, hidden)), None)


def nearest_size(parameters: Parameters, hidden: int) -> int | None:
    """Return the hidden size nearest to ``hidden`` at which a case exists, None where there is none near."""
    sizes = [next_size(parameters, hidden, step) for step in (-1, 1)]
    return min((size for size in sizes if size is not None), key=lambda size: abs(size - hidden), default=None)


@lru_cache(maxsize=4096)
def size_of_equal_parameters(parameters: Parameters) -> int:
    """Return the hidden size at which a case has as many parameters as its reference, or nearest to as many.

    Parameters
    ----------
    parameters
        With ``match: parameters``, and the hidden size that the suite gives.

    Raises
    ------
    ValueError
        The reference does not exist at that size, or no size comes within a factor of two; the message says so.
    """
    like = reference(parameters)
    check_reference(like)
    target = total_parameters(like)

    def count(hidden: int) -> int:
        return total_parameters(with_hidden(parameters, hidden))

    sizes = set(_candidates(parameters, count, target))
    best = min(sizes, key=lambda hidden: (abs(count(hidden) - target), hidden), default=None)
    if best is None or not target / FARTHEST <= count(best) <= target * FARTHEST:
        nearest = "" if best is None else f": the nearest has {count(best):,}, with hidden {best}"
        raise ValueError(
            f"no hidden size gives {parameters.connectivity.label()} about as many parameters as {described(like)}, "
            f"{target:,}{nearest}; change hidden, or leave match out"
        )
    return best


def check_reference(like: Parameters) -> None:
    """Raise ``ValueError`` unless a reference exists at the hidden size that the suite gives."""
    try:
        like.connectivity.check(like.hidden)
    except ValueError as error:
        raise ValueError(f"the reference {like.connectivity.label()} does not exist: {error}") from error


def check_some_size(parameters: Parameters) -> None:
    """Raise ``ValueError`` if a case exists at no size near the one that the suite gives."""
    if nearest_size(parameters, parameters.hidden) is None:
        label = parameters.connectivity.label()
        raise ValueError(f"{label} exists at no hidden size near {parameters.hidden}: change hidden, or its options")


def described(like: Parameters) -> str:
    """Return what a reference is called: ``dense lstm with hidden 128``."""
    return f"{like.connectivity.label()} {like.cell} with hidden {like.hidden}"


def _candidates(parameters: Parameters, count: Callable[[int], int], target: int) -> Iterator[int]:
    """Yield the sizes among which the nearest is."""
    most = _first(lambda hidden: parameters_without_recurrence(with_hidden(parameters, hidden)) >= target)
    if not parameters.connectivity.grows:
        yield from (hidden for hidden in range(1, most + 1) if _exists(parameters, hidden))
        return
    middle = _first(lambda hidden: count(hidden) >= target)
    for found in (next_size(parameters, middle - 1, -1), next_size(parameters, middle, 1)):
        if found is not None:
            yield found


def _first(holds: Callable[[int], bool]) -> int:
    """Return the smallest size at which something holds that goes on holding above, at most :data:`LARGEST`."""
    low, high = 1, LARGEST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _exists(parameters: Parameters, hidden: int) -> bool:
    try:
        parameters.connectivity.check(hidden)
        parameters.initialisation.check(parameters.connectivity, hidden, parameters.cell)
    except ValueError:
        return False
    return True
