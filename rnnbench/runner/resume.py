"""Going on with a document: only if suite, machine and software are what they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, NonNegativeInt, ValidationError

from rnnbench import __version__
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.measure.catalogue import MATCH
from rnnbench.plugins.load import loaded
from rnnbench.results.document import Results
from rnnbench.runner.match import as_written, chosen_before
from rnnbench.runner.plan import Batch, launches, plan
from rnnbench.runner.record import done, excess
from rnnbench.suite.case import Case
from rnnbench.suite.suite import Suite
from rnnbench.words import printable

_MOST_DIFFERENCES = 8
_LONGEST_DIFFERENCE = 200
_ABSENT = object()


class _Failed(BaseModel):
    status: str
    reason: str


class _Launch(BaseModel):
    launch: NonNegativeInt
    again: bool
    counts: bool
    disturbed: list[str]


class _Progress(BaseModel):
    """What an entry of the document says of how far its case came."""

    done: dict[str, NonNegativeInt]
    failures: dict[str, _Failed]
    launches: list[_Launch] = []


def reopen(results: Results, suite: Suite) -> None:
    """Make every case of ``suite`` unfinished again of which something failed or was interrupted.

    What is measured stays. What was skipped would be skipped again, and stays so too. An entry that does not say what
    is done, or not at which hidden size it was, starts anew.
    """
    cases = {case.name: case for case in suite.cases}
    for case in results.cases:
        if not _tells(case, cases.get(case["name"])):
            case.update(done={}, failures={}, metrics={}, launches=[])
        case.setdefault("launches", [])
        case.setdefault("kernel", None)
        case.setdefault("agreement", None)
        case["failures"] = {name: failed for name, failed in case["failures"].items() if failed["status"] == "skipped"}
        if case["agreement"] is not None and excess(case["agreement"]) > 1:
            case["agreement"] = None  # the check that failed is made again


def _tells(entry: dict[str, Any], case: Case | None) -> bool:
    """Return whether an entry says what is done, and what a case that was matched by time was measured at."""
    try:
        _Progress.model_validate(entry)
    except ValidationError:
        return False
    return case is None or not entry["done"].get(MATCH) or chosen_before(case, entry).scaled_from is not None


def batches_left(suite: Suite, seed: int, results: Results | None) -> list[Batch]:
    """Return what is left to do of ``suite``: everything without a document, else what is open in a reopened one."""
    entries = {entry["name"]: entry for entry in results.cases} if results is not None else {}

    def finished(case: Case, measurement: str) -> int:
        entry = entries.get(case.name)
        if entry is None:
            return 0
        return launches(case, measurement) if measurement in entry["failures"] else done(entry, measurement)

    return plan(suite.cases, seed, finished)


def check_suite(results: Results, suite: Suite, source: str) -> None:
    """Raise RnnbenchError (exit 6) unless ``suite`` is the one the document ``source`` was measured with."""
    said = list(_differences(results.suite["resolved"], suite.resolved, "suite"))
    before = {case["name"]: as_written(case["parameters"]) for case in results.cases}
    now = {case.name: as_written(case.resolved()) for case in suite.cases}
    said += [f"case '{name}' is no longer in the suite" for name in before if name not in now]
    said += [f"case '{name}' is not in {source}" for name in now if name not in before]
    for name in before.keys() & now.keys():
        said += _differences(before[name], now[name], f"case '{name}'")
    if said:
        raise _refusal(source, f"the suite {suite.path} is another one than it was measured with", said)


def check_machine(results: Results, machine: Mapping[str, Any], source: str) -> None:
    """Raise RnnbenchError (exit 6) unless ``machine`` has the fingerprint of the document's."""
    if results.machine.get("fingerprint") == machine["fingerprint"]:
        return
    keys = ("cpu", "memory_bytes", "gpus", "os")
    said = list(_differences({key: results.machine.get(key) for key in keys}, {key: machine[key] for key in keys}, ""))
    raise _refusal(source, f"it was measured on another machine (host {results.machine.get('host')!r})", said)


def check_software(results: Results, packages: Mapping[str, str], source: str) -> None:
    """Raise RnnbenchError (exit 6) unless torch and the major version of rnnbench are the document's."""
    before = {
        "rnnbench": str(results.run.get("rnnbench_version")).partition(".")[0],
        "torch": (results.provenance.get("packages") or {}).get("torch"),
    }
    now = {"rnnbench": __version__.partition(".")[0], "torch": packages["torch"]}
    said = list(_differences(before, now, "version of"))
    if said:
        raise _refusal(source, "it was measured with other versions", said)


def check_plugins(results: Results, source: str) -> None:
    """Raise RnnbenchError (exit 6) unless this process has the plug-ins that the document was measured with.

    They are not loaded because the document says so: it may come from anyone.
    """
    said_before = results.provenance.get("plugins")
    listed = said_before if isinstance(said_before, list) else []
    before = {str(said.get("name")): said for said in listed if isinstance(said, dict)}
    now = {plugin.name: plugin.to_json() for plugin in loaded()}
    missing = [name for name in before if name not in now]
    if missing:
        names = ", ".join(map(printable, missing))
        raise RnnbenchError(
            f"{source}: cannot be resumed: it was measured with plug-in {names}, which is not loaded: name it again "
            "with --plugin, if you trust it",
            ExitCode.NOT_COMPARABLE,
        )
    said = list(_differences(before, now, "plug-in"))
    if said:
        raise _refusal(source, "it was measured with other plug-ins", said)


def _refusal(source: str, cause: str, differences: list[str]) -> RnnbenchError:
    shown = differences[:_MOST_DIFFERENCES]
    if len(differences) > len(shown):
        shown.append(f"and {len(differences) - len(shown)} more")
    return RnnbenchError(
        f"{source}: cannot be resumed: {cause}:\n"
        + "".join(f"  {printable(difference, _LONGEST_DIFFERENCE)}\n" for difference in shown)
        + "Restore what differs, or start a new run without --resume.",
        ExitCode.NOT_COMPARABLE,
    )


def _differences(before: Any, now: Any, path: str) -> Iterator[str]:
    """Yield where two pieces of JSON data differ, as ``path: a, now b``."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*before, *now]):
            yield from _differences(before.get(key, _ABSENT), now.get(key, _ABSENT), f"{path} {key}".strip())
    elif before != now:
        yield f"{path}: {_shown(before)}, now {_shown(now)}"


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    return printable(str(value), 80)
