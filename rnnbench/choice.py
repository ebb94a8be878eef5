"""A named choice with options, the way suites write one.

A connectivity, a task, an optimizer and an initialisation are all written alike, in one of three forms::

    dense                               # a name, all options at their defaults
    {banded: {lower: 1, upper: 1}}      # a name with options
    banded(1, 1)                        # the same, compact: positional options or key=value

Each family derives one frozen pydantic class per name from :class:`Choice` and declares its field type as
``Annotated[Annotated[A, Tag(A.kind)] | Annotated[B, Tag(B.kind)], by_name]``. Errors then carry the path as
written in the file (``connectivity.banded.lower``), because pydantic puts the tag of a
discriminated union into the location.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Discriminator, model_serializer, model_validator
from pydantic_core import PydanticCustomError

_ALIASES: dict[str, type[Choice]] = {}
_COMPACT = re.compile(r"\s*([A-Za-z_]\w*)\s*\((.*)\)\s*", re.DOTALL)


class Choice(BaseModel):
    """Base of every named choice: frozen, refuses unknown options, reads and writes the suite's notation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    """The name by which suites call this choice."""
    aliases: ClassVar[dict[str, dict[str, Any]]] = {}
    """Names for particular options (``tridiagonal`` for ``banded(1,1)``); they take no options themselves."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        _ALIASES.update(dict.fromkeys(cls.aliases, cls))

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, value: Any) -> Any:
        """Turn ``kind``, ``{kind: options}`` and ``kind(...)`` into the mapping of options."""
        if isinstance(value, str) and value.strip() in cls.aliases:
            return cls.aliases[value.strip()]
        if isinstance(value, str):
            return _compact_options(value, list(cls.model_fields))
        if isinstance(value, dict) and list(value) == [cls.kind]:
            options = value[cls.kind]
            return {} if options is None else options
        return value

    @model_serializer(mode="wrap")
    def _wrap(self, handler: Any) -> Any:
        options = {key: value for key, value in handler(self).items() if value is not None}
        return {self.kind: options} if options else self.kind

    def label(self) -> str:
        """Return an alias if one fits, else the compact notation without options at their defaults: ``banded(2,1)``.

        Options are positional as long as none before them was left out, then ``key=value``.
        """
        for alias, options in self.aliases.items():
            if self == type(self)(**options):
                return alias
        parts = []
        positional = True
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value == field.default:
                positional = False
                continue
            parts.append(f"{value:g}" if isinstance(value, float) else _plain(value))
            if not positional:
                parts[-1] = f"{name}={parts[-1]}"
        return f"{self.kind}({','.join(parts)})" if parts else self.kind


def kind_of(value: Any) -> str | None:
    """Return the name in a written choice, or None if ``value`` has the form of none.

    Examples
    --------
    >>> kind_of("dense"), kind_of({"banded": {"lower": 1}}), kind_of("banded(1,1)"), kind_of(3)
    ('dense', 'banded', 'banded', None)
    """
    if isinstance(value, Choice):
        return value.kind
    if isinstance(value, str):
        match = _COMPACT.fullmatch(value)
        name = match.group(1) if match else value.strip()
        return _ALIASES[name].kind if name in _ALIASES and not match else name
    if isinstance(value, dict) and len(value) == 1:
        key = next(iter(value))
        return key if isinstance(key, str) else None
    return None


by_name = Discriminator(kind_of)
"""Tells pydantic which class of a union of choices a written value names; an unknown name is the error
``union_tag_invalid``, a value of another form ``union_tag_not_found``."""


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).replace(" ", "")


def _compact_options(text: str, fields: list[str]) -> dict[str, Any]:
    """Parse the options of ``name(1, key=2)``; a bare name has none."""
    match = _COMPACT.fullmatch(text)
    inner = match.group(2).strip() if match else ""
    options: dict[str, Any] = {}
    for position, part in enumerate(inner.split(",") if inner else []):
        key, equals, written = part.partition("=")
        if not equals:
            if position >= len(fields):
                raise PydanticCustomError(
                    "choice_arguments",
                    "'{text}' has more than {count} options ({fields})",
                    {"text": text.strip(), "count": len(fields), "fields": ", ".join(fields)},
                )
            key, written = fields[position], part
        options[key.strip()] = _scalar(written.strip())
    return options


def _scalar(written: str) -> bool | int | float | str:
    """Read a scalar of the compact notation: true, false, an integer, a float, or text."""
    if written in ("true", "false"):
        return written == "true"
    for number in (int, float):
        try:
            return number(written)
        except ValueError:
            continue
    return written
