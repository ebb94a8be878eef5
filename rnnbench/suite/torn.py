"""Values that YAML takes apart at a comma: ``[banded(4,4), dense]`` is a list of ``banded(4``, ``4)`` and ``dense``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml


class TornScalar(yaml.ScalarEvent):
    """A text without quotation marks, between brackets or braces, with commas in its parentheses; as one piece."""


def joined(events: Iterable[Any]) -> Iterator[Any]:
    """Yield the events of PyYAML's parser, with the pieces of every such text as one :class:`TornScalar`."""
    stream = iter(events)
    around: list[Any] = []
    for event in stream:
        _enter_or_leave(around, event)
        if not (around and around[-1].flow_style and _is_plain(event) and _opened(event) > 0):
            yield event
            continue
        taken, opened, found = [event], _opened(event), None
        in_mapping = isinstance(around[-1], yaml.MappingStartEvent)
        while found is None:
            taken.append(next(stream))  # what is between brackets ends with an event of its own
            opened += _opened(taken[-1])
            found = _is_torn(taken, opened, in_mapping)
        if found:
            yield _whole(taken)
        else:
            _enter_or_leave(around, taken[-1])
            yield from taken


def _is_torn(taken: Sequence[Any], opened: int, in_mapping: bool) -> bool | None:
    """Return whether these events, with so many parentheses open, are one text; None where the next one may tell.

    In a mapping, every piece but the first is a key whose value is empty.
    """
    last = taken[-1]
    is_value = in_mapping and len(taken) % 2 == 1
    if not _is_plain(last) or (is_value and last.value):
        return False
    return None if opened > 0 or (in_mapping and not is_value) else True


def _enter_or_leave(around: list[Any], event: Any) -> None:
    if isinstance(event, yaml.CollectionStartEvent):
        around.append(event)
    elif isinstance(event, yaml.CollectionEndEvent):
        around.pop()


def _is_plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not (event.style or event.tag or event.anchor)


def _opened(event: Any) -> int:
    """Return how many more parentheses a text opens than it closes."""
    return event.value.count("(") - event.value.count(")") if _is_plain(event) else 0


def _whole(pieces: Sequence[Any]) -> TornScalar:
    first, last = pieces[0], pieces[-1]
    text = ",".join(piece.value for piece in pieces if piece.value)
    return TornScalar(None, None, first.implicit, text, first.start_mark, last.end_mark)
