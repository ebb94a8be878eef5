"""What was run, where and when: the line above the tables."""

from __future__ import annotations

from typing import Any

from rnnbench.analysis.wording import plural
from rnnbench.report.printable import printable
from rnnbench.results.document import Results


def header(results: Results) -> str:
    """Return one paragraph: suite, machine, versions, launches and date, as far as the document says them."""
    run = results.run
    said = [
        f"{results.suite['name']}: {len(results.cases):,} {'case' if len(results.cases) == 1 else 'cases'}",
        machine_text(results.machine),
        _versions(results),
        _launches(run.get("launches")),
        run["started"].replace("T", " ").replace("+00:00", " UTC").replace("Z", " UTC"),
        "not finished" if run.get("finished") is None else "",
    ]
    return f"{printable('; '.join(part for part in said if part))}."


def setting(results: Results) -> str:
    """Return ``Setting: task ..., cell rnn, H = 16, ...``, where the document's conclusions have it."""
    said = results.conclusions.get("setting")
    return f"Setting: {said[0].lower()}{said[1:]}" if said else ""


def answer(results: Results) -> list[str]:
    """Return the answer of a document as sentences; nothing where there is none.

    First whether full connectivity is necessary, where the document shows it or fails to; then what to take, what that
    costs, and how sure it is.
    """
    found = results.conclusions.get("answer")
    if not found:
        return []
    sure = [f"How sure: {found['sure']}"] if found["sure"] else []
    return [part for part in (verdict(results), found["text"], found["cost"]) if part] + sure


def verdict(results: Results) -> str:
    """Return whether full connectivity is necessary, question and answer; empty where that is not asked."""
    said = (results.conclusions.get("answer") or {}).get("necessary")
    return f"Is full connectivity necessary? {said[0].upper()}{said[1:]}." if said else ""


def machine_text(machine: dict[str, Any]) -> str:
    """Return processor, cores, memory, GPUs and system, as far as the document says them."""
    cpu = machine.get("cpu")
    cpu = cpu if isinstance(cpu, dict) else {}
    gpus = machine.get("gpus")
    gpus = gpus if isinstance(gpus, list) else []
    memory = machine.get("memory_bytes")
    parts = [
        str(cpu.get("model") or ""),
        f"{cpu['physical']} cores" if cpu.get("physical") else "",
        f"{memory / 2**30:.3g} GiB" if isinstance(memory, (int, float)) else "",
        *(str(gpu["name"]) for gpu in gpus if isinstance(gpu, dict) and "name" in gpu),
        str(machine.get("os") or ""),
    ]
    return ", ".join(part for part in parts if part)


def _versions(results: Results) -> str:
    packages = results.provenance.get("packages")
    torch = packages.get("torch") if isinstance(packages, dict) else None
    versions = {"rnnbench": results.run.get("rnnbench_version"), "torch": torch}
    return ", ".join(f"{name} {version}" for name, version in versions.items() if version)


def _launches(launches: Any) -> str:
    return plural(launches, "launch") if isinstance(launches, int) else ""
