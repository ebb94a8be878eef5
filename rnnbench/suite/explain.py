"""pydantic's errors in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from inspect import isabstract
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from rnnbench.catalogue import Catalogue
from rnnbench.choice import Choice
from rnnbench.suite.problem import Path
from rnnbench.words import closest, did_you_mean, printable, quoted


class Explanation(NamedTuple):
    """What is wrong with a part of a value."""

    path: Path
    """Below the value that was validated."""
    message: str
    at_key: bool
    """Whether the key itself is wrong, not its value."""


def explain(error: ValidationError, model: type[BaseModel]) -> list[Explanation]:
    """Return every error that ``model`` raised, in words; mere consequences of others are left out."""
    errors: list[dict[str, Any]] = [dict(one) for one in error.errors(include_url=False)]
    misspelt = {
        (one["loc"][:-1], closest(str(one["loc"][-1]), list(_owner(model, one["loc"]).model_fields)))
        for one in errors
        if one["type"] == "extra_forbidden"
    }
    return [_explanation(one, model) for one in errors if not _is_consequence(one, misspelt)]


def _is_consequence(error: dict[str, Any], misspelt: set[tuple[Path, str | None]]) -> bool:
    """Return whether an error only says that a misspelt key is missing, or that a list is short of its wrong items."""
    if error["type"] == "missing":
        return (error["loc"][:-1], error["loc"][-1]) in misspelt
    return error["type"] == "too_short" and bool(len(error["input"]) >= error["ctx"]["min_length"])


def _explanation(error: dict[str, Any], model: type[BaseModel]) -> Explanation:
    kind, path = error["type"], error["loc"]
    if kind == "extra_forbidden":
        known = list(_owner(model, path).model_fields)
        return Explanation(path, f"unknown key {quoted(path[-1])}{did_you_mean(path[-1], known)}", at_key=True)
    if kind == "missing":
        return Explanation(path[:-1], _missing(model, path), at_key=False)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return Explanation(path, _unknown_choice(model, path, error["input"]), at_key=False)
    if kind in _WORDED:
        return Explanation(path, _WORDED[kind](error["input"], error.get("ctx", {})), at_key=False)
    message = error["msg"]
    return Explanation(path, message[:1].lower() + message[1:], at_key=False)


def _classes(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models in an annotation, through unions, ``Annotated`` and catalogues (not their bases)."""
    if isinstance(annotation, Catalogue):
        yield from annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and not isabstract(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _classes(part)


def _field_classes(model: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    """Return the models that the value at ``path`` may be of; the name of a choice is a step of the path."""
    classes: list[type[BaseModel]] = [model]
    for part in path:
        if isinstance(part, int):  # an item of a list is of the class of the list
            continue
        chosen: list[type[BaseModel]] = [one for one in classes if issubclass(one, Choice) and one.kind == part]
        fields = [one.model_fields[part] for one in classes if part in one.model_fields]
        parts = [part for field in fields for part in (*field.metadata, field.annotation)]
        classes = chosen or [found for part in parts for found in _classes(part)]
    return classes


def _owner(model: type[BaseModel], path: Path) -> type[BaseModel]:
    return _field_classes(model, path[:-1])[0]


_REMEDIES = {
    "version": "write `version: 1` at the top",
    "name": "give the suite a name, such as `name: mine`",
    "measure": "say what to measure, such as `measure: [throughput, memory]`",
    "metric": "say which metric is limited, such as `metric: training_time`",
    "limit": "say by which fraction it may get worse, such as `limit: 0.05`",
}
"""For each key that a suite cannot do without."""


def _missing(model: type[BaseModel], path: Path) -> str:
    if isinstance(path[-1], int):
        return "this list is too short"
    owner = _owner(model, path)
    if issubclass(owner, Choice):
        return f"{owner.kind} needs '{path[-1]}': its options are {', '.join(owner.model_fields)}"
    return f"the key '{path[-1]}' is missing: {_REMEDIES[path[-1]]}"


def _unknown_choice(model: type[BaseModel], path: Path, value: Any) -> str:
    """Say which names there are; ``value`` is whatever was written instead of one."""
    family = path[-1]
    classes = [one for one in _field_classes(model, path) if issubclass(one, Choice)]
    name = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else value
    if not isinstance(name, str):
        return f"a {family} is a name, or one name with its options (name: {{key: value}}), not {_described(value)}"
    written, name = name, name.partition("(")[0].strip()
    for one in classes:
        if name in one.aliases:
            return f"'{name}' takes no options: write {name} alone, or {one.kind} with options"
    known = [known for one in classes for known in (one.kind, *one.aliases)]
    if name in known:  # or pydantic would have known it: something is wrong with its parentheses
        unclosed = written.count("(") > written.count(")")
        return f"{quoted(written)}: " + ("a ')' is missing at the end" if unclosed else "nothing can follow the ')'")
    return f"unknown {family} {quoted(name)}{did_you_mean(name, known)}"


def _described(value: Any) -> str:
    if isinstance(value, dict):
        return (
            f"a mapping with the keys {', '.join(printable(str(key)) for key in value)}"
            if value
            else "an empty mapping"
        )
    return "a list" if isinstance(value, list) else quoted(value)


def _unknown_word(value: Any, context: dict[str, Any]) -> str:
    known = re.findall(r"'([^']*)'", context["expected"])
    if not isinstance(value, str):
        return f"should be one of {', '.join(known)}, not {_described(value)}"
    return f"unknown value {quoted(value)}{did_you_mean(value, known)}"


def _should_be(what: str) -> Callable[[Any, dict[str, Any]], str]:
    return lambda value, context: f"should be {what.format(**context)}, not {_described(value)}"


def _multiple(value: Any, context: dict[str, Any]) -> str:
    step = context["multiple_of"]
    below = value // step * step
    near = " or ".join(str(number) for number in (below, below + step) if number > 0)
    return f"should be a multiple of {step}, not {_described(value)}: use {near}"


_WORDED: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "int_type": _should_be("a whole number"),
    "int_from_float": _should_be("a whole number"),
    "float_type": _should_be("a number"),
    "finite_number": _should_be("a finite number"),
    "bool_type": _should_be("true or false"),
    "string_type": _should_be("text"),
    "greater_than": _should_be("greater than {gt:g}"),
    "greater_than_equal": _should_be("at least {ge:g}"),
    "less_than": _should_be("less than {lt:g}"),
    "less_than_equal": _should_be("at most {le}"),
    "multiple_of": _multiple,
    "literal_error": _unknown_word,
    "tuple_type": _should_be("a list ([a, b])"),
    "list_type": _should_be("a list ([a, b])"),
    "too_short": lambda _, context: f"should have {context['min_length']} or more values",
    "too_long": lambda _, context: f"should have no more than {context['max_length']} values",
    "model_type": _should_be("a mapping (key: value)"),
    "dict_type": _should_be("a mapping (key: value)"),
}
