"""The JSON Schema of suites, for editors: what may be written where, with defaults and what it means.

It accepts every suite that the loader accepts. What it cannot say (rules across keys, sizes that do not divide, files
that are not there) `rnnbench validate` does. Draft 7, which the YAML language server of editors reads.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from rnnbench.suite.axis import LARGEST_POWER
from rnnbench.suite.matrix import SECTIONS
from rnnbench.suite.schema import MEASUREMENT_SETTINGS, Contrast, Header, Parameters
from rnnbench.suite.setting import known_keys, owner_of

DIALECT = "http://json-schema.org/draft-07/schema#"
Json = dict[str, Any]

_DESCRIBED = {
    "defaults": "Parameters and settings of measurements that every case has.",
    "matrix": "Axes: every combination of their values is a case.",
    "include": "Additions to the combinations of the axes, or cases of their own.",
    "exclude": "Combinations of the axes to leave out.",
}


def suite_schema() -> Json:
    """Return the JSON Schema of a suite file."""
    models: list[type[BaseModel]] = [Header, Parameters, *MEASUREMENT_SETTINGS.values()]
    _, made = models_json_schema([(model, "validation") for model in models], schema_generator=_Untitled)
    definitions: Json = made["$defs"]
    described: list[type[BaseModel]] = [*models, Contrast]
    for model in described:
        _describe(definitions[model.__name__], model)
        definitions[model.__name__].pop("title", None)
    header = definitions.pop("Header")
    definitions |= _generators()
    definitions["Settings"] = _mapping({key: _value_of(key) for key in known_keys()})
    definitions["Axes"] = _mapping({key: _axis(key, definitions) for key in known_keys()}) | {"minProperties": 1}
    header["properties"] |= dict(zip(SECTIONS, _sections(), strict=True))
    return {
        "$schema": DIALECT,
        "title": "rnnbench suite",
        "description": "Which cases to run, and what to measure of each; docs/suites.md has every key.",
        **{key: value for key, value in header.items() if key not in ("title", "description")},
        "$defs": definitions,
    }


class _Untitled(GenerateJsonSchema):
    """Without titles that only repeat a key."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False."""
        return False


def _sections() -> Iterator[Json]:
    """Yield the schema of each of :data:`SECTIONS`."""
    settings, axes = {"$ref": "#/$defs/Settings"}, {"$ref": "#/$defs/Axes"}
    entries = {"type": "array", "items": {"allOf": [settings], "minProperties": 1}}
    null = {"type": "null"}
    schemas: dict[str, list[Json]] = {
        "defaults": [settings, null],
        "matrix": [axes],
        "include": [entries, null],
        "exclude": [entries, null],
    }
    for section in SECTIONS:
        yield {"description": _DESCRIBED[section], "anyOf": schemas[section]}


def _mapping(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _value_of(key: str) -> Json:
    """Return a reference to the schema of a key's value, where its model has it."""
    model, name = owner_of(key)
    return {"$ref": f"#/$defs/{model.__name__}/properties/{name}"}


def _axis(key: str, definitions: Json) -> Json:
    """Return the schema of an axis: a list of values, some of them generated where these are numbers, or a generator.

    The generators are those of :func:`rnnbench.suite.axis.read_axis`.
    """
    model, name = owner_of(key)
    value = definitions[model.__name__]["properties"][name]
    kinds = {option.get("type") for option in [value, *value.get("anyOf", ())]}
    generators = [{"$ref": f"#/$defs/{name}"} for name in _generators()] if kinds & {"integer", "number"} else []
    items = {"anyOf": [_value_of(key), *generators]} if generators else _value_of(key)
    values: Json = {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    return {"anyOf": [values, *generators]} if generators else values


def _generators() -> dict[str, Json]:
    exponent = {"type": "integer", "minimum": 0, "maximum": LARGEST_POWER}
    number = {"type": "integer", "minimum": 1, "maximum": 2**LARGEST_POWER}
    said = {
        "pow2": ("[a, b] makes 2^a, 2^(a + 1), ..., 2^b", exponent, 2),
        "geom": ("[first, last, factor] makes first, first x factor, ..., last", number, 3),
    }
    return {
        name: {
            **_mapping({name: {"type": "array", "items": item, "minItems": count, "maxItems": count}}),
            "description": text,
            "required": [name],
        }
        for name, (text, item, count) in said.items()
    }


def _describe(schema: Json, model: type[BaseModel]) -> None:
    """Give the properties of a model what the docstrings under its fields say."""
    for name, text in _docstrings(model).items():
        if name in schema.get("properties", {}):
            schema["properties"][name]["description"] = text


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Return the string that follows each field in the source of a class, on one line and without markup."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - tells the type checker
    found = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            text = ast.literal_eval(after.value) if isinstance(after.value, ast.Constant) else None
            if isinstance(text, str):
                found[field.target.id] = " ".join(text.replace("``", "`").split())
    return found
