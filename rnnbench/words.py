"""Words for messages: quoting what a user wrote, and suggesting what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

_LONGEST = 60


def quoted(value: Any) -> str:
    """Return ``value`` between quotation marks, short, on one line, with nothing in it that a terminal obeys.

    Examples
    --------
    >>> quoted("bandd"), quoted("\\x1b[2J"), quoted(3), quoted(None)
    ("'bandd'", "'\\\\x1b[2J'", '3', 'null')
    """
    if isinstance(value, str):
        return f"'{printable(value)}'"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else printable(str(value))


def printable(text: str, longest: int = _LONGEST) -> str:
    """Return ``text`` cut to ``longest`` characters, with control and other unprintable characters escaped."""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that ``word`` probably misspells, or None.

    The last part of a dotted name stands for the whole: ``iterations`` is close to ``training.iterations``.
    """
    words = list(known)
    lowered = {name.lower(): name for name in words} | {name.rpartition(".")[2].lower(): name for name in words}
    lowered |= {name.lower(): name for name in words}
    found = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return the end of a message about the unknown ``word``: a suggestion where one is close, and what there is.

    Examples
    --------
    >>> did_you_mean("bandd", ["dense", "banded"])
    ": did you mean 'banded'? (known: dense, banded)"
    >>> did_you_mean("x", ["dense", "banded"])
    '; known: dense, banded'
    >>> did_you_mean("x", [])
    ': there are none here'
    """
    if not known:
        return ": there are none here"
    names = ", ".join(known)
    close = closest(word, known)
    return f": did you mean '{close}'? (known: {names})" if close else f"; known: {names}"
