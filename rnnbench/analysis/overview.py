"""What a document answers, in one line: the question it asks, the answer, what that costs, and how sure it is.

Suites ask different things of a connectivity: what is learnt with it, how far back it looks, how fast it is. An answer
says which of these it is of, so that those of several documents can stand beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rnnbench.analysis.answer_line import Line
from rnnbench.analysis.cautions import MANY_LAUNCHES, MUCH, busy, timed, unsettled
from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.learning_line import learning_line
from rnnbench.analysis.reach_line import reach_line
from rnnbench.analysis.speed_line import kernel_line, time_line
from rnnbench.analysis.wording import listing


def line(document: Mapping[str, Any]) -> Line | None:
    """Return the answer of a document; None where its suite contrasts nothing, or nothing follows from it."""
    contrast = contrast_of(document)
    if contrast is None:
        return None
    found = learning_line(contrast) or reach_line(contrast, document) or kernel_line(contrast) or time_line(contrast)
    return found and _with_doubts(found, document)


def _with_doubts(found: Line, document: Mapping[str, Any]) -> Line:
    """Return an answer whose sureness says what to make of its times, where they moved or the machine was busy."""
    git = document["provenance"].get("git") or {}
    if git.get("dirty"):
        found = replace(found, sure=f"{found.sure.removesuffix('.')}; by code with uncommitted changes.")
    if not any(timed(case) for case in document["cases"]):
        return found
    moving, clocked = unsettled(document["cases"])
    restless = moving > 0 and moving >= MUCH * clocked
    doubts = [f"the times of {moving} of {clocked} cases had not settled"] if restless else []
    doubts += ["the machine was busy when the run started"] if busy(document) else []
    if not doubts:
        return found
    text = f"{listing(doubts)}: differences of a few per cent count as none"
    launches = document["run"].get("launches")
    if restless and isinstance(launches, int) and launches < MANY_LAUNCHES:
        text += ", and intervals over so few launches may be too narrow"
    return replace(found, sure=f"{found.sure.removesuffix('.')}; {text}.")


def verdicts(named: Sequence[tuple[str, Line]]) -> list[str]:
    """Return whether full connectivity is necessary by each document that asks that, a sentence each."""
    direct = [f"{line.necessary} ({name})." for name, line in named if line.necessary]
    return [f"{text[0].upper()}{text[1:]}" for text in direct]


def agreement(named: Sequence[tuple[str, Line]]) -> str:
    """Return how the answers of several documents go together where there are no :func:`verdicts`.

    Which connectivity is shown to be the answer to which question; empty where fewer than two speak for one.

    Parameters
    ----------
    named
        Each answer with the name of its suite.
    """
    speaking = [(name, line) for name, line in named if line.takes]
    if len(speaking) < 2:
        return ""
    common = set.intersection(*(set(line.takes) for _, line in speaking))
    parts = [f"{' or '.join(line.takes)} for {line.question} ({name})" for name, line in speaking]
    if common:
        shared = listing(label for label in speaking[0][1].takes if label in common)
        return f"All agree on {shared}: {listing(parts)}."
    questions = {line.question for _, line in speaking}
    why = "The suites ask different questions, and" if len(questions) > 1 else "Asked the same in different settings,"
    return f"{why} no one connectivity is the answer to all: {listing(parts)}."
