"""Which documents stand beside each other: a line each, and one on the machine."""

from __future__ import annotations

from collections.abc import Sequence

from rnnbench.analysis.align import Document, Pairing
from rnnbench.report.header import machine_text
from rnnbench.report.printable import printable


def names_of(pairings: Sequence[Pairing]) -> list[str]:
    """Return what columns call the documents: ``base``, ``new``, or ``base``, ``new 1``, ``new 2``, ..."""
    if len(pairings) == 1:
        return ["base", "new"]
    return ["base", *(f"new {number}" for number in range(1, len(pairings) + 1))]


def pairing_lines(pairings: Sequence[Pairing]) -> list[str]:
    """Return a line per document, the figures below each other, and one on the machine; all have the same base."""
    documents = [pairings[0].base, *(pairing.new for pairing in pairings)]
    names = names_of(pairings)
    rows = [(name, *_described(document)) for name, document in zip(names, documents, strict=True)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    machine = printable(machine_text(documents[0].results.machine))
    if all(pairing.same_machine for pairing in pairings):
        return [*lines, f"One machine: {machine}."]
    return [*lines, f"base was measured on {machine}."]


def _described(document: Document) -> tuple[str, str, str, str, str]:
    results = document.results
    run, git = results.run, results.provenance.get("git")
    commit = str(git.get("commit") or "")[:10] if isinstance(git, dict) else ""
    launches = run.get("launches")
    finished = "" if run.get("finished") else "not finished"
    return (
        printable(document.name),
        f"{printable(results.suite['name'])}, {len(results.cases):,} {'case' if len(results.cases) == 1 else 'cases'}",
        printable(run["started"])[:16].replace("T", " "),
        f"commit {printable(commit)}" if commit else "",
        ", ".join(part for part in (f"{launches} launches" if isinstance(launches, int) else "", finished) if part),
    )
