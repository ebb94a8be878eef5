"""The words that a key of a suite takes, for completion: what its JSON Schema lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rnnbench.suite.setting import known_keys, owner_of

_COMPACT = re.compile(r"\^\\s\*(\w+)\\s\*\\\(")
"""How the schema of a choice says its compact notation."""


def words_of(key: str) -> dict[str, str]:
    """Return the words that may be written for a key, each with what it means where that is known.

    A choice that cannot do without options ends in its parenthesis: ``banded(``. Numbers, texts and lists have none.

    Examples
    --------
    >>> list(words_of("cell")), list(words_of("hidden")), list(words_of("no such key"))
    (['rnn', 'lstm', 'gru'], [], [])
    """
    if key not in known_keys():
        return {}
    model, name = owner_of(key)
    schema = model.model_json_schema()
    return dict(_words(schema["properties"][name], schema.get("$defs", {})))


def _words(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    said = schema.get("description", "").partition(": ")[2]
    if schema.get("type") == "boolean":
        yield from (("true", ""), ("false", ""))
    yield from ((word, said) for word in schema.get("enum", ()) if isinstance(word, str))
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    for option in options:
        compact = _COMPACT.match(option.get("pattern", ""))
        if compact is None:
            yield from ((word, known or said) for word, known in _words(option, definitions))
        elif not any(compact[1] in other.get("enum", ()) for other in options):
            yield f"{compact[1]}(", said
