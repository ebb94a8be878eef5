"""What is told of a gate on paired rounds: the arms, what differs between them, and how sure the gate is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rnnbench.analysis.paired_gate import PairedGate
from rnnbench.report.gate_account import Account
from rnnbench.report.gate_words import open_lines, percent
from rnnbench.report.header import machine_text
from rnnbench.report.printable import printable
from rnnbench.results.paired import ARMS, Paired


def paired_account(gate: PairedGate) -> Account:
    """Return what is told of a gate on paired rounds."""
    document = gate.document
    differences = tuple(arm_differences(document))
    notes = (*open_lines(gate.lines), paired_error_rate(gate))
    return Account(gate.lines, tuple(paired_header(document, gate.name)), differences, notes)


def paired_header(document: Paired, name: str) -> Iterator[str]:
    """Yield the lines above a table: the document, both arms, the machine."""
    suite, plan = document.suite, document.plan
    stages = [f"{plan['screening']} rounds to screen"] if plan["screening"] else []
    stages += [f"{plan['deciding']} to decide" if stages else f"{plan['deciding']} rounds"] if plan["deciding"] else []
    cases = f"{len(document.cases):,} {'case' if len(document.cases) == 1 else 'cases'}"
    yield printable(f"{name}: {suite['name']}, {cases}, {', '.join(stages) or 'no round'}")
    for arm in ARMS:
        yield printable(f"{arm}  {arm_text(document.arms[arm])}")
    yield f"One machine: {printable(machine_text(document.machine))}."


def arm_text(arm: Mapping[str, Any]) -> str:
    """Return an arm on one line: what it was given as, versions, commit."""
    git = arm["git"] or {}
    parts = [arm["label"], f"rnnbench {arm['rnnbench'].get('version')}", f"torch {arm['packages'].get('torch')}"]
    if git.get("commit"):
        parts.append(f"commit {str(git['commit'])[:10]}{' with changes' if git.get('dirty') else ''}")
    return ", ".join(parts)


def arm_differences(document: Paired) -> Iterator[str]:
    """Yield what the arms' installations differ in besides the code of rnnbench: ``torch: 2.4.0, head 2.5.1``."""
    base, head = (document.arms[arm] for arm in ARMS)
    pairs = [("python", base.get("python"), head.get("python"))]
    names = dict.fromkeys([*base["packages"], *head["packages"]])
    pairs += [(name, base["packages"].get(name), head["packages"].get(name)) for name in names]
    for name, before, after in pairs:
        if before != after:
            yield f"{name}: base {before or 'none'}, head {after or 'none'}"


def paired_error_rate(gate: PairedGate) -> str:
    """Return how often a gate like this fails on identical code."""
    plan = gate.document.plan
    said = f"Error rate: on identical code at most {percent(gate.alpha)} % of such gates report a regression"
    how = "exact signed-rank test against the limit, Holm's method"
    if not plan["screening"]:
        return f"{said} in any of {gate.decided:,} timings, by {plan['deciding']} rounds each ({how})."
    if gate.decided == 0:
        return (
            f"{said}. Here no timing had to be decided: after {plan['screening']} rounds none was slower or faster by "
            "more than half its limit."
        )
    return (
        f"{said}: {gate.decided:,} of {len(gate.lines):,} timings that {plan['screening']} rounds had pointed at were "
        f"decided by {plan['deciding']} fresh rounds alone ({how})."
    )
