"""Putting the cases of two results documents beside each other, after seeing that this makes sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from rnnbench.analysis.integrity import check_figures
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.document import Results
from rnnbench.suite.effort import EFFORT
from rnnbench.words import printable

Case = Mapping[str, Any]
"""A case of a results document."""

_LONG = 5
"""Two launches with the same samples are the same launch: so many measured times never agree by chance."""


@dataclass(frozen=True)
class Document:
    """A results document and what messages call it (its path)."""

    name: str
    results: Results


@dataclass(frozen=True)
class Pairing:
    """Two documents, aligned by case id.

    Attributes
    ----------
    base, new
        The documents.
    common
        (case of base, case of new), in the order of base.
    only_base, only_new
        Cases that one of them has.
    """

    base: Document
    new: Document
    common: tuple[tuple[Case, Case], ...]
    only_base: tuple[Case, ...]
    only_new: tuple[Case, ...]

    @property
    def same_machine(self) -> bool:
        """Whether timings can be compared: the fingerprints are known and equal."""
        fingerprints = [side.results.machine.get("fingerprint") for side in (self.base, self.new)]
        return fingerprints[0] is not None and fingerprints[0] == fingerprints[1]


def check_documents(documents: Sequence[Document]) -> None:
    """See that each document can be trusted to say what it says, and that no two are of the same run.

    Raises
    ------
    RnnbenchError
        A case id that is there twice, a figure that its samples contradict, or a run that is given twice.
    """
    for document in documents:
        _by_id(document)
        check_figures(document.results, document.name)
    for first, second in combinations(documents, 2):
        if first.results.run["id"] == second.results.run["id"]:
            raise RnnbenchError(
                f"{printable(second.name, 300)}: is the same run as {printable(first.name, 300)} "
                f"(run id {printable(first.results.run['id'])}): give documents of separate runs"
            )


def align(base: Document, new: Document) -> Pairing:
    """Return the cases of two checked documents side by side.

    Raises
    ------
    RnnbenchError
        Nothing is common, an id means two things, or both documents hold the same launches.
    """
    others = _by_id(new)
    common = tuple((case, others[case["id"]]) for case in base.results.cases if case["id"] in others)
    known = {case["id"] for case in base.results.cases}
    pairing = Pairing(
        base,
        new,
        common,
        tuple(case for case in base.results.cases if case["id"] not in others),
        tuple(case for case in new.results.cases if case["id"] not in known),
    )
    if not common:
        raise _nothing_common(pairing)
    for first, second in common:
        _check_same_meaning(pairing, first, second)
    _check_separate(pairing)
    return pairing


def _by_id(document: Document) -> dict[str, Case]:
    cases: dict[str, Case] = {}
    for case in document.results.cases:
        earlier = cases.setdefault(case["id"], case)
        if earlier is not case:
            raise RnnbenchError(
                f"{printable(document.name, 300)}: damaged results document: the case id {printable(case['id'])} is "
                f"there twice ({printable(earlier['name'])}, {printable(case['name'])})"
            )
    return cases


def _nothing_common(pairing: Pairing) -> RnnbenchError:
    """Return the error for documents without a common case, with what probably is the cause."""
    sides = [pairing.base, pairing.new]
    first, second = (side.results.suite for side in sides)
    names = [printable(side.name, 300) for side in sides]
    if any(not side.results.cases for side in sides):
        empty = next(name for name, side in zip(names, sides, strict=True) if not side.results.cases)
        return RnnbenchError(f"{empty}: holds no case: there is nothing to compare", ExitCode.CASE_FAILED)
    if first["name"] != second["name"]:
        cause = f"they are of the suites {printable(first['name'])} and {printable(second['name'])}"
    elif first["resolved"] != second["resolved"]:
        cause = (
            f"both are of a suite named {printable(first['name'])}, but the suites differ "
            f"({', '.join(changed_keys(first['resolved'], second['resolved']))})"
        )
    else:
        cause = "they are of different selections (-k) of one suite"
    return RnnbenchError(
        f"{names[0]} and {names[1]} have no case in common: {cause}. Give two runs of the same cases",
        ExitCode.NOT_COMPARABLE,
    )


def changed_keys(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Return the keys at which two mappings differ, one level into the mappings they hold: ``defaults.hidden``."""
    found = []
    for key in dict.fromkeys([*first, *second]):
        before, after = first.get(key), second.get(key)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            found += [f"{key}.{inner}" for inner in {**before, **after} if before.get(inner) != after.get(inner)]
        else:
            found.append(key)
    return [printable(key) for key in found]


def _check_same_meaning(pairing: Pairing, first: Case, second: Case) -> None:
    """See that a common id stands for the same parameters; a key that only one version knows is no difference."""
    sides = [_meaning(case["parameters"]) for case in (first, second)]
    differing = [key for key in sides[0] if key in sides[1] and sides[0][key] != sides[1][key]]
    if differing:
        raise RnnbenchError(
            f"{printable(pairing.new.name, 300)}: case {printable(second['name'])} has the id of "
            f"{printable(first['name'])} in {printable(pairing.base.name, 300)}, but another "
            f"{', '.join(printable(key) for key in differing)}: one of the documents was changed by hand, "
            "or versions of rnnbench disagree on a default; run the suite again",
            ExitCode.NOT_COMPARABLE,
        )


def _meaning(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters flat, without those that say how long to measure."""
    flat = {key: value for key, value in parameters.items() if key != "measure"}
    measure = parameters.get("measure")
    for measurement, settings in measure.items() if isinstance(measure, dict) else ():
        if isinstance(settings, dict):
            effort = EFFORT.get(measurement, set())
            flat |= {f"{measurement}.{key}": value for key, value in settings.items() if key not in effort}
    return flat


def _check_separate(pairing: Pairing) -> None:
    """See that no launch is in both documents: a copy under another run id, or a run and its continuation."""
    for first, second in pairing.common:
        for key, record in first["metrics"].items():
            # Times only: what replicas learn is the same in two runs of the same code.
            if record["unit"] == "s" and key in second["metrics"] and _long(record) & _long(second["metrics"][key]):
                raise RnnbenchError(
                    f"{printable(pairing.base.name, 300)} and {printable(pairing.new.name, 300)} hold the same "
                    f"launches (case {printable(first['name'])}, {printable(key)}): one is a copy of the other or goes "
                    "on from it; give documents of separate runs"
                )


def _long(record: Mapping[str, Any]) -> set[tuple[float | None, ...]]:
    return {tuple(row) for row in record["samples"] or () if len(row) >= _LONG}
