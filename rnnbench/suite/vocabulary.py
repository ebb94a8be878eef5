"""The words that a key of a suite takes, for completion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from rnnbench.choice import Choice
from rnnbench.suite.setting import known_keys, owner_of


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
    return dict(_words(model.model_fields[name].annotation))


def _words(annotation: Any) -> Iterator[tuple[str, str]]:
    origin = get_origin(annotation)
    if annotation is bool:
        yield from (("true", ""), ("false", ""))
    elif origin is Literal:
        yield from ((word, "") for word in get_args(annotation))
    elif isinstance(annotation, type) and issubclass(annotation, Choice):
        needs = any(field.is_required() for field in annotation.model_fields.values())
        yield (f"{annotation.kind}(" if needs else annotation.kind), getattr(annotation, "summary", "")
        yield from ((alias, "") for alias in annotation.aliases)
    elif origin is not tuple:
        for part in get_args(annotation):
            yield from _words(part)
