"""Words with a link to what they mean: the first of each in every part of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnbench.analysis.glossary import Term
from rnnbench.report.html.elements import text

_UNLINKED = {"a", "button", "summary", "svg", "script", "style", "label", "thead", "h1", "h2", "dl"}
_PARTS = {"h3", "figure", "table", "section"}
"""Where one of these begins, words are linked again."""
_TAG = re.compile(r"(<[^>]*>)")


def linked(html: str, terms: Sequence[Term]) -> tuple[str, list[Term]]:
    """Return the page's own HTML with its words linked, and those that it uses, in the order of ``terms``.

    Texts in it are escaped, so that ``<`` and ``>`` are of tags alone.
    """
    if not terms:
        return html, []
    pattern = re.compile("|".join(f"(?P<t{number}>{term.pattern})" for number, term in enumerate(terms)))
    used: set[int] = set()
    fresh: set[int] = set()
    closed: list[str] = []

    def link(match: re.Match[str]) -> str:
        number = int((match.lastgroup or "t0")[1:])
        used.add(number)
        if number in fresh:
            return match[0]
        fresh.add(number)
        term = terms[number]
        return f'<a class="word" href="#{_identity(term)}" title="{text(term.meaning)}">{match[0]}</a>'

    pieces = _TAG.split(html)
    for index, piece in enumerate(pieces):
        name = re.match(r"</?(\w+)", piece)
        if index % 2 and name:
            _follow(piece, name[1], closed)
            if name[1] in _PARTS and piece[1] != "/":
                fresh.clear()
        elif not closed:
            pieces[index] = pattern.sub(link, piece)
    return "".join(pieces), [term for number, term in enumerate(terms) if number in used]


def _follow(tag: str, name: str, closed: list[str]) -> None:
    """Keep the open elements in which nothing is linked."""
    if name in _UNLINKED and tag[1] != "/":
        closed.append(name)
    elif closed and tag == f"</{closed[-1]}>":
        closed.pop()


def words(terms: Sequence[Term]) -> str:
    """Return what the words mean, as HTML that the links lead to."""
    items = "".join(f'<dt id="{_identity(term)}">{text(term.name)}</dt><dd>{text(term.meaning)}</dd>' for term in terms)
    return f'<h3 id="words">Words</h3><dl class="words">{items}</dl>' if items else ""


def _identity(term: Term) -> str:
    return f"word-{re.sub('[^a-z0-9]+', '-', term.name.lower())}"
