"""What a reader should know before trusting the figures, by the figures themselves: each sentence with what to do.

What a run noted of its machine and conditions is :mod:`rnnbench.runner.warnings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnnbench.analysis.contrast import Case
from rnnbench.analysis.wording import listing
from rnnbench.busy_load import is_busy_load
from rnnbench.results.metrics import metric_kind, scope_of

MUCH = 0.25
"""Of the timed cases: where fewer had not settled, the note below the table that names them is enough."""
MANY_LAUNCHES = 10
"""So many that an interval over them holds what moves from launch to launch."""
_TIMES = ("forward_time", "training_time")
_LENGTHS = "max_length_"


def cautions(document: Mapping[str, Any]) -> list[str]:
    """Return what is to be said of a document's figures as a whole."""
    return [*_unsettled(document["cases"]), *_without_intervals(document)]


def unsettled(cases: Sequence[Case]) -> tuple[int, int]:
    """Return how many cases had not settled when sampling of any of their times began, and how many were timed."""
    found = [records for case in cases if (records := timed(case))]
    return sum(any("not_settled" in record["flags"] for record in records) for records in found), len(found)


def busy(document: Mapping[str, Any]) -> bool:
    """Say whether the machine was loaded when the run started, as far as the document says it."""
    load = (document["conditions"].get("start") or {}).get("load")
    cores = (document["machine"].get("cpu") or {}).get("logical")
    return bool(load and cores and is_busy_load(load[0], cores))


def _unsettled(cases: Sequence[Case]) -> Iterator[str]:
    restless, clocked = unsettled(cases)
    if restless and restless >= MUCH * clocked:
        yield (
            f"{restless} of {clocked} timed cases had not settled when sampling began: their times were still moving, "
            "and intervals from few launches may be too narrow. Read differences of a few per cent as none; stop other "
            f"work and run again with more launches (--launches {MANY_LAUNCHES})."
        )


def _without_intervals(document: Mapping[str, Any]) -> Iterator[str]:
    """Say it of a run of one launch whose times or lengths have none."""
    if document["run"].get("launches") != 1:
        return
    found = [(key, record) for case in document["cases"] for key, record in case["metrics"].items()]
    keys = dict.fromkeys(key for key, record in found if _is_alone(key, record))
    times = [key for key in keys if not key.startswith(_LENGTHS)]
    titles = [kind.title for key in keys if key.startswith(_LENGTHS) and (kind := metric_kind(key))]
    named = [*(["times"] if times else []), *titles]
    if named:
        more = "more launches (--launches 5)" if times else "other seeds (--seed 1)"
        has = "has" if len(titles) == len(named) == 1 else "have"
        yield (
            f"Measured in one launch: {listing(named)} {has} no interval, so that how far a second run would differ is "
            f"not known. Run again with {more} before small differences count."
        )


def _is_alone(key: str, record: Mapping[str, Any]) -> bool:
    name = key.partition(".")[0]
    return (name in _TIMES or name.startswith(_LENGTHS)) and record["value"] is not None and record["ci95"] is None


def timed(case: Case) -> list[Mapping[str, Any]]:
    """Return the records of a case's times of passes."""
    return [record for key, record in case["metrics"].items() if key.partition(".")[0] in _TIMES and scope_of(key)]
