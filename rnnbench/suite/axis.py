"""The values of an axis, some of them generated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnbench.scalar import Scalar as ScalarValue
from rnnbench.suite import yaml_positions as yaml
from rnnbench.suite.problem import Path, Problem
from rnnbench.suite.setting import Setting, read_setting
from rnnbench.words import quoted

LARGEST_POWER = 30


def read_axis(key: str, entries: Sequence[tuple[yaml.Node, Path]], folder: str) -> tuple[list[Setting], list[Problem]]:
    """Return the values of the axis ``key``, and what is wrong with its entries; ``folder`` as in ``read_setting``.

    An entry is a value, or one of the generators of whole numbers:

    - ``{pow2: [a, b]}``: 2^a, 2^(a + 1), ..., 2^b
    - ``{geom: [first, last, factor]}``: first, first × factor, ..., last
    """
    settings: dict[Setting, None] = {}
    problems = []
    for entry, path in entries:
        try:
            nodes = list(_generate(entry))
        except ValueError as error:
            problems.append(Problem(entry.place, str(error), path))
            continue
        for node in nodes:
            read = read_setting(key, node, path, folder)
            if isinstance(read, list):
                problems += read
            elif read in settings:
                problems.append(
                    Problem(entry.place, f"the value {quoted(read.label())} is given twice: remove one", path)
                )
            else:
                settings[read] = None
    return list(settings), problems


def _generate(node: yaml.Node) -> Iterator[yaml.Node]:
    """Yield the nodes that an entry stands for: the numbers of a generator, else itself."""
    generator = next(iter(node.entries), "") if isinstance(node, yaml.Mapping) and len(node.entries) == 1 else ""
    if not isinstance(node, yaml.Mapping) or generator not in ("pow2", "geom"):
        yield node
        return
    written = yaml.plain(node.entries[generator])
    arguments = written if isinstance(written, list) else []
    numbers = [number for number in arguments if isinstance(number, int) and not isinstance(number, bool)]
    if len(numbers) != len(arguments):
        numbers = []
    for number in pow2(numbers) if generator == "pow2" else geom(numbers):
        yield yaml.Scalar(node.place, number)


def pow2(exponents: Sequence[int]) -> list[ScalarValue]:
    """Return the powers of two from 2^a to 2^b.

    Examples
    --------
    >>> pow2([7, 11])
    [128, 256, 512, 1024, 2048]
    """
    if len(exponents) != 2 or not 0 <= exponents[0] <= exponents[1] <= LARGEST_POWER:
        raise ValueError(
            f"pow2 takes two whole numbers [a, b] with 0 <= a <= b <= {LARGEST_POWER}, and makes 2^a, ..., 2^b"
        )
    return [2**exponent for exponent in range(exponents[0], exponents[1] + 1)]


def geom(arguments: Sequence[int]) -> list[ScalarValue]:
    """Return first, first × factor, first × factor^2, ..., last; last must be one of them.

    Examples
    --------
    >>> geom([128, 8192, 4])
    [128, 512, 2048, 8192]
    """
    if len(arguments) != 3 or not 1 <= arguments[0] <= arguments[1] <= 2**LARGEST_POWER or arguments[2] < 2:
        raise ValueError(
            f"geom takes three whole numbers [first, last, factor] with 1 <= first <= last <= 2^{LARGEST_POWER} and "
            "factor >= 2, and makes first, first x factor, ..., last"
        )
    value, last, factor = arguments
    values: list[ScalarValue] = []
    while value < last:
        values.append(value)
        value *= factor
    if value != last:
        raise ValueError(
            f"geom does not reach {last}: it makes ..., {value // factor}, {value}; use one of these as last"
        )
    return [*values, last]
