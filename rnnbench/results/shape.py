"""What a part of a document must be: to a program a check, to an editor a JSON Schema, which say the same.

Checked by hand, because showing 500 cases must start in a blink.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Check = Callable[[Any, str], None]
"""Takes a value and its path; raises :class:`StructureError`."""


class Shape(NamedTuple):
    """What a part of a document must be, to a program and as JSON Schema."""

    check: Check
    schema: dict[str, Any]

    def said(self, description: str) -> Shape:
        """Return this shape with a description in its schema."""
        return Shape(self.check, {"description": description, **self.schema})


class StructureError(ValueError):
    """A part of the document that is not what it should be: path, what was expected, what was found."""


def shown(value: Any) -> str:
    """Return a value as an error quotes it, cut."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _kind(expected: str, *types: type) -> Shape:
    def check(value: Any, path: str) -> None:
        # `type`, not `isinstance`: true is no number here.
        if type(value) not in types:
            raise StructureError(f"{path}: expected {expected}, found {shown(value)}")

    names = list(dict.fromkeys(_JSON_TYPES[found] for found in types if not (found is int and float in types)))
    return Shape(check, {"type": names[0] if len(names) == 1 else names})


_JSON_TYPES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}
TEXT = _kind("text", str)
TEXT_OR_NULL = _kind("text or null", str, type(None))
NUMBER = _kind("a number", int, float)
INTEGER = _kind("a whole number", int)
INTEGER_OR_NULL = _kind("a whole number or null", int, type(None))
NUMBER_OR_NULL = _kind("a number or null", int, float, type(None))
MAPPING = _kind("a mapping", dict)
MAPPING_OR_NULL = _kind("a mapping or null", dict, type(None))
LIST = _kind("a list", list)
ANYTHING = Shape(lambda _value, _path: None, {})


def required(fields: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """Return the shape of a mapping with these keys; what is in ``optional`` may be missing."""
    checks = {key: inner.check for key, inner in fields.items()}
    others = {key: inner.check for key, inner in (optional or {}).items()}

    def check(value: Any, path: str) -> None:
        MAPPING.check(value, path)
        for key, inner in checks.items():
            if key not in value:
                raise StructureError(f"{path}: '{key}' is missing" if path else f"'{key}' is missing")
            inner(value[key], f"{path}.{key}" if path else key)
        for key, inner in others.items():
            if key in value:
                inner(value[key], f"{path}.{key}" if path else key)

    properties = {key: inner.schema for key, inner in {**fields, **(optional or {})}.items()}
    needed = {"required": list(fields)} if fields else {}
    return Shape(check, {"type": "object", **needed, "properties": properties})


def optional(**fields: Shape) -> Shape:
    """Return the shape of a mapping in which these keys may be missing or null, and are right if they are neither."""
    return required({}, {key: nullable(inner) for key, inner in fields.items()})


def nullable(inner: Shape) -> Shape:
    """Return the shape of what may also be null."""

    def check(value: Any, path: str) -> None:
        if value is not None:
            inner.check(value, path)

    types = inner.schema["type"]
    named = types if isinstance(types, list) else [types]
    return Shape(check, {**inner.schema, "type": named if "null" in named else [*named, "null"]})


def each(inner: Shape) -> Shape:
    """Return the shape of a list of such values."""

    def check(value: Any, path: str) -> None:
        LIST.check(value, path)
        for index, item in enumerate(value):
            inner.check(item, f"{path}[{index}]")

    return Shape(check, {"type": "array", "items": inner.schema})


def each_value(inner: Shape) -> Shape:
    """Return the shape of a mapping from any key to such values."""

    def check(value: Any, path: str) -> None:
        MAPPING.check(value, path)
        for key, item in value.items():
            inner.check(item, f"{path}.{shown(key)[1:-1]}")

    return Shape(check, {"type": "object", "additionalProperties": inner.schema})


def _check_rows(value: Any, path: str) -> None:
    each(LIST).check(value, path)
    for index, row in enumerate(value):
        # The bulk of a document is numbers: look at their types in one go, and at each only where one is wrong.
        if not set(map(type, row)) <= {int, float, type(None)}:
            each(NUMBER_OR_NULL).check(row, f"{path}[{index}]")


ROWS = Shape(_check_rows, {"type": "array", "items": each(NUMBER_OR_NULL).schema})
"""A list of lists of numbers or null."""
