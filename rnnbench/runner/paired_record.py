"""The document of paired rounds while `rnnbench ab` writes it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from rnnbench import __version__
from rnnbench.analysis.paired import log_ratios
from rnnbench.machine.conditions import conditions
from rnnbench.machine.fingerprint import machine
from rnnbench.results.figure import Observation
from rnnbench.results.metrics import metric_kind
from rnnbench.results.paired import ARMS, Paired
from rnnbench.results.provenance import git
from rnnbench.runner.arm import Arm, Arms, CasePair
from rnnbench.runner.executor import Place
from rnnbench.runner.job import Failure


@dataclass(frozen=True)
class Visit:
    """What the four slots of a case in a round gave: times by metric, and the kernels of base and head."""

    seconds: Mapping[str, tuple[float, ...]]
    kernels: tuple[dict[str, Any] | None, dict[str, Any] | None]

    @classmethod
    def of(cls, order: str, slots: Sequence[Observation]) -> Visit:
        """Return the visit in which ``slots`` came in ``order``; metrics that only one arm has are left out."""
        keys = [key for key in slots[0].figures if all(key in slot.figures for slot in slots)]
        seconds = {key: tuple(float(slot.figures[key].values[0] or 0.0) for slot in slots) for key in keys}
        kernels = tuple(slots[order.index(letter)].kernel for letter in "AB")
        return cls(seconds, (kernels[0], kernels[1]))


class PairedRecord:
    """Adds rounds to a document, and writes it.

    Parameters
    ----------
    document
        As :func:`new_document` makes it.
    path
        Where to write; None keeps the document in memory.
    """

    def __init__(self, document: Paired, path: Path | None) -> None:
        self.document = document
        self._entries = {case["name"]: case for case in document.cases}
        self._path = path

    def living(self, pairs: Sequence[CasePair]) -> list[CasePair]:
        """Return those cases that have not failed."""
        return [pair for pair in pairs if self._entries[pair[0].name]["status"] == "ok"]

    def failed(self, name: str, arm: str, failure: Failure) -> None:
        """Note that a case failed in an arm; the rounds that it has are kept."""
        self._entries[name].update(status=failure.status, reason=f"{arm}: {failure.reason}")

    def add(self, stage: int, order: str, started: datetime, visits: Mapping[str, Visit]) -> None:
        """Add a round with what its cases gave, and write the document; raises as :meth:`Paired.write`."""
        seconds = (now() - started).total_seconds()
        index = len(self.document.rounds)
        self.document.rounds.append({"stage": stage, "order": order, "started": _iso(started), "seconds": seconds})
        for name, visit in visits.items():
            entry = self._entries[name]
            for arm, kernel in zip(ARMS, visit.kernels, strict=True):
                entry[arm]["kernel"] = kernel
            for key, slots in visit.seconds.items():
                record = entry["metrics"].setdefault(key, _new_metric(key))
                record["rounds"].append(index)
                record["seconds"].append(list(slots))
                record["log_ratios"].append(float(log_ratios(np.array(slots), np.array(order == "ABBA"))))
        self.write()

    def finish(self, warning: str | None) -> None:
        """End the document, as complete unless a ``warning`` says what ended it, and write it."""
        self.document.data["conditions"]["end"] = conditions()
        if warning is None:
            self.document.run["finished"] = _iso(now())
        else:
            self.document.warnings.append(warning)
        self.write()

    def write(self) -> None:
        """Write the document; raises as :meth:`Paired.write`."""
        if self._path is not None:
            self.document.write(self._path)


def new_document(
    arms: Arms, places: Sequence[Place], pairs: Sequence[CasePair], run: Mapping[str, Any], plan: Mapping[str, Any]
) -> Paired:
    """Return a document with every case and no round; ``run`` has argv, seed and request."""
    suite = arms[0].suite
    document = Paired.new(
        run={
            "id": uuid.uuid4().hex,
            "started": _iso(now()),
            "finished": None,
            "rnnbench_version": __version__,
            **run,
        },
        plan=plan,
        suite={"name": suite.name, "path": str(suite.path), "sha256": suite.sha256, "resolved": suite.resolved},
        arms={arm.name: _described(arm, place) for arm, place in zip(arms, places, strict=True)},
        machine=machine(places[0].gpus),
        conditions={"start": conditions(), "end": None},
    )
    document.cases.extend(_new_case(pair) for pair in pairs)
    return document


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(timezone.utc)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _described(arm: Arm, place: Place) -> dict[str, Any]:
    folder = place.installation.get("path")
    return {
        "label": arm.label,
        "interpreter": arm.interpreter,
        "settings": list(arm.settings),
        "rnnbench": {key: place.installation.get(key) for key in ("version", "path")},
        "results_version": place.installation.get("results_version"),
        "packages": place.packages,
        "python": place.python,
        "worker": place.settings,
        "devices": place.devices,
        # Of the code, where it is a checkout; of nothing where it is installed.
        "git": git(Path(folder)) if folder else None,
    }


def _new_case(pair: CasePair) -> dict[str, Any]:
    sides = {
        arm: {"id": case.id, "parameters": case.resolved(), "kernel": None}
        for arm, case in zip(ARMS, pair, strict=True)
    }
    return {"name": pair[0].name, "status": "ok", "reason": None, **sides, "metrics": {}}


def _new_metric(key: str) -> dict[str, Any]:
    kind = metric_kind(key)
    unit, better = (kind.unit, kind.better) if kind is not None else ("s", "lower")
    return {"unit": unit, "better": better, "rounds": [], "seconds": [], "log_ratios": []}
