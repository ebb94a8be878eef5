"""The columns of a results table: which metrics, in which unit, and which figures are the best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from rnnbench.analysis.length import LIMITS, length
from rnnbench.report.printable import printable
from rnnbench.report.units import Unit, count, decimals, number, share_places, unit_for
from rnnbench.results.document import Results, metric
from rnnbench.results.metrics import metric_kind, resolution, scope_of

T = TypeVar("T")
Style = Literal["share", "seeds", "count", "number", "error"]
MISSING = "-"
MARK = "*"

_COLUMNS: tuple[tuple[str, str, Style], ...] = (
    ("matched_hidden", "match", "count"),
    ("match_ratio", "match", "number"),
    ("accuracy", "learning", "share"),
    ("final_loss", "learning", "number"),
    ("solved_fraction", "learning", "seeds"),
    ("steps_to_solve", "learning", "count"),
    ("recurrent_parameters", "storage", "count"),
    ("total_parameters", "storage", "count"),
    ("file_bytes", "storage", "number"),
    ("saved_activation_bytes", "storage", "number"),
    ("peak_memory", "storage", "number"),
    ("max_length_memory", "reach", "count"),
    ("max_length_gradient", "reach", "number"),
    ("max_length_gradient_trained", "reach", "number"),
    ("max_length_task", "reach", "count"),
    ("bytes_per_time_step", "reach", "number"),
    ("equivalence_error", "form", "error"),
    ("equivalence_error_tanh", "form", "error"),
    ("basis_condition", "form", "number"),
    ("form_nonzeros", "form", "count"),
    ("form_parameters", "form", "count"),
    ("form_speedup", "form", "number"),
    ("forward_time", "time", "number"),
    ("training_time", "time", "number"),
    ("training_throughput", "time", "number"),
    ("forward_throughput", "time", "number"),
)
"""Metric, the group of columns that it stays with, and how it is written. What is not here but known is left to
the other formats; what is unknown (a document of a later version) comes last."""

_UNTESTED = {"max_length_task"}
"""What rests on few seeds and has no interval: nothing tells which of these figures are the best."""

_UNITS = {"share": "share", "seeds": "seeds"}


@dataclass(frozen=True)
class Cell:
    """One figure: ``value`` and ``interval`` as text, and whether it is marked as the best of its column.

    ``figure`` is False where words stand in the place of a figure. ``share`` (from 0 to 1) may be drawn as a bar beside
    it, ``curve`` (shares, too) in its place.
    """

    value: str
    interval: str = ""
    best: bool = False
    figure: bool = True
    share: float | None = None
    curve: tuple[float, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column: a cell for each case, all in ``unit``; ``key`` is the metric that it shows, None for statuses."""

    title: str
    unit: str
    group: str
    cells: tuple[Cell, ...]
    key: str | None = None


def columns(results: Results, parts: Sequence[int] = ()) -> list[Column]:
    """Return the columns that a document has figures for, in the order of :data:`_COLUMNS`, unknown metrics last.

    ``parts`` are the sizes of groups of cases, one after the other: the best is marked within each.
    """
    made = []
    if results.failed:
        cells = tuple(Cell(printable(case["status"]), figure=False) for case in results.cases)
        made.append(Column("status", "", "learning", cells))
    keys = list(results.metric_keys())
    for name, group, style in _COLUMNS:
        own = [key for key in keys if key.partition(".")[0] == name]
        if name == "forward_throughput":
            # It only repeats the time of the forward pass: it stands in where nothing was trained.
            own = [key for key in own if key.replace("forward", "training", 1) not in keys]
        if name == "final_loss":
            # Only some tasks are judged by it; of the others, accuracy says all.
            own = [key for key in own if any(_judges(metric(case, key)) for case in results.cases)]
        made += [_column(results, key, group, style, len(own) > 1, parts) for key in own]
    made += [_column(results, key, "other", "number", True, parts) for key in keys if metric_kind(key) is None]
    return made


def column_of(results: Results, key: str, parts: Sequence[int] = ()) -> Column:
    """Return the column of any metric that some case has."""
    known = {name: (group, style) for name, group, style in _COLUMNS}
    group, style = known.get(key.partition(".")[0], ("other", "number"))
    return _column(results, key, group, style, True, parts)


def _judges(record: dict[str, Any] | None) -> bool:
    return record is not None and record["details"].get("judged_by") == "loss"


def _column(results: Results, key: str, group: str, style: Style, scoped: bool, parts: Sequence[int]) -> Column:
    records = [metric(case, key) for case in results.cases]
    kind, scope = metric_kind(key), scope_of(key)
    title = (kind.title if kind else key) + (f", {scope}" if kind and scoped and scope else "")
    # A document may say anything: the unit of a column is that of its first record, others are not put under it.
    said = next(record["unit"] for record in records if record)
    records = [record if record and record["unit"] == said else None for record in records]
    unit = unit_for(said, [record["value"] for record in records if record and record["value"] is not None])
    rivals = _rivals(results.cases, records)
    if key in _UNTESTED:
        rivals = [None] * len(rivals)
    best = [marked for part in _parts(rivals, parts) for marked in _best(part, resolution(key))]
    cells = tuple(
        _cell(record, unit, style, marked, _beyond(case, key))
        for case, record, marked in zip(results.cases, records, best, strict=True)
    )
    return Column(printable(title), printable(_UNITS.get(style, unit.name)), group, cells, key)


def _parts(records: Sequence[T], sizes: Sequence[int]) -> Iterator[Sequence[T]]:
    start = 0
    for size in sizes or [len(records)]:
        yield records[start : start + size]
        start += size


def _rivals(cases: Sequence[dict[str, Any]], records: Sequence[T | None]) -> list[T | None]:
    """Return the records without those of cases without recurrence, where there are others: these are the floor."""
    floors = _floors(cases)
    return (
        list(records) if all(floors) else [None if floor else one for floor, one in zip(floors, records, strict=True)]
    )


def _floors(cases: Sequence[dict[str, Any]]) -> list[bool]:
    return [case["parameters"].get("connectivity") == "none" for case in cases]


def _beyond(case: dict[str, Any], key: str) -> str:
    """Return ``over 32,768`` where a search for the longest sequence ended before an end was seen, else nothing."""
    limit = length(case, key) if key in LIMITS else None
    return str(limit) if limit and limit.more else ""


def _best(records: Sequence[dict[str, Any] | None], resolution: float) -> list[bool]:
    """Return which figures are marked: the best, and those that are not told from it, unless that is all of them.

    Not told from it is what has it in its interval or, without one, lies nearer to it than the metric's resolution.
    """
    known = [record for record in records if record and record["value"] is not None]
    direction = known[0]["better"] if known else "none"
    if direction not in ("higher", "lower"):
        return [False] * len(records)
    best = (max if direction == "higher" else min)(record["value"] for record in known)

    def reaches(record: dict[str, Any] | None) -> bool:
        if record is None or record["value"] is None:
            return False
        low, high = record["ci95"] or (record["value"] - resolution, record["value"] + resolution)
        return bool(record["value"] == best or low <= best <= high)

    marked = [reaches(record) for record in records]
    return [False] * len(records) if sum(marked) == len(known) else marked


def _cell(record: dict[str, Any] | None, unit: Unit, style: Style, best: bool, beyond: str) -> Cell:
    if record is None:
        return Cell(MISSING, figure=False)
    if beyond and record["value"] is not None:
        return Cell(beyond, "", best)
    if record["value"] is None:
        shown = (flag.replace("_", " ") for flag in record["flags"] if flag in _IN_PLACE)
        return Cell(next(shown, MISSING), figure=False)
    if style == "seeds":
        return Cell(_seeds(record), "", best)
    if style == "error":
        # Errors are compared by their powers of ten.
        return Cell(f"{record['value']:.1e}", "", best)
    places = _places(record["value"] / unit.factor, style)
    interval = ""
    if record["ci95"] is not None:
        low, high = (number(bound / unit.factor, places) for bound in record["ci95"])
        interval = f"[{low}, {high}]"
    share = record["value"] if style == "share" and 0 <= record["value"] <= 1 else None
    return Cell(number(record["value"] / unit.factor, places), interval, best, share=share)


def _places(value: float, style: Style) -> int:
    if style == "share":
        return share_places(value)
    if style == "count" or (value.is_integer() and abs(value) >= 100):
        return 0
    return decimals(value)


def _seeds(record: dict[str, Any]) -> str:
    """Return ``19/20``, or the share where the document does not say how many there were."""
    samples = record["samples"]
    if not samples or not samples[0]:
        return number(record["value"], share_places(record["value"]))
    return f"{count(sum(1 for value in samples[0] if value))}/{count(len(samples[0]))}"


def notes(results: Results) -> Iterator[str]:
    """Yield what is no rival, and a sentence for each flag of the table's figures, with the cases that it concerns."""
    if len(set(_floors(results.cases))) > 1:
        yield "none, which has no recurrence, is the floor: it is not marked as the best of a column."
    flagged: dict[str, dict[str, None]] = {}
    for case in results.cases:
        for record in case["metrics"].values():
            for flag in record["flags"]:
                flagged.setdefault(flag, {})[case["name"]] = None
    for flag, names in flagged.items():
        shown = [printable(name) for name in list(names)[:_MOST_NAMED]]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        who = "all cases" if len(names) == len(results.cases) > 1 else ", ".join(shown) + more
        yield f"{FLAGS.get(flag, printable(flag))}: {who}"


_MOST_NAMED = 4
_IN_PLACE = ("not_reached", "not_finite", "unbounded", "beyond_longest_lag")
"""Flags that stand where a figure would."""
FLAGS = {
    "few_launches": "times without an interval, from fewer than 3 launches",
    "single_replica": "accuracy without an interval, from a single replica",
    "disturbed": "times of which a launch was disturbed and could not be taken again undisturbed",
    "not_settled": "times that had not settled when sampling began",
    "not_reached": "at least half of the seeds never solved the task",
    "open_interval": "steps to solve without an interval, too many seeds never got there",
    "not_finite": "figures that are not finite",
    "unbounded": "memory that does not grow with the sequence",
    "longest_tried": "the longest sequence that was tried, which fits",
    "nothing_fits": "budgets below what a single time step needs",
    "longest_learnt_tried": "the longest sequence of the task that was tried, which is learnt",
    "nothing_learnt": "tasks that are not learnt at any length",
    "beyond_longest_lag": "gradients that still reach over the longest lag that was tried",
    "schur_form": "eigenvectors too near to each other to change to: the real Schur form in place of Jordan's",
    "not_equivalent": "outputs that differ by more than rounding",
    "no_near_match": "hidden sizes that were found no nearer to the reference than 5 %",
    "peak_since_process_start": "peak memory since the start of the process, which this system cannot reset",
}
"""What a flag says to people."""
