"""Splitting text at commas that stand outside brackets and quotation marks."""

from __future__ import annotations

_CLOSING = {"(": ")", "[": "]", "{": "}"}


def split_at_commas(text: str) -> list[str]:
    """Return the pieces of ``text`` between its top-level commas, stripped.

    Raises
    ------
    ValueError
        A bracket or quotation mark is not closed, or closes nothing.

    Examples
    --------
    >>> split_at_commas("banded(1,1), {banded: {lower: 2, upper: 0}}, 'a,b'")
    ['banded(1,1)', '{banded: {lower: 2, upper: 0}}', "'a,b'"]
    """
    pieces, start = [], 0
    expected: list[str] = []
    quote = ""
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _CLOSING:
            expected.append(_CLOSING[letter])
        elif letter in _CLOSING.values():
            if not expected or expected.pop() != letter:
                raise ValueError(f"the '{letter}' closes no bracket")
        elif letter == "," and not expected:
            pieces.append(text[start:index].strip())
            start = index + 1
    if quote or expected:
        raise ValueError(f"a {quote or expected[-1]} is missing at the end")
    return [*pieces, text[start:].strip()]
