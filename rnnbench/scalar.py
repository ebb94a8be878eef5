"""What a written scalar means, in suites and on the command line alike: the core schema of YAML 1.2.

Unlike YAML 1.1 (which PyYAML follows) ``yes``, ``on`` and ``none`` are text, ``1e-3`` is a number, ``010`` is ten, and
``12:30`` is no sexagesimal. A whole number may be written as ``1e4`` or ``1.0``, too.
"""

from __future__ import annotations

import re

_NULL = re.compile(r"null|Null|NULL|~|")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_OCTAL = re.compile(r"0o[0-7]{1,400}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,400}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER = re.compile(r"\.(nan|NaN|NAN)")
_EXACT = 2.0**53
"""Up to here every whole float is one integer."""

Scalar = None | bool | int | float | str


def scalar(text: str) -> Scalar:
    """Return the value of a plain (unquoted) scalar.

    Examples
    --------
    >>> [scalar(text) for text in ("true", "yes", "010", "1e4", "1e-3", "0x10", "12:30", "~", "none")]
    [True, 'yes', 10, 10000, 0.001, 16, '12:30', None, 'none']
    """
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
        return int(text, 0)
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() and abs(number) <= _EXACT else number
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", ""))
    return float("nan") if _NOT_A_NUMBER.fullmatch(text) else text
