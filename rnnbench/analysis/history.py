"""Each case over time: what the documents of a store say of it, machine by machine, and where its figures step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from rnnbench.analysis.align import Document
from rnnbench.analysis.change_points import change_points
from rnnbench.analysis.compare import in_order, named, usual
from rnnbench.analysis.form import RATES
from rnnbench.analysis.limits import USUAL
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.document import Results
from rnnbench.suite.select import select_names


@dataclass(frozen=True)
class Session:
    """One document of a store: when it was started, where it is, and what it was measured with."""

    run: str
    started: str
    path: str
    commit: str | None
    torch: str | None


@dataclass(frozen=True)
class Point:
    """A figure of a session: ``session`` is its index on its machine."""

    session: int
    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Step:
    """Where a series is at another level from one of its points on.

    Attributes
    ----------
    point
        The index of that point.
    before, after
        The medians of the points since the step before, and until the step after.
    p
        How often as much happens where there is no step; None for figures without noise, where any change is a step.
    """

    point: int
    before: float
    after: float
    p: float | None

    @property
    def ratio(self) -> float | None:
        """After over before; None where that means nothing."""
        return self.after / self.before if self.before > 0 and self.after > 0 else None


@dataclass(frozen=True)
class Series:
    """A metric of a case on a machine, by time."""

    id: str
    name: str
    metric: str
    unit: str
    better: str
    points: tuple[Point, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class MachineHistory:
    """What was measured on machines of one fingerprint; None stands for documents that do not say theirs."""

    fingerprint: str | None
    machine: dict[str, Any]
    sessions: tuple[Session, ...]
    series: tuple[Series, ...]


def history(documents: Iterable[Document], metrics: Sequence[str], select: str | None) -> list[MachineHistory]:
    """Return the series of each machine: those with most sessions first, metrics and cases as they first appear.

    Parameters
    ----------
    documents
        Checked ones, each run once; they are read one after the other, and not kept.
    metrics
        Names with or without scope; without any, the times of passes, or all metrics where there are none.
    select
        An expression on the names of cases, as ``-k`` takes.

    Raises
    ------
    RnnbenchError
        There is no document, or none has such a metric or case.
    """
    machines: dict[str | None, _Gathered] = {}
    for document in documents:
        fingerprint = document.results.machine.get("fingerprint")
        key = fingerprint if isinstance(fingerprint, str) else None
        machines.setdefault(key, _Gathered(document.results.machine)).add(document)
    if not machines:
        raise RnnbenchError("there is no results document to show: `rnnbench run` writes them", ExitCode.CASE_FAILED)
    found_keys = dict.fromkeys(key for gathered in machines.values() for _, key in gathered.figures)
    keys = named(found_keys, metrics) if metrics else _times(found_keys) or usual(found_keys)
    names = list(dict.fromkeys(name for gathered in machines.values() for name in gathered.names.values()))
    chosen = set(names) if select is None else select_names(select, names, "the documents")
    found = [
        MachineHistory(fingerprint, gathered.machine, *gathered.ordered(keys, chosen, known=fingerprint is not None))
        for fingerprint, gathered in machines.items()
    ]
    return sorted((machine for machine in found if machine.series), key=lambda machine: -len(machine.sessions))


def _times(keys: Iterable[str]) -> list[str]:
    return [key for key in in_order(keys) if key.partition(".")[0] in RATES.values()]


class _Gathered:
    """The figures of a machine as documents come."""

    def __init__(self, machine: dict[str, Any]) -> None:
        self.machine = machine
        self.sessions: list[Session] = []
        self.names: dict[str, str] = {}
        self.figures: dict[tuple[str, str], list[tuple[Session, dict[str, Any]]]] = {}

    def add(self, document: Document) -> None:
        """Take the figures of a document."""
        session = _session(document)
        self.sessions.append(session)
        for case in document.results.cases:
            self.names[case["id"]] = case["name"]
            for key, record in case["metrics"].items():
                if record["value"] is not None:
                    kept = {name: record[name] for name in ("value", "ci95", "unit", "better")}
                    self.figures.setdefault((case["id"], key), []).append((session, kept))

    def ordered(
        self, keys: Sequence[str], chosen: set[str], known: bool
    ) -> tuple[tuple[Session, ...], tuple[Series, ...]]:
        """Return sessions by time, and the series of some metrics and cases; steps only of a known machine."""
        sessions = sorted(self.sessions, key=lambda session: (session.started, session.run))
        place = {session.run: index for index, session in enumerate(sessions)}
        series = [
            _series(id_, self.names[id_], key, self.figures[id_, key], place, known)
            for key in keys
            for id_ in self.names
            if self.names[id_] in chosen and (id_, key) in self.figures
        ]
        return tuple(sessions), tuple(series)


def _session(document: Document) -> Session:
    results: Results = document.results
    git, packages = results.provenance.get("git"), results.provenance.get("packages")
    return Session(
        results.run["id"],
        results.run["started"],
        document.name,
        str(git["commit"]) if isinstance(git, dict) and git.get("commit") else None,
        str(packages["torch"]) if isinstance(packages, dict) and packages.get("torch") else None,
    )


def _series(
    id_: str,
    name: str,
    key: str,
    figures: Sequence[tuple[Session, dict[str, Any]]],
    place: dict[str, int],
    known: bool,
) -> Series:
    points = sorted(
        (
            Point(place[session.run], record["value"], tuple(record["ci95"]) if record["ci95"] else None)
            for session, record in figures
        ),
        key=lambda point: point.session,
    )
    last = figures[-1][1]
    values = [point.value for point in points]
    steps = _steps(values, exact=USUAL.get(key.partition(".")[0]) == 0) if known else ()
    return Series(id_, name, key, last["unit"], last["better"], tuple(points), steps)


def _steps(values: Sequence[float], exact: bool) -> tuple[Step, ...]:
    """Return the steps of a series; where figures have no noise (``exact``), every change is one."""
    found: list[tuple[int, float | None]] = [*change_points(values)]
    if exact:
        found = [(index, None) for index in range(1, len(values)) if values[index] != values[index - 1]]
    ends = [0, *(index for index, _ in found), len(values)]
    levels = [median(values[start:end]) for start, end in pairwise(ends)]
    return tuple(
        Step(index, before, after, p)
        for (index, p), before, after in zip(found, levels, levels[1:], strict=False)
        if not math.isclose(before, after)
    )
