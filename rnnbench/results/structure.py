"""The shape that documents must have before anything else looks at them.

Checked by hand, because showing 500 cases must start in a blink; what is not listed here is neither checked
nor lost, so that documents of a newer minor version are read. Each check stands beside the JSON Schema that says the
same.
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


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _kind(expected: str, *types: type) -> Shape:
    def check(value: Any, path: str) -> None:
        # `type`, not `isinstance`: true is no number here.
        if type(value) not in types:
            raise StructureError(f"{path}: expected {expected}, found {_shown(value)}")

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
_text = _kind("text", str)
_text_or_null = _kind("text or null", str, type(None))
_number = _kind("a number", int, float)
_integer = _kind("a whole number", int)
_integer_or_null = _kind("a whole number or null", int, type(None))
_number_or_null = _kind("a number or null", int, float, type(None))
_mapping = _kind("a mapping", dict)
_mapping_or_null = _kind("a mapping or null", dict, type(None))
_list = _kind("a list", list)


def _required(fields: Mapping[str, Shape]) -> Shape:
    checks = {key: inner.check for key, inner in fields.items()}

    def check(value: Any, path: str) -> None:
        _mapping.check(value, path)
        for key, inner in checks.items():
            if key not in value:
                raise StructureError(f"{path}: '{key}' is missing" if path else f"'{key}' is missing")
            inner(value[key], f"{path}.{key}" if path else key)

    properties = {key: inner.schema for key, inner in fields.items()}
    return Shape(check, {"type": "object", "required": list(fields), "properties": properties})


def _each(inner: Shape) -> Shape:
    def check(value: Any, path: str) -> None:
        _list.check(value, path)
        for index, item in enumerate(value):
            inner.check(item, f"{path}[{index}]")

    return Shape(check, {"type": "array", "items": inner.schema})


def _each_value(inner: Shape) -> Shape:
    def check(value: Any, path: str) -> None:
        _mapping.check(value, path)
        for key, item in value.items():
            inner.check(item, f"{path}.{_shown(key)[1:-1]}")

    return Shape(check, {"type": "object", "additionalProperties": inner.schema})


def _check_interval(value: Any, path: str) -> None:
    if value is None:
        return
    _each(_number).check(value, path)
    if len(value) != 2 or value[0] > value[1]:
        raise StructureError(f"{path}: expected [low, high] or null, found {_shown(value)}")


_interval = Shape(
    _check_interval,
    {"type": ["array", "null"], "items": _number.schema, "minItems": 2, "maxItems": 2},
)


def _check_samples(value: Any, path: str) -> None:
    if value is None:
        return
    _each(_list).check(value, path)
    for index, row in enumerate(value):
        # The bulk of a document is numbers: look at their types in one go, and at each only where one is wrong.
        if not set(map(type, row)) <= {int, float, type(None)}:
            _each(_number_or_null).check(row, f"{path}[{index}]")


_samples = Shape(
    _check_samples,
    {"type": ["array", "null"], "items": _each(_number_or_null).schema},
)


_METRIC = _required(
    {
        "value": _number_or_null.said("In SI units; null where there is none, for which a flag has the reason."),
        "unit": _text.said("s, bytes, steps/s, ...; 1 for a pure number."),
        "better": _text.said("higher, lower or none."),
        "ci95": _interval.said("[low, high]: the 95 % interval, over launches or replicas."),
        "samples": _samples.said("What the value and its interval were made of, launch by launch."),
        "flags": _each(_text).said("Short names of what a reader should know."),
        "details": _mapping.said("More, as the metric has it."),
    }
)

_CASE = _required(
    {
        "id": _text.said("A hash of what is measured."),
        "name": _text.said("The values of the axes, joined by slashes."),
        "parameters": _mapping.said("Every parameter, with settings of measurements under `measure`."),
        "status": _text.said("ok, skipped, oom, timeout, error or interrupted."),
        "reason": _text_or_null.said("Why it is not ok."),
        "metrics": _each_value(_METRIC).said("By metric, with its scope: training_time.layer."),
    }
)

DOCUMENT = _required(
    {
        "run": _required({"id": _text, "started": _text}),
        "suite": _required({"name": _text, "resolved": _mapping}),
        "provenance": _mapping,
        "machine": _mapping,
        "conditions": _mapping,
        "cases": _each(_CASE),
        "findings": _each(_required({"text": _text})),
        "warnings": _each(_text),
    }
)
"""A whole results document, below its ``schema``."""
check_document = DOCUMENT.check


def _check_slots(value: Any, path: str) -> None:
    """Check the four times of each round of a metric."""
    _each(_each(_number)).check(value, path)
    for index, slots in enumerate(value):
        if len(slots) != 4 or min(slots) <= 0:
            raise StructureError(f"{path}[{index}]: expected 4 positive times, found {_shown(slots)}")


_slots = Shape(_check_slots, _each(_each(_number)).schema)
_SIDE = _required({"id": _text, "parameters": _mapping, "kernel": _mapping_or_null})
_ARM = _required(
    {"label": _text, "settings": _each(_text), "rnnbench": _mapping, "packages": _mapping, "git": _mapping_or_null}
)

PAIRED = _required(
    {
        "run": _required({"id": _text, "started": _text, "finished": _text_or_null, "seed": _integer}),
        "plan": _required(
            {"screening": _integer_or_null, "deciding": _integer_or_null, "alpha": _number, "limits": _each(_text)}
        ),
        "suite": _required({"name": _text, "resolved": _mapping}),
        "arms": _required({"base": _ARM, "head": _ARM}),
        "machine": _mapping,
        "conditions": _mapping,
        "rounds": _each(_required({"stage": _integer, "order": _text, "seconds": _number})),
        "cases": _each(
            _required(
                {
                    "name": _text,
                    "status": _text,
                    "reason": _text_or_null,
                    "base": _SIDE,
                    "head": _SIDE,
                    "metrics": _each_value(
                        _required(
                            {
                                "unit": _text,
                                "better": _text,
                                "rounds": _each(_integer),
                                "seconds": _slots,
                                "log_ratios": _each(_number),
                            }
                        )
                    ),
                }
            )
        ),
        "warnings": _each(_text),
    }
)
"""A whole document of paired rounds, below its ``schema``."""
check_paired = PAIRED.check
