"""The two arms of `rnnbench ab`: what each of them runs, and whether they can be held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.paired import SCHEMA_VERSION
from rnnbench.runner.executor import Executor, Place
from rnnbench.suite.case import Case
from rnnbench.suite.suite import Suite
from rnnbench.words import printable

_LISTED = 3


@dataclass(frozen=True)
class Arm:
    """One side of a comparison.

    Attributes
    ----------
    name
        ``base`` or ``head``.
    label
        What people know it by: its interpreter, or its settings.
    interpreter
        The Python that it runs in.
    settings
        Its own ``key=value``.
    suite
        The suite under its settings.
    executor
        Starts its workers.
    """

    name: str
    label: str
    interpreter: str
    settings: tuple[str, ...]
    suite: Suite
    executor: Executor


Arms = tuple[Arm, Arm]
CasePair = tuple[Case, Case]


def pair_cases(arms: Arms) -> list[CasePair]:
    """Return the cases that both arms have, by name, in the order of base.

    Raises
    ------
    RnnbenchError
        There is none (:attr:`ExitCode.NOT_COMPARABLE`), or the suite measures no throughput.
    """
    base, head = ({case.name: case for case in arm.suite.cases if case.measure.throughput is not None} for arm in arms)
    path = arms[0].suite.path
    if not base or not head:
        raise RnnbenchError(f"{path}: measures no throughput, and rounds compare times: add `throughput` to `measure`")
    pairs = [(case, head[name]) for name, case in base.items() if name in head]
    if not pairs:
        names = [", ".join(printable(name) for name in list(side)[:_LISTED]) for side in (base, head)]
        raise RnnbenchError(
            f"{path}: the arms have no case in common: base has {names[0]}, head has {names[1]}. A key that is an axis "
            "of the suite gives cases other names: set it to one value in each arm",
            ExitCode.NOT_COMPARABLE,
        )
    return pairs


def check_places(arms: Arms, places: Sequence[Place], pairs: Sequence[CasePair]) -> None:
    """See that both arms speak this version's language, and that they differ at all.

    Raises
    ------
    RnnbenchError
        With :attr:`ExitCode.NOT_COMPARABLE`: the rnnbench of an arm is too old, or writes another version.
    """
    for arm, place in zip(arms, places, strict=True):
        there = place.installation.get("results_version")
        if there is None:
            raise RnnbenchError(
                f"{arm.name} ({arm.label}): its rnnbench is older than `rnnbench ab` and cannot take part: install "
                "this version or a later one there",
                ExitCode.NOT_COMPARABLE,
            )
        if there.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise RnnbenchError(
                f"{arm.name} ({arm.label}): its rnnbench {place.installation.get('version')} has results version "
                f"{there}, this one has {SCHEMA_VERSION}: install versions that agree",
                ExitCode.NOT_COMPARABLE,
            )
    if _known(places[0]) == _known(places[1]) and all(base == head for base, head in pairs):
        raise RnnbenchError(
            f"base ({arms[0].label}) and head ({arms[1].label}) are the same: both run the rnnbench in "
            f"{places[0].installation.get('path')} with the same packages and settings. Give two installations "
            "(PYTHONPATH overrules both) or settings that differ; `rnnbench gate --self-check` compares equals",
        )


def _known(place: Place) -> tuple[Mapping[str, str], Mapping[str, str], str]:
    return place.installation, place.packages, place.python
