"""The shape that documents must have before anything else looks at them.

Checked by hand, because showing 500 cases must start in a blink; what is not listed here is neither checked
nor lost, so that documents of a newer minor version are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str], None]
"""Takes a value and its path; raises :class:`StructureError`."""


class StructureError(ValueError):
    """A part of the document that is not what it should be: path, what was expected, what was found."""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _kind(expected: str, *types: type) -> Check:
    def check(value: Any, path: str) -> None:
        # `type`, not `isinstance`: true is no number here.
        if type(value) not in types:
            raise StructureError(f"{path}: expected {expected}, found {_shown(value)}")

    return check


_text = _kind("text", str)
_text_or_null = _kind("text or null", str, type(None))
_number = _kind("a number", int, float)
_integer = _kind("a whole number", int)
_integer_or_null = _kind("a whole number or null", int, type(None))
_number_or_null = _kind("a number or null", int, float, type(None))
_mapping = _kind("a mapping", dict)
_mapping_or_null = _kind("a mapping or null", dict, type(None))
_list = _kind("a list", list)


def _required(fields: Mapping[str, Check]) -> Check:
    def check(value: Any, path: str) -> None:
        _mapping(value, path)
        for key, inner in fields.items():
            if key not in value:
                raise StructureError(f"{path}: '{key}' is missing" if path else f"'{key}' is missing")
            inner(value[key], f"{path}.{key}" if path else key)

    return check


def _each(inner: Check) -> Check:
    def check(value: Any, path: str) -> None:
        _list(value, path)
        for index, item in enumerate(value):
            inner(item, f"{path}[{index}]")

    return check


def _each_value(inner: Check) -> Check:
    def check(value: Any, path: str) -> None:
        _mapping(value, path)
        for key, item in value.items():
            inner(item, f"{path}.{_shown(key)[1:-1]}")

    return check


def _interval(value: Any, path: str) -> None:
    if value is None:
        return
    _each(_number)(value, path)
    if len(value) != 2 or value[0] > value[1]:
        raise StructureError(f"{path}: expected [low, high] or null, found {_shown(value)}")


def _samples(value: Any, path: str) -> None:
    if value is None:
        return
    _each(_list)(value, path)
    for index, row in enumerate(value):
        # The bulk of a document is numbers: look at their types in one go, and at each only where one is wrong.
        if not set(map(type, row)) <= {int, float, type(None)}:
            _each(_number_or_null)(row, f"{path}[{index}]")


_METRIC = _required(
    {
        "value": _number_or_null,
        "unit": _text,
        "better": _text,
        "ci95": _interval,
        "samples": _samples,
        "flags": _each(_text),
        "details": _mapping,
    }
)

_CASE = _required(
    {
        "id": _text,
        "name": _text,
        "parameters": _mapping,
        "status": _text,
        "reason": _text_or_null,
        "metrics": _each_value(_METRIC),
    }
)

check_document: Check = _required(
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
"""Checks a whole document, below its ``schema``."""


def _slots(value: Any, path: str) -> None:
    """Check the four times of each round of a metric."""
    _each(_each(_number))(value, path)
    for index, slots in enumerate(value):
        if len(slots) != 4 or min(slots) <= 0:
            raise StructureError(f"{path}[{index}]: expected 4 positive times, found {_shown(slots)}")


_SIDE = _required({"id": _text, "parameters": _mapping, "kernel": _mapping_or_null})
_ARM = _required(
    {"label": _text, "settings": _each(_text), "rnnbench": _mapping, "packages": _mapping, "git": _mapping_or_null}
)

check_paired: Check = _required(
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
"""Checks a whole document of paired rounds, below its ``schema``."""
