"""Text from documents, made safe to print: results and suites are untrusted data."""

from __future__ import annotations

import unicodedata

_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Control and format characters (escape sequences, reversed writing), lone surrogates, line separators."""


def printable(text: object) -> str:
    """Return ``text`` on one line, without characters that steer a terminal or hide other text."""
    written = str(text)
    if written.isascii() and written.isprintable():
        return written
    kept = (" " if character.isspace() else character for character in written if _is_kept(character))
    return "".join(kept)


def _is_kept(character: str) -> bool:
    return character in "\t\n\r" or unicodedata.category(character) not in _UNSAFE
