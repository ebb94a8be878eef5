"""Names of cases: the values that set them apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from rnnbench.choice import plain_text
from rnnbench.suite.schema import Measure, Parameters
from rnnbench.suite.setting import value_of

Configuration = tuple[Parameters, Measure]


def label_of(key: str, configuration: Configuration) -> str:
    """Return the value that a case has for ``key``, as text."""
    return plain_text(value_of(key, *configuration))


def names(configurations: Sequence[Configuration], axes: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return a name for each case, unique if the cases differ in ``axes`` and ``others``.

    A name holds the values of the axes, joined by ``/``: a connectivity by its label alone, others as ``key=value``
    with the last part of a dotted key, unless that is ambiguous: ``tridiagonal/hidden=32/iterations=1000``. Without
    axes it is the connectivity. Where that leaves cases with the same name, the ``others`` that differ between them
    are appended, parameters before settings of measurements.
    """
    said = _short_keys([*axes, *others])

    def part(key: str, configuration: Configuration) -> str:
        label = label_of(key, configuration)
        return label if key == "connectivity" else f"{said[key]}={label}"

    keys = list(axes) or ["connectivity"]
    made = ["/".join(part(key, configuration) for key in keys) for configuration in configurations]
    for key in sorted(others, key=lambda key: "." in key):
        if key not in keys:
            made = _told_apart(made, [part(key, configuration) for configuration in configurations])
    return made


def _told_apart(made: Sequence[str], parts: Sequence[str]) -> list[str]:
    """Append to each name its part, where another case of that name has another part."""
    sharing = defaultdict(set)
    for name, part in zip(made, parts, strict=True):
        sharing[name].add(part)
    return [f"{name}/{part}" if len(sharing[name]) > 1 else name for name, part in zip(made, parts, strict=True)]


def _short_keys(keys: Sequence[str]) -> dict[str, str]:
    """Return each key's last part, or all of it where a parameter or another key has the same last part."""
    last_parts = Counter(list(Parameters.model_fields)) + Counter(_last_part(key) for key in set(keys) if "." in key)
    return {key: key if "." in key and last_parts[_last_part(key)] > 1 else _last_part(key) for key in keys}


def _last_part(key: str) -> str:
    return key.rpartition(".")[2]
