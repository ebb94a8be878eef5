"""Whether a document of paired rounds agrees with itself: with its coin, its plan, and its own times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnbench.analysis.coin import order_of
from rnnbench.analysis.paired import log_ratios
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.paired import Paired
from rnnbench.words import printable, quoted

SCREENS, DECIDES = 1, 2
"""The stages of rounds; without screening all rounds are of the second."""
_TOLERANCE = 1e-9


def check_paired_figures(document: Paired, source: str) -> None:
    """See that a document is whole, and that nobody changed its rounds, orders or ratios.

    Raises
    ------
    RnnbenchError
        A contradiction; with :attr:`ExitCode.CASE_FAILED` where the run was not finished.
    """
    name = printable(source, 300)
    planned = {SCREENS: document.plan["screening"] or 0, DECIDES: document.plan["deciding"] or 0}
    taken = Counter(entry["stage"] for entry in document.rounds)
    if document.run["finished"] is None:
        raise RnnbenchError(
            f"{name}: was not finished: it holds {len(document.rounds)} rounds. A gate on fewer rounds than planned "
            f"has no known error rate: run it again{_said(document)}",
            ExitCode.CASE_FAILED,
        )
    wrong = _rounds(document, planned, taken) or _cases(document, planned)
    if wrong:
        raise RnnbenchError(
            f"{name}: damaged paired document: {wrong}; it was changed after the run: run `rnnbench ab` again"
        )


def _said(document: Paired) -> str:
    warnings = document.warnings
    return f" (it ended with: {printable(warnings[-1], 300)})" if warnings else ""


def _rounds(document: Paired, planned: Mapping[int, int], taken: Counter[int]) -> str | None:
    # A run ends early, and is finished, when its last case has failed.
    complete = any(case["status"] == "ok" for case in document.cases)
    if set(taken) - set(planned) or (complete and any(taken[stage] != count for stage, count in planned.items())):
        return f"plan has {dict(planned)} rounds by stage, rounds has {dict(sorted(taken.items()))}"
    seen: Counter[int] = Counter()
    for index, entry in enumerate(document.rounds):
        order = order_of(document.run["seed"], entry["stage"], seen[entry["stage"]])
        seen[entry["stage"]] += 1
        if entry["order"] != order:
            return f"rounds[{index}].order is {quoted(entry['order'])}, but the seed says {order}"
    return None


def _cases(document: Paired, planned: Mapping[int, int]) -> str | None:
    names = [case["name"] for case in document.cases]
    if len(set(names)) < len(names):
        return "a case is there twice"
    for case in document.cases:
        for key, record in case["metrics"].items():
            wrong = _metric(document, record)
            if wrong is None and case["status"] == "ok":
                wrong = _lacking(document, record, planned)
            if wrong:
                return f"case {quoted(case['name'])}, {quoted(key)}: {wrong}"
    return None


def _metric(document: Paired, record: Mapping[str, Any]) -> str | None:
    if (record["unit"], record["better"]) != ("s", "lower"):
        return f"expected seconds of which fewer are better, found {quoted(record['unit'])}, {quoted(record['better'])}"
    rounds, seconds, ratios = record["rounds"], record["seconds"], record["log_ratios"]
    if not len(rounds) == len(seconds) == len(ratios):
        return f"{len(rounds)} rounds, {len(seconds)} times and {len(ratios)} log-ratios"
    if not rounds:
        return None
    if sorted(set(rounds)) != rounds or rounds[0] < 0 or rounds[-1] >= len(document.rounds):
        return "its rounds are not those of the document"
    orders = np.array([document.rounds[index]["order"] == "ABBA" for index in rounds])
    expected = log_ratios(np.array(seconds, dtype=np.float64), orders)
    if not np.allclose(expected, ratios, rtol=_TOLERANCE, atol=_TOLERANCE):
        index = int(np.argmax(np.abs(expected - ratios)))
        return f"log_ratios[{index}] is {ratios[index]:.6g}, but its times give {expected[index]:.6g}"
    return None


def _lacking(document: Paired, record: Mapping[str, Any], planned: Mapping[int, int]) -> str | None:
    """Return which rounds are missing: all of stage 1 are there, of stage 2 all or, after a screening, none."""
    taken = Counter(document.rounds[index]["stage"] for index in record["rounds"])
    screened = planned[SCREENS] > 0 and taken[DECIDES] == 0
    if taken[SCREENS] != planned[SCREENS] or (taken[DECIDES] != planned[DECIDES] and not screened):
        return f"it has {dict(sorted(taken.items()))} of {dict(planned)} rounds by stage"
    return None
