"""A named choice with options, the way suites write one.

A connectivity, a task, an optimizer and an initialisation are all written alike, in one of four forms::

    dense                               # a name, all options at their defaults
    {banded: {lower: 1, upper: 1}}      # a name with options
    banded(1, 1)                        # the same, compact: positional options or key=value
    {block_diagonal: 4}                 # a name with its first option

Each family derives one frozen pydantic class per name from :class:`Choice` and declares its field type as
``Annotated[Annotated[A, Tag(A.kind)] | Annotated[B, Tag(B.kind)], by_name]``, or, where plug-ins may add to it, by
a :class:`rnnbench.catalogue.Catalogue`. Errors then carry the path as written in the file
(``connectivity.banded.lower``), because pydantic puts the tag of a discriminated union into the location.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Discriminator, GetJsonSchemaHandler, model_serializer, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from rnnbench.commas import split_at_commas
from rnnbench.scalar import scalar
from rnnbench.words import printable, quoted

_ALIASES: dict[str, type[Choice]] = {}
_COMPACT = re.compile(r"\s*([A-Za-z_]\w*)\s*\((.*)\)\s*", re.DOTALL)


class Choice(BaseModel):
    """Base of every named choice: frozen, refuses unknown options, reads and writes the suite's notation."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: ClassVar[str]
    """The name by which suites call this choice."""
    aliases: ClassVar[dict[str, dict[str, Any]]] = {}
    """Names for particular options (``tridiagonal`` for ``banded(1,1)``); they take no options themselves."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        for alias in cls.aliases:
            _ALIASES.setdefault(alias, cls)  # a class that comes later, and may be refused, takes nobody's name

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, value: Any) -> Any:
        """Turn ``kind``, ``{kind: options}``, ``{kind: option}`` and ``kind(...)`` into the mapping of options."""
        if isinstance(value, str) and value.strip() in cls.aliases:
            return cls.aliases[value.strip()]
        if isinstance(value, str):
            return _compact_options(value, list(cls.model_fields))
        if isinstance(value, dict) and list(value) == [cls.kind]:
            options = value[cls.kind]
            if isinstance(options, (int, float, str)) and cls.model_fields:
                return {next(iter(cls.model_fields)): options}
            return {} if options is None else options
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON Schema of all four notations."""
        schema = handler(core_schema)
        written = handler.resolve_ref_schema(schema)
        options = dict(written)
        written.clear()
        written.update({"description": _said(cls, options), "anyOf": _notations(cls, options)})
        return schema

    @model_serializer(mode="wrap")
    def _wrap(self, handler: Any) -> Any:
        options = {key: value for key, value in handler(self).items() if value is not None}
        return {self.kind: options} if options else self.kind

    def label(self) -> str:
        """Return an alias if one fits, else the compact notation without options at their defaults: ``banded(2,1)``.

        Options are positional as long as none before them was left out, then ``key=value``; true and false say too
        little alone and always have their key.
        """
        for alias, options in self.aliases.items():
            if self == type(self)(**options):
                return alias
        return compact(self)


def compact(choice: Choice) -> str:
    """Return the notation of :meth:`Choice.label`, whether there is an alias or not."""
    parts = []
    positional = True
    for name, field in type(choice).model_fields.items():
        value = getattr(choice, name)
        positional = positional and value != field.default and not isinstance(value, bool)
        if value == field.default:
            continue
        parts.append(plain_text(value) if positional else f"{name}={plain_text(value)}")
    return f"{choice.kind}({','.join(parts)})" if parts else choice.kind


def _said(choice: type[Choice], options: dict[str, Any]) -> str:
    """Return one line on a choice: its summary, or the first of its docstring."""
    summary: str = getattr(choice, "summary", "") or options.get("description", "").partition("\n")[0]
    return f"{choice.kind}: {summary}"


def _notations(choice: type[Choice], options: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the JSON Schema of each notation: names, the compact one, and a mapping from the name to the options."""
    options = {key: value for key, value in options.items() if key not in ("title", "description")}
    required = options.get("required", [])
    names = [*([] if required else [choice.kind]), *choice.aliases]
    inner = r"[\s\S]*" if choice.model_fields else r"\s*"
    mapped = [options, *([] if required else [{"type": "null"}])]
    if choice.model_fields and set(required) <= {next(iter(choice.model_fields))}:
        mapped.append(next(iter(options["properties"].values())))
    return [
        *([{"enum": names}] if names else []),
        {"type": "string", "pattern": rf"^\s*{choice.kind}\s*\({inner}\)\s*$"},
        {
            "type": "object",
            "properties": {choice.kind: {"anyOf": mapped}},
            "required": [choice.kind],
            "additionalProperties": False,
        },
    ]


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


def plain_text(value: Any) -> str:
    """Return the shortest text that reads back as ``value``: ``true``, ``null``, ``0.1``, ``1e-05``, ``[0.9,0.99]``.

    Values with a readable form of their own (choices) use it.
    """
    if isinstance(value, Choice):
        return value.label()
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    if isinstance(value, (tuple, list)):
        return f"[{','.join(plain_text(item) for item in value)}]"
    return str(value)


def _compact_options(text: str, fields: list[str]) -> dict[str, Any]:
    """Parse the options of ``name(1, key=2)``; a bare name has none."""
    match = _COMPACT.fullmatch(text)
    inner = match.group(2).strip() if match else ""
    try:
        parts = split_at_commas(inner) if inner else []
    except ValueError as error:
        raise _compact_error(text, str(error)) from error
    options: dict[str, Any] = {}
    for position, part in enumerate(parts):
        key, equals, written = (piece.strip() for piece in part.partition("="))
        if not part:
            raise _compact_error(text, "a value is missing at a comma")
        if not equals and position >= len(fields):
            raise _compact_error(text, f"at most {len(fields)} options ({', '.join(fields)}) can be given")
        if not equals:
            key, written = fields[position], part
        if key in options:
            raise _compact_error(text, f"option '{printable(key)}' is given twice")
        options[key] = _compact_value(written)
    return options


def _compact_value(written: str) -> Any:
    if written[:1] + written[-1:] in ("[]", "()"):
        inner = written[1:-1].strip()
        return [_compact_value(item) for item in split_at_commas(inner)] if inner else []
    return scalar(written)


def _compact_error(text: str, reason: str) -> PydanticCustomError:
    # A dictionary, because braces in the user's text must not be read as fields of a template.
    return PydanticCustomError("choice_compact", "{text}: {reason}", {"text": quoted(text.strip()), "reason": reason})
