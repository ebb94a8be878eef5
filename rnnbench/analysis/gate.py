"""The gate on two stored runs: has any metric of any case got worse by more than its limit?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnbench.analysis.align import Case, Pairing
from rnnbench.analysis.differences import Difference, differences
from rnnbench.analysis.form import form_of
from rnnbench.analysis.gate_exact import exact_line
from rnnbench.analysis.gate_line import Line, Outcome, exit_code
from rnnbench.analysis.gate_timing import timing_lines
from rnnbench.analysis.limits import Limits
from rnnbench.analysis.permutation import fewest_launches
from rnnbench.analysis.sessions import Sessions
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.words import printable


@dataclass(frozen=True)
class Gate:
    """What a gate found.

    Attributes
    ----------
    pairing, differences, sessions
        The documents, what differs between them besides figures, and the earlier sessions.
    lines
        One per metric and case, by metric.
    alpha
        The error rate that was asked for.
    timings
        How many lines the error rate is shared by.
    """

    pairing: Pairing
    differences: tuple[Difference, ...]
    sessions: Sessions
    lines: tuple[Line, ...]
    alpha: float
    timings: int

    @property
    def advisory(self) -> bool:
        """Whether there are timings, and none of them binds."""
        timed = [line for line in self.lines if line.launches is not None]
        return bool(timed) and not any(line.binding for line in timed)

    def exit_code(self, strict: bool) -> ExitCode:
        """Return what the command exits with; with ``strict``, nothing may be left open."""
        return exit_code(self.lines, strict)


def gate(pairing: Pairing, sessions: Sessions, limits: Limits) -> Gate:
    """Return what a gate finds in two aligned documents of one machine.

    Raises
    ------
    RnnbenchError
        The machines or devices differ (:attr:`ExitCode.NOT_COMPARABLE`), no gated metric was measured in both
        (:attr:`ExitCode.CASE_FAILED`), or no timing has launches enough for the error rate.
    """
    _check_machine(pairing)
    keys = dict.fromkeys(pairing.base.results.metric_keys())
    lines: list[Line] = []
    timed: list[tuple[str, Case, Case, float]] = []
    for key in keys:
        for first, second in pairing.common:
            limit = limits.limit(key, first["name"])
            record = first["metrics"].get(key)
            if limit is None or record is None or record["value"] is None:
                continue
            if key not in second["metrics"] or second["metrics"][key]["value"] is None:
                lines.append(_missing(key, first, second, limit))
            elif form_of(key, record) == "timing" and form_of(key, second["metrics"][key]) == "timing":
                timed.append((key, first, second, limit))
            else:
                lines.append(exact_line(key, first, second, limit))
        lines += [
            _missing(key, case, None, limit)
            for case in pairing.only_base
            if key in case["metrics"] and (limit := limits.limit(key, case["name"])) is not None
        ]
    if not timed and all(line.outcome is Outcome.MISSING for line in lines):
        raise _nothing(pairing)
    judged = timing_lines(timed, sessions.cases(), limits.alpha)
    _check_launches(judged, limits.alpha)
    order = {key: index for index, key in enumerate(keys)}
    lines = sorted([*lines, *judged], key=lambda line: order[line.metric])
    return Gate(pairing, tuple(differences(pairing)), sessions, tuple(lines), limits.alpha, len(timed))


def _check_machine(pairing: Pairing) -> None:
    names = [printable(side.name, 300) for side in (pairing.base, pairing.new)]
    if not pairing.same_machine:
        machine = [str(d) for d in differences(pairing) if d.what.startswith(("machine ", "cpu ", "memory"))]
        told = "; ".join(machine) or "a document does not name its machine"
        raise RnnbenchError(
            f"{names[0]} and {names[1]} are of different machines ({told}): their times say nothing of the code. Run "
            "both on one machine, or see `rnnbench compare`",
            ExitCode.NOT_COMPARABLE,
        )
    devices = [_mapping(side.results.run.get("devices")) for side in (pairing.base, pairing.new)]
    changed = [key for key in devices[0] if key in devices[1] and devices[0][key] != devices[1][key]]
    if changed:
        key = changed[0]
        raise RnnbenchError(
            f"device {printable(key)} was {printable(str(devices[0][key]))} in {names[0]} and "
            f"{printable(str(devices[1][key]))} in {names[1]}: name the device in both runs (--device)",
            ExitCode.NOT_COMPARABLE,
        )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _missing(key: str, base: Case, new: Case | None, limit: float) -> Line:
    """Return the line of a metric that new lacks, with the reason where new has one."""
    needs = "new does not have the case"
    if new is not None:
        reason = f": {new['reason']}" if new.get("reason") else ""
        needs = f"in new the case is {new['status']}{reason}"
    value = base["metrics"][key]["value"]
    return Line(key, base["id"], base["name"], Outcome.MISSING, value, None, limit, needs=needs)


def _nothing(pairing: Pairing) -> RnnbenchError:
    names = [printable(side.name, 300) for side in (pairing.base, pairing.new)]
    return RnnbenchError(
        f"{names[0]} and {names[1]}: no metric that is gated was measured in a case of both; name one with --limit, "
        "or see `rnnbench show` for what failed",
        ExitCode.CASE_FAILED,
    )


def _check_launches(lines: Sequence[Line], alpha: float) -> None:
    """See that the gate can fail at all: too few launches never give a p-value that small."""
    if lines and all(line.p is None for line in lines):
        fewest = min(min(line.launches) for line in lines if line.launches)
        raise RnnbenchError(
            f"{fewest} launches on a side cannot show anything at an error rate of {alpha:g}: it takes "
            f"{fewest_launches(alpha)} on each. Run both with --launches {fewest_launches(alpha)}, or ask for a larger "
            "--alpha"
        )
