"""Selecting cases by name, with expressions like pytest's ``-k``: ``banded(1,1) and not hidden=32``.

A word is a part of a name, upper and lower case alike; words combine with ``and``, ``or``, ``not`` and parentheses.
A parenthesis directly after a word belongs to it, since names contain them. The expression is parsed here, never run.

Grammar::

    expression: conjunction ("or" conjunction)*
    conjunction: negation ("and" negation)*
    negation: "not" negation | "(" expression ")" | word
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rnnbench.errors import RnnbenchError
from rnnbench.words import printable

_OPERATORS = ("and", "or", "not")
_MAX_DEPTH = 50
_LISTED = 10

Predicate = Callable[[str], bool]
"""Of a name in lower case."""


def select_names(expression: str, names: Sequence[str], source: str) -> set[str]:
    """Return the names that ``expression`` selects.

    Raises
    ------
    RnnbenchError
        The expression is malformed, or selects none of the names, which are those of the suite ``source``.
    """
    predicate = parse(expression)
    selected = {name for name in names if predicate(name.lower())}
    if not selected:
        listed = "\n".join(f"  {printable(name, 200)}" for name in names[:_LISTED])
        more = f"\n  ... and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        raise RnnbenchError(
            f"-k {printable(expression, 200)}: selects none of the {len(names)} cases of {printable(source, 300)}:\n"
            f"{listed}{more}"
        )
    return selected


def parse(expression: str) -> Predicate:
    """Return the predicate on names (in lower case) that ``expression`` describes.

    Raises
    ------
    RnnbenchError
        The expression is malformed; the message points at the place.
    """
    return _Parser(expression).parse()


class _Token(NamedTuple):
    text: str
    column: int
    is_word: bool


class _Parser:
    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.tokens = _tokens(expression)
        self.position = 0

    def parse(self) -> Predicate:
        predicate = self._expression(depth=0)
        if self._peek() is not None:
            raise self._error("expected 'and' or 'or' here")
        return predicate

    def _expression(self, depth: int) -> Predicate:
        parts = [self._conjunction(depth)]
        while self._take("or"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else lambda name: any(part(name) for part in parts)

    def _conjunction(self, depth: int) -> Predicate:
        parts = [self._negation(depth)]
        while self._take("and"):
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else lambda name: all(part(name) for part in parts)

    def _negation(self, depth: int) -> Predicate:
        if depth > _MAX_DEPTH:
            raise self._error(f"nested more than {_MAX_DEPTH} deep")
        if self._take("not"):
            negated = self._negation(depth + 1)
            return lambda name: not negated(name)
        if self._take("("):
            inner = self._expression(depth + 1)
            if not self._take(")"):
                raise self._error("expected ')' here")
            return inner
        token = self._peek()
        if token is None or not token.is_word:
            raise self._error("expected a part of a name here")
        self.position += 1
        word = token.text.lower()
        return lambda name: word in name

    def _peek(self) -> _Token | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def _take(self, text: str) -> bool:
        token = self._peek()
        if token is None or token.is_word or token.text != text:
            return False
        self.position += 1
        return True

    def _error(self, reason: str) -> RnnbenchError:
        token = self._peek()
        column = len(self.expression) if token is None else token.column
        # Unprintable characters are replaced one by one, so that the caret stays in its column.
        shown = "".join(letter if letter.isprintable() else "?" for letter in self.expression)
        return RnnbenchError(f"-k: {reason}\n  {shown}\n  {' ' * column}^")


def _tokens(expression: str) -> list[_Token]:
    tokens, column = [], 0
    while column < len(expression):
        if expression[column].isspace():
            column += 1
        elif expression[column] in "()":
            tokens.append(_Token(expression[column], column, is_word=False))
            column += 1
        else:
            end = _end_of_word(expression, column)
            text = "".join(expression[column:end].split())
            tokens.append(_Token(text, column, is_word=text not in _OPERATORS))
            column = end
    return tokens


def _end_of_word(expression: str, start: int) -> int:
    """Return where the word ends that starts at ``start``, arguments in parentheses directly after it included."""
    depth, end = 0, start
    while end < len(expression):
        letter = expression[end]
        if letter == "(":
            if depth == 0 and expression[start:end] in _OPERATORS:
                break
            depth += 1
        elif letter == ")":
            if depth == 0:
                break
            depth -= 1
        elif letter.isspace() and depth == 0:
            break
        end += 1
    return end
