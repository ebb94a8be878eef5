"""The sentences of a gate: what each line found, what the whole found, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rnnbench.analysis.gate import Gate
from rnnbench.analysis.gate_line import Line, Outcome
from rnnbench.analysis.stored_gate import FEWEST_SESSIONS
from rnnbench.report.change_columns import metric_title
from rnnbench.report.printable import printable

STYLES = {
    Outcome.REGRESSED: "bold red",
    Outcome.MISSING: "bold red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.IMPROVED: "bold green",
    Outcome.SAME: "dim",
}
_NAMED = 4


def percent(fraction: float, sign: bool = False) -> str:
    """Return a fraction in per cent, with one decimal below 100.

    Examples
    --------
    >>> percent(0.1234), percent(0.05), percent(-0.012, sign=True), percent(12.0)
    ('12.3', '5', '-1.2', '1,200')
    """
    value = 100 * fraction
    text = f"{value:{'+' if sign else ''},.{1 if abs(value) < 99.95 else 0}f}"
    return text if sign else text.removesuffix(".0")


def change_text(line: Line) -> str:
    """Return the change in per cent with its interval: ``+12.3 [+8.0, +16.9]``."""
    if line.change is None:
        return "" if line.new is None else f"{line.base:g} -> {line.new:g}"
    text = percent(line.change, sign=True)
    if line.interval is None:
        return text
    return f"{text} [{', '.join(percent(end, sign=True) for end in line.interval)}]"


def outcome_text(line: Line) -> str:
    """Return the outcome, and whether it is only advice."""
    advice = line.outcome in (Outcome.REGRESSED, Outcome.IMPROVED, Outcome.SAME) and not line.binding
    return f"{line.outcome.value}?" if advice else line.outcome.value


def line_text(line: Line) -> str:
    """Return a line as one sentence, for annotations and test reports."""
    said = f"{printable(line.name)}, {metric_title(line.metric)}: {outcome_text(line)}"
    if line.outcome is Outcome.MISSING:
        return f"{said}; {printable(line.needs)}"
    unit = " %" if line.change is not None else ""
    said += f", change {change_text(line)}{unit}, limit {percent(line.limit)} %"
    if line.threshold is not None and line.threshold > line.limit * 1.001:
        said += f", {percent(line.threshold)} % for the noise between sessions"
    if line.launches is not None:
        said += f", {p_text(line)}, n = {line.launches[0]} + {line.launches[1]} launches"
    if line.rounds is not None:
        said += f"{'' if line.p is None else f', {p_text(line)}'}, n = {line.rounds} rounds"
    return f"{said}; needs {printable(line.needs)}" if line.needs else said


def p_text(line: Line) -> str:
    """Return ``p = 0.004``, or that so few launches have none."""
    return "no p from so few launches" if line.p is None else f"p = {line.p:.2g}"


def n_text(line: Line) -> str:
    """Return what a line rests on: ``5+5`` launches, or ``10`` rounds."""
    if line.rounds is not None:
        return str(line.rounds)
    return "" if line.launches is None else "{}+{}".format(*line.launches)


def summary(lines: Sequence[Line]) -> str:
    """Return ``1 REGRESSED, 12 SAME of 13``."""
    order = list(Outcome)
    counted = Counter(map(outcome_text, sorted(lines, key=lambda line: order.index(line.outcome))))
    said = ", ".join(f"{number:,} {text}" for text, number in counted.items())
    return f"{said} of {len(lines):,}"


def notes(gate: Gate) -> Iterator[str]:
    """Yield what was not tabulated, what would decide the open lines, and the error rate."""
    yield from open_lines(gate.lines)
    left_out = ", ".join(f"{number} {reason}" for reason, number in gate.sessions.left_out.items())
    if left_out:
        yield f"Of the documents given as earlier sessions, some do not count: {left_out}."
    if gate.pairing.only_new:
        names = named([case["name"] for case in gate.pairing.only_new])
        yield f"Cases of new that base does not have are not gated: {names}."
    yield error_rate(gate)


def missing(lines: Sequence[Line]) -> list[str]:
    """Return a sentence for each case of which new lacks anything: ``none: in new the case is oom (7 metrics)``."""
    found: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.outcome is Outcome.MISSING:
            found[line.name, line.needs] = found.get((line.name, line.needs), 0) + 1
    return [
        f"{printable(name)}: {printable(why)} ({number} {'metric' if number == 1 else 'metrics'})"
        for (name, why), number in found.items()
    ]


def open_lines(lines: Sequence[Line]) -> Iterator[str]:
    """Yield what would decide what is open, alike cases together."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        if line.outcome is Outcome.INCONCLUSIVE:
            found.setdefault((line.metric, line.needs), []).append(line.name)
    for (metric, what), names in found.items():
        yield f"INCONCLUSIVE: {printable(metric_title(metric))} of {named(names)} needs {what}."


def error_rate(gate: Gate) -> str:
    """Return how often a gate like this fails on unchanged code, or why that cannot be said."""
    binding = [line for line in gate.lines if line.launches is not None and line.binding]
    advice = gate.timings - len(binding)
    said = []
    if binding:
        fewest = min(line.sessions for line in binding)
        said.append(
            f"Error rate: on unchanged code at most {percent(gate.alpha)} % of such gates report a regression in any "
            f"of {len(binding):,} timings, if sessions differ as {fewest} earlier ones did (normally distributed)."
        )
    if advice:
        most = max(line.sessions for line in gate.lines if line.launches is not None and not line.binding)
        said.append(
            f"{'All' if not binding else f'{advice:,} of the'} timings are advice, marked '?', and fail no gate: their "
            f"error rate is unknown, with {most} of {FEWEST_SESSIONS} earlier sessions. Give more with --earlier."
        )
    if not gate.timings:
        said.append("Error rate: none; all figures gated are without noise.")
    return " ".join(said)


def named(names: Sequence[str]) -> str:
    """Return the names of cases, the first few of many."""
    shown = ", ".join(printable(name) for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED:,} more" if len(names) > _NAMED else shown
