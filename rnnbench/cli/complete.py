"""What may stand where on a command line: suites, documents, cases, keys and their values, for shells to complete.

Whatever is wrong on the line (a suite with mistakes, a file that is not there) completes to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from rnnbench.errors import RnnbenchError

_SUITES = (".yaml", ".yml")
_DOCUMENTS = (".json",)
_FILE_PARAMETERS = ("suites", "suite", "results", "base", "resume")
"""Parameters of commands that name where cases are."""

Items = list[CompletionItem]


def suites(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Offer suites here and one folder down; else any file."""
    return _files(incomplete, _SUITES)


def documents(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Offer documents here and one folder down; else any file."""
    return _files(incomplete, _DOCUMENTS)


def suites_and_documents(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Offer suites and documents here and one folder down; else any file."""
    return _files(incomplete, (*_SUITES, *_DOCUMENTS))


def expression(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Offer the names of cases for the last word of what ``-k`` selects by."""
    before, word = _last_word(incomplete)
    return [CompletionItem(before + name) for name in _names(context) if name.lower().startswith(word.lower())]


def case(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Offer the names of cases."""
    return [CompletionItem(name) for name in _names(context) if name.startswith(incomplete)]


def setting(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Offer keys of suites, and after the equals sign the words that the key takes."""
    from rnnbench.suite.setting import known_keys
    from rnnbench.suite.vocabulary import words_of

    key, equals, values = incomplete.partition("=")
    if not equals:
        return [CompletionItem(f"{known}=") for known in known_keys() if known.startswith(key)]
    before, comma, word = values.rpartition(",")
    # A comma within a parenthesis separates options, not values.
    if before.count("(") > before.count(")"):
        return []
    start = f"{key}={before}{comma}"
    return [CompletionItem(start + one, help=said) for one, said in words_of(key).items() if one.startswith(word)]


def axis(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Offer the keys of cases, such as ``connectivity``."""
    from rnnbench.suite.setting import known_keys

    return [CompletionItem(known) for known in known_keys() if known.startswith(incomplete)]


def metrics(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Offer metrics, for the last of several that are separated by commas."""
    from rnnbench.results.metrics import METRICS

    before, comma, word = incomplete.rpartition(",")
    return [
        CompletionItem(before + comma + name, help=kind.summary)
        for name, kind in METRICS.items()
        if name.startswith(word)
    ]


def _files(incomplete: str, suffixes: Sequence[str]) -> Items:
    found = sorted(_candidates(incomplete, suffixes))
    return [CompletionItem(name) for name in found] or [CompletionItem(incomplete, type="file")]


def _candidates(incomplete: str, suffixes: Sequence[str]) -> Iterator[str]:
    """Yield the files that begin like ``incomplete``, and those in folders that do, spelt the way it is."""
    folder, slash, start = incomplete.rpartition("/")
    within = Path(f"{folder}{slash}" or ".")
    for entry in _entries(within):
        if not entry.name.startswith(start) or entry.name.startswith("."):
            continue
        if entry.suffix in suffixes:
            yield f"{folder}{slash}{entry.name}"
        elif entry.is_dir():
            yield from (f"{folder}{slash}{entry.name}/{one.name}" for one in _entries(entry) if one.suffix in suffixes)


def _entries(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _last_word(written: str) -> tuple[str, str]:
    """Return an expression cut before its last word, which a parenthesis may open.

    Examples
    --------
    >>> _last_word("dense or (banded(1,")
    ('dense or (', 'banded(1,')
    """
    match = re.fullmatch(r"((?:.*\s)?\(*)(\S*)", written, re.DOTALL)
    return (match[1], match[2]) if match else ("", written)


def _names(context: click.Context) -> list[str]:
    """Return the names of the cases of every suite and document that the line names so far."""
    named: list[str] = []
    for parameter in _FILE_PARAMETERS:
        given: Any = context.params.get(parameter) or ()
        named += map(str, given if isinstance(given, (tuple, list)) else [given])
    return list(dict.fromkeys(name for file in named for name in _names_in(Path(file), context)))


def _names_in(path: Path, context: click.Context) -> list[str]:
    try:
        if path.suffix in _SUITES:
            from rnnbench.suite.loader import load_suite

            return [case.name for case in load_suite(path, context.params.get("overrides") or ()).cases]
        from rnnbench.results.document import Results

        return [case["name"] for case in Results.read(path).cases]
    except RnnbenchError:
        return []
