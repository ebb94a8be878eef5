"""Amounts of memory, as suites write them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?i?)b?", re.IGNORECASE)

DEVICE = "device"
"""All that the device has free."""


def _in_bytes(value: Any) -> Any:
    """Turn ``1GiB``, ``512 MiB``, ``2GB`` into bytes; leave what is no text as it is."""
    if not isinstance(value, str) or value == DEVICE:
        return value
    match = _AMOUNT.fullmatch(value.strip())
    if match is None or match[2].lower() not in _UNITS:
        raise PydanticCustomError("budget", "a budget is 'device' or an amount of memory: 1GiB, 512MiB, 2GB, or bytes")
    return int(float(match[1]) * _UNITS[match[2].lower()])


_WRITTEN = {
    "anyOf": [
        {"enum": [DEVICE]},
        {"type": "integer", "minimum": 1},
        {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([kKmMgGtT][iI]?)?[bB]?\s*$"},
    ]
}

Budget = Annotated[
    Annotated[int, Field(ge=1)] | Literal["device"],
    BeforeValidator(_in_bytes),
    WithJsonSchema(_WRITTEN, mode="validation"),
]
"""The type of a suite's ``max_length.budget``: bytes, or :data:`DEVICE`."""
