"""YAML as data with positions.

A suite may come from anyone: tags are refused, aliases are bounded in number and depth, and nothing is constructed
but text, numbers, booleans, null, lists and mappings with text keys. Scalars follow YAML 1.2 (:mod:`rnnbench.scalar`).
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as PlainMapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import yaml

from rnnbench.choice import Choice
from rnnbench.scalar import Scalar as ScalarValue
from rnnbench.scalar import scalar
from rnnbench.suite.problem import Path, Place, Problem, SuiteError
from rnnbench.suite.torn import TornScalar, joined
from rnnbench.words import printable, quoted

MAX_DEPTH = 32
MAX_NODES = 100_000
"""Values in one file, with every alias counted as often as it is used."""

_MERGE = "<<"
_EXPLAINED = {
    "mapping values are not allowed here": "a ':' where no value can stand: check the indentation of the lines above, "
    "and quote text that contains ': '",
    "expected <block end>, but found '<block mapping start>'": "this line is indented less than the lines above it "
    "but more than their parent: align it with its neighbours",
    "could not find expected ':'": "this line has no ':' after the key: write `key: value`",
    "found unexpected end of stream": "the quotation mark opened here is never closed",
}


@dataclass(frozen=True)
class Scalar:
    """A text, number, boolean or null."""

    place: Place
    value: ScalarValue


@dataclass(frozen=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Mapping:
    """A mapping with text keys, in the order of the file."""

    place: Place
    entries: dict[str, Node]
    key_places: dict[str, Place]
    """Where each key is written."""


Node: TypeAlias = Scalar | Sequence | Mapping


def read_yaml(text: str, source: str) -> tuple[Node, list[Problem]]:
    """Return the one document in ``text``, and the problems that do not keep it from being read.

    Raises
    ------
    SuiteError
        The text is no YAML, or exceeds the limits on depth and number of values.
    """
    reader = _Reader(source)
    try:
        return reader.read(text), reader.problems
    except yaml.MarkedYAMLError as error:
        raise SuiteError([*reader.problems, _syntax_problem(error, source)]) from error
    except yaml.reader.ReaderError as error:
        place = _place_of_offset(text, error.position, source)
        message = f"the character {quoted(chr(error.character))} is not allowed in YAML: remove it"
        raise SuiteError([*reader.problems, Problem(place, message)]) from error
    except (ValueError, OverflowError) as error:
        # PyYAML turns an escape beyond Unicode ("\UFFFFFFFF") into chr()'s own error.
        problem = Problem(reader.place, f"this text cannot be read as YAML: {error}")
        raise SuiteError([*reader.problems, problem]) from error


def plain(node: Node) -> Any:
    """Return a node's value as plain data."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.entries.items()}


def from_plain(data: Any, source: str) -> tuple[Node, list[Problem]]:
    """Return plain data (and choices, such as connectivities) as nodes without line and column, and what is no such."""
    problems: list[Problem] = []
    return _node_of(data, Place(source), (), problems), problems


def _node_of(data: Any, place: Place, path: Path, problems: list[Problem]) -> Node:
    if isinstance(data, Choice):
        data = data.model_dump(mode="json")
    if len(path) > MAX_DEPTH:
        problems.append(Problem(place, f"nested more than {MAX_DEPTH} deep", path))
    elif isinstance(data, PlainMapping) and all(isinstance(key, str) for key in data):
        entries = {key: _node_of(value, place, (*path, key), problems) for key, value in data.items()}
        return Mapping(place, entries, dict.fromkeys(entries, place))
    elif isinstance(data, (list, tuple)):
        return Sequence(place, tuple(_node_of(item, place, (*path, at), problems) for at, item in enumerate(data)))
    elif data is None or isinstance(data, (bool, int, float, str)):
        return Scalar(place, data)
    else:
        kind = "a mapping with keys that are no text" if isinstance(data, PlainMapping) else f"a {type(data).__name__}"
        problems.append(
            Problem(place, f"{kind} is nothing that a suite holds: use text, numbers, lists, mappings", path)
        )
    return Scalar(place, None)


def find(node: Node, path: Path) -> Node | None:
    """Return the node that ``path`` below ``node`` leads to, or None."""
    found: Node | None = node
    for part in path:
        if isinstance(found, Mapping) and isinstance(part, str):
            found = found.entries.get(part)
        elif isinstance(found, Sequence) and isinstance(part, int) and part < len(found.items):
            found = found.items[part]
        else:
            return None
    return found


def place_of(node: Node, path: Path, key: bool = False) -> Place:
    """Return where ``path`` below ``node`` is written, as far as it exists; with ``key``, where its key is."""
    if key and path:
        parent = find(node, path[:-1])
        if isinstance(parent, Mapping) and path[-1] in parent.key_places:
            return parent.key_places[str(path[-1])]
    found = find(node, path)
    return found.place if found is not None else place_of(node, path[:-1])


@dataclass(frozen=True)
class _Anchor:
    node: Node
    values: int
    """Number of values in the node, itself included."""
    height: int
    """Levels below the node."""


@dataclass
class _Reader:
    """Builds nodes from PyYAML's stream of events."""

    source: str
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, _Anchor | None] = field(default_factory=dict)
    """None while the anchor's node is being read."""
    count: int = 0
    """Values read so far."""
    deepest: int = 0
    """Depth of the deepest value so far below the node that is being read."""
    place: Place = field(init=False)
    """Where reading is."""

    def __post_init__(self) -> None:
        self.place = Place(self.source, 1, 1)

    def read(self, text: str) -> Node:
        self.events: Iterator[Any] = joined(yaml.parse(text, Loader=yaml.SafeLoader))
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Scalar(self.place, None)
        node = self._node(self._next(), (), depth=0)
        self._next()
        if not isinstance(self._next(), yaml.StreamEndEvent):
            self._report("a second document starts here: a suite is one document, put each suite into its own file")
        return node

    def _next(self) -> Any:
        event: Any = next(self.events)
        self.place = Place(self.source, event.start_mark.line + 1, event.start_mark.column + 1)
        return event

    def _report(self, message: str, path: Path = (), place: Place | None = None) -> None:
        self.problems.append(Problem(place or self.place, message, path))

    def _fail(self, message: str, path: Path) -> SuiteError:
        return SuiteError([*self.problems, Problem(self.place, message, path)])

    def _node(self, event: Any, path: Path, depth: int) -> Node:
        self._reached(path, depth, values=1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), path, depth)
        if event.tag is not None:
            message = f"the tag {quoted(event.tag)} is not allowed: a suite is plain data, write the value itself"
            self._report(message, path)
        if event.anchor is None:
            return self._content(event, path, depth)
        self.anchors[event.anchor] = None
        before, above, self.deepest = self.count - 1, self.deepest, depth
        node = self._content(event, path, depth)
        self.anchors[event.anchor] = _Anchor(node, self.count - before, self.deepest - depth)
        self.deepest = max(self.deepest, above)
        return node

    def _content(self, event: Any, path: Path, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _alias(self, name: str, path: Path, depth: int) -> Node:
        if name not in self.anchors:
            raise self._fail(f"the alias {quoted('*' + name)} has no anchor {quoted('&' + name)} before it", path)
        anchor = self.anchors[name]
        if anchor is None:
            raise self._fail(f"the alias {quoted('*' + name)} contains itself", path)
        self._reached(path, depth + anchor.height, anchor.values - 1)
        return replace(anchor.node, place=self.place)

    def _reached(self, path: Path, depth: int, values: int) -> None:
        self.deepest = max(self.deepest, depth)
        if depth > MAX_DEPTH:
            raise self._fail(f"nested more than {MAX_DEPTH} deep", path)
        self.count += values
        if self.count > MAX_NODES:
            raise self._fail(f"more than {MAX_NODES:,} values (an alias counts as often as it is used)", path)

    def _scalar(self, event: Any, path: Path) -> Scalar:
        value: str = event.value
        if isinstance(event, TornScalar):
            quotation = f'write "{printable(value)}" in quotation marks'
            self._report(f"{quotation}: between brackets or braces, YAML cuts at every comma", path)
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            self._report("half of a surrogate pair is no text: remove the \\u escape", path)
            value = ""
        is_plain = event.style is None and event.tag is None
        return Scalar(self.place, scalar(value) if is_plain else value)

    def _sequence(self, path: Path, depth: int) -> Sequence:
        place = self.place
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items)), depth + 1))
        return Sequence(place, tuple(items))

    def _mapping(self, path: Path, depth: int) -> Mapping:
        mapping = Mapping(self.place, {}, {})
        merged: list[tuple[str, Place, Node]] = []
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            place = self.place
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == _MERGE and event.style is None
            key = self._key(self._node(event, path, depth + 1), place, path)
            value = self._node(self._next(), path if key is None else (*path, key), depth + 1)
            if is_merge:
                merged += self._merged(value, path)
            elif key is not None and key in mapping.entries:
                first = mapping.key_places[key]
                message = f"key {quoted(key)} is given twice, first in line {first.line}: remove one"
                self._report(message, (*path, key), place)
            elif key is not None:
                mapping.entries[key], mapping.key_places[key] = value, place
        for key, place, value in merged:
            if key not in mapping.entries:
                mapping.entries[key], mapping.key_places[key] = value, place
        return mapping

    def _key(self, node: Node, place: Place, path: Path) -> str | None:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        if isinstance(node, Scalar):
            self._report(f"the key {quoted(node.value)} is no text: keys are names", path, place)
        else:
            self._report("a list or mapping cannot be a key: keys are names", path, place)
        return None

    def _merged(self, value: Node, path: Path) -> list[tuple[str, Place, Node]]:
        """Return the entries that a merge key brings in; of several mappings the first wins."""
        mappings = value.items if isinstance(value, Sequence) else (value,)
        entries = []
        for mapping in mappings:
            if isinstance(mapping, Mapping):
                entries += [(key, mapping.key_places[key], node) for key, node in mapping.entries.items()]
            else:
                self._report(
                    "'<<' merges mappings only: give it an alias of one, or a list of them", path, mapping.place
                )
        return entries


def _syntax_problem(error: yaml.MarkedYAMLError, source: str) -> Problem:
    problem = error.problem or error.context or "this is no YAML"
    mark = error.problem_mark or error.context_mark
    if problem == "found unexpected end of stream" and error.context_mark is not None:
        mark = error.context_mark
    if mark is None:
        return Problem(Place(source, 1, 1), problem)
    place = Place(source, mark.line + 1, mark.column + 1)
    if "'\\t'" in problem:
        return Problem(place, "a tab cannot indent or separate here: YAML wants spaces, replace the tab by spaces")
    if "that cannot start any token" in problem:
        problem += ": put the text between quotation marks"
    elif problem not in _EXPLAINED and error.context:
        problem = f"{error.context}: {problem}"
    return Problem(place, _EXPLAINED.get(problem, problem.replace("<stream end>", "the end of the file")))


def _place_of_offset(text: str, offset: int, source: str) -> Place:
    before = text[:offset]
    return Place(source, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
