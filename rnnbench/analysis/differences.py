"""What differs between two runs besides their figures: versions, settings, the machine, the kernels used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rnnbench.analysis.align import Pairing, changed_keys
from rnnbench.results.document import Results
from rnnbench.words import printable

_NAMED = 3
"""So many cases are named, others counted."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same: ``torch``, ``2.12.0``, ``2.13.0``. Text of documents is made printable."""

    what: str
    base: str
    new: str

    def __str__(self) -> str:
        return f"{self.what}: {self.base} -> {self.new}"


def differences(pairing: Pairing) -> list[Difference]:
    """Return everything that differs between two documents and may change their figures, the machine first."""
    base, new = pairing.base.results, pairing.new.results
    sides = zip(_environment(base).items(), _environment(new).items(), strict=True)
    found = [
        Difference(f"{what}{printable(key)}", _text(before), _text(after))
        for (what, first), (_, second) in sides
        for key, before, after in _changes(first, second)
    ]
    return [*found, *_suites(base, new), *_kernels(pairing)]


def _environment(results: Results) -> dict[str, dict[str, Any]]:
    """Return the sections that are compared key by key; the prefix of their keys in messages first."""
    run, machine, provenance = results.run, results.machine, results.provenance
    cpu = _mapping(machine.get("cpu"))
    git = _mapping(provenance.get("git"))
    gpus = [gpu.get("name") for gpu in _list(machine.get("gpus")) if isinstance(gpu, dict)]
    drivers = [gpu.get("driver") for gpu in _list(machine.get("gpus")) if isinstance(gpu, dict)]
    return {
        "machine ": {"fingerprint": machine.get("fingerprint"), "os": machine.get("os"), "gpus": gpus},
        "cpu ": {key: cpu.get(key) for key in ("model", "design", "physical", "affinity", "quota")},
        "": {
            "memory": _gibibytes(machine.get("memory_bytes")),
            "kernel release": machine.get("kernel"),
            "gpu drivers": drivers,
            "rnnbench": run.get("rnnbench_version"),
            "python": provenance.get("python"),
            **_mapping(provenance.get("packages")),
        },
        "plug-in ": _plugins(provenance.get("plugins")),
        "setting ": _mapping(run.get("settings")),
        "device ": _mapping(run.get("devices")),
        "run's ": {
            "launches": run.get("launches"),
            "tags": run.get("tags"),
            "schema": results.data["schema"].get("version"),
        },
        "git ": {
            "commit": None if git.get("commit") is None else str(git["commit"])[:10],
            "uncommitted changes": git.get("dirty"),
        },
    }


def _plugins(said: Any) -> dict[str, str]:
    """Return the version of each plug-in, and how the hash of its source begins, where that is known."""
    listed = [plugin for plugin in _list(said) if isinstance(plugin, dict)]
    return {
        str(plugin.get("name")): f"{plugin.get('version') or 'without version'} {str(plugin.get('sha256') or '')[:8]}"
        for plugin in listed
    }


def _changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys([*first, *second]):
        if first.get(key) != second.get(key):
            yield key, first.get(key), second.get(key)


def _suites(base: Results, new: Results) -> Iterator[Difference]:
    if base.suite["name"] != new.suite["name"]:
        yield Difference("suite", printable(base.suite["name"]), printable(new.suite["name"]))
    elif base.suite["resolved"] != new.suite["resolved"]:
        keys = changed_keys(base.suite["resolved"], new.suite["resolved"])
        yield Difference(f"suite {printable(base.suite['name'])}", "one", f"another, in {', '.join(keys)}")


def _kernels(pairing: Pairing) -> Iterator[Difference]:
    """Yield each change of the kernel that cases ran on, with the cases."""
    changed: dict[tuple[str, str], list[str]] = {}
    for first, second in pairing.common:
        before, after = (_mapping(case.get("kernel")).get("name") for case in (first, second))
        if before and after and before != after:
            changed.setdefault((printable(before), printable(after)), []).append(printable(first["name"]))
    for (before, after), names in changed.items():
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        yield Difference(f"kernel of {', '.join(names[:_NAMED])}{more}", before, after)


def _gibibytes(memory_bytes: Any) -> str | None:
    return f"{memory_bytes / 2**30:.0f} GiB" if isinstance(memory_bytes, (int, float)) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    if value is None or value in ([], ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(printable(str(item)) for item in value)
    return printable(str(value))
