"""The gate on paired rounds: has head got slower than base by more than its limits?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnbench.analysis.gate_line import Line, Outcome, exit_code
from rnnbench.analysis.limits import Limits
from rnnbench.analysis.paired import Judgement, judge, rounds_needed
from rnnbench.analysis.paired_integrity import DECIDES, SCREENS
from rnnbench.analysis.paired_ratio import typical_times
from rnnbench.analysis.signed_rank import fewest_rounds
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.paired import MOST_ROUNDS, Paired
from rnnbench.suite.select import select_names
from rnnbench.words import printable

_FEWEST = 6
"""Rounds from which there is a 95 % interval."""


@dataclass(frozen=True)
class PairedGate:
    """What a gate found in paired rounds.

    Attributes
    ----------
    name, document
        The document and what messages call it.
    lines
        One per metric and case, by metric.
    alpha
        The error rate that was asked for.
    decided
        How many lines share it: those that deciding rounds were taken of.
    """

    name: str
    document: Paired
    lines: tuple[Line, ...]
    alpha: float
    decided: int

    def exit_code(self, strict: bool) -> ExitCode:
        """Return what the command exits with; with ``strict``, nothing may be left open."""
        return exit_code(self.lines, strict)


@dataclass(frozen=True)
class _Timed:
    """A metric of a case with the rounds of one stage."""

    key: str
    case: Mapping[str, Any]
    limit: float
    ratios: tuple[float, ...]


def paired_gate(document: Paired, name: str, limits: Limits, select: str | None = None) -> PairedGate:
    """Return what a gate finds in a checked document.

    Raises
    ------
    RnnbenchError
        Nothing that is gated was measured (:attr:`ExitCode.CASE_FAILED`), ``select`` selects nothing, or the rounds
        are too few for the error rate.
    """
    names = [case["name"] for case in document.cases]
    chosen = set(names) if select is None else select_names(select, names, name)
    cases = [case for case in document.cases if case["name"] in chosen]
    keys = list(dict.fromkeys(key for case in document.cases for key in case["metrics"]))
    deciding, screened, lines = _sorted_out(document, cases, keys, limits)
    if not deciding and not screened:
        raise _nothing(name, cases)
    _check_rounds(name, deciding, limits.alpha)
    lines += _lines(deciding, document, DECIDES, limits.alpha) + _lines(screened, document, SCREENS, limits.alpha)
    place = {(key, case["name"]): index for index, (key, case) in enumerate((k, c) for k in keys for c in cases)}
    lines.sort(key=lambda line: place[line.metric, line.name])
    return PairedGate(name, document, tuple(lines), limits.alpha, len(deciding))


def _sorted_out(
    document: Paired, cases: Sequence[Mapping[str, Any]], keys: Sequence[str], limits: Limits
) -> tuple[list[_Timed], list[_Timed], list[Line]]:
    """Return what deciding rounds were taken of, what was only screened, and the lines of what failed."""
    deciding: list[_Timed] = []
    screened: list[_Timed] = []
    failed: list[Line] = []
    for key in keys:
        for case in cases:
            limit = limits.limit(key, case["name"])
            if limit is None:
                continue
            if case["status"] != "ok":
                needs = f"the case is {case['status']}: {case['reason'] or 'no reason is given'}"
                failed.append(
                    Line(key, case["base"]["id"], case["name"], Outcome.MISSING, None, None, limit, needs=needs)
                )
            elif key in case["metrics"]:
                by_stage = _by_stage(document, case["metrics"][key])
                stage = DECIDES if by_stage[DECIDES] else SCREENS
                timed = _Timed(key, case, limit, tuple(by_stage[stage]))
                (deciding if stage == DECIDES else screened).append(timed)
    return deciding, screened, failed


def _by_stage(document: Paired, record: Mapping[str, Any]) -> dict[int, list[float]]:
    ratios: dict[int, list[float]] = {SCREENS: [], DECIDES: []}
    for index, ratio in zip(record["rounds"], record["log_ratios"], strict=True):
        ratios[document.rounds[index]["stage"]].append(ratio)
    return ratios


def _nothing(name: str, cases: Sequence[Mapping[str, Any]]) -> RnnbenchError:
    failed = next((case for case in cases if case["status"] != "ok"), None)
    why = "no metric that is gated was measured; name one with --limit" if cases else "holds no case"
    if failed is not None:
        why = f"no case was measured; {printable(failed['name'])} is {failed['status']}: {failed['reason']}"
    return RnnbenchError(f"{printable(name, 300)}: {why}", ExitCode.CASE_FAILED)


def _check_rounds(name: str, deciding: Sequence[_Timed], alpha: float) -> None:
    """See that the gate can fail at all: too few rounds never give a p-value that small."""
    if not deciding:
        return
    fewest, there = fewest_rounds(alpha / len(deciding)), min(len(timed.ratios) for timed in deciding)
    if there < fewest:
        of = f"{len(deciding)} timings" if len(deciding) > 1 else "one timing"
        raise RnnbenchError(
            f"{printable(name, 300)}: {there} rounds cannot show anything of {of} at an error rate of {alpha:g}: it "
            f"takes {fewest}. Run `rnnbench ab` with --rounds {fewest} or more, or ask for a larger --alpha"
        )


def _lines(timed: Sequence[_Timed], document: Paired, stage: int, alpha: float) -> list[Line]:
    if not timed:
        return []
    rounds = np.array([one.ratios for one in timed])
    judged = judge(rounds, np.array([one.limit for one in timed]), alpha)
    seconds = [entry["seconds"] for entry in document.rounds if entry["stage"] == stage]
    cost = sum(seconds) / len(seconds)
    return [
        _line(one, index, judged, _Origin(stage, cost, typical_times(document, one.case["metrics"][one.key])))
        for index, one in enumerate(timed)
    ]


@dataclass(frozen=True)
class _Origin:
    """The stage that a line's rounds are of, the seconds of such a round, and the typical times of base and head."""

    stage: int
    cost: float
    typical: tuple[float, float]


def _line(timed: _Timed, index: int, judged: Judgement, origin: _Origin) -> Line:
    """Return one line; what was only screened is the same or open, whatever its p-value."""
    stage = origin.stage
    outcome = Outcome.INCONCLUSIVE
    if stage == DECIDES and (judged.worse[index] or judged.better[index]):
        outcome = Outcome.REGRESSED if judged.worse[index] else Outcome.IMPROVED
    elif judged.same[index]:
        outcome = Outcome.SAME
    centre, low, high = (float(array[index]) for array in (judged.centre, judged.low, judged.high))
    p = float((judged.p_worse if centre > 0 else judged.p_better)[index])
    return Line(
        timed.key,
        timed.case["base"]["id"],
        timed.case["name"],
        outcome,
        *origin.typical,
        timed.limit,
        change=math.expm1(centre),
        interval=(math.expm1(low), math.expm1(high)) if math.isfinite(low) else None,
        threshold=timed.limit,
        p=p if stage == DECIDES else None,
        rounds=len(timed.ratios),
        needs=_needs(timed, centre, (high - low) / 2, origin.cost) if outcome is Outcome.INCONCLUSIVE else "",
    )


def _needs(timed: _Timed, centre: float, half: float, cost: float) -> str:
    """Return what would decide an open line, and how long that takes."""
    if timed.limit == 0:
        return "a limit above 0: times are never equal"
    rounds = _FEWEST
    if math.isfinite(half):
        rounds = rounds_needed(len(timed.ratios), centre, half, timed.limit)
    if rounds > MOST_ROUNDS:
        return f"a quieter machine: here it would take more than {MOST_ROUNDS} rounds"
    return f"about {rounds:,} rounds, {max(1, math.ceil(rounds * cost / 60)):,} min"
