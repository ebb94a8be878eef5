"""Cases over time on a terminal: a table per machine and metric, a sparkline per case, and the steps in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from rnnbench.analysis.change_points import ALPHA, FEWEST_SESSIONS
from rnnbench.analysis.history import MachineHistory, Series, Session, Step
from rnnbench.report.case_table import case_width, print_table
from rnnbench.report.change_columns import left_column, metric_title, ratio_text, right_column
from rnnbench.report.gate_words import percent
from rnnbench.report.header import machine_text
from rnnbench.report.layout import GAP, SetColumn, fold
from rnnbench.report.paragraph import paragraph, section
from rnnbench.report.printable import printable
from rnnbench.report.sparkline import WIDEST, sparkline
from rnnbench.report.units import Unit, number, unit_for

if TYPE_CHECKING:
    from rich.console import Console

_NARROWEST = 10
_BETTER, _WORSE = "green", "bold red"


def render(machines: Sequence[MachineHistory], console: Console) -> None:
    """Print each machine with its tables, and below them the steps, and how they are found."""
    for machine in machines:
        console.print()
        paragraph(console, _heading(machine), style="bold")
        for _, group in groupby(machine.series, key=lambda series: series.metric):
            _table(machine, list(group), console)
        section(console, "Steps", [text for series in machine.series for text in _steps(machine, series)])
    console.print()
    paragraph(console, _method(machines), style="dim")


def _heading(machine: MachineHistory) -> str:
    """Return which machine it is, how many sessions there are, and from when to when."""
    known = f"machine {machine.fingerprint}" if machine.fingerprint else "machines that are not known"
    what = machine_text(machine.machine) if machine.fingerprint else ""
    days = [day(session) for session in machine.sessions]
    count = f"{len(days):,} {'session' if len(days) == 1 else 'sessions'}"
    when = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    return printable("; ".join(part for part in (known, what, f"{count}, {when}") if part)) + "."


def day(session: Session) -> str:
    """Return the day on which a session was started, as far as its document says one."""
    return printable(session.started)[:10]


def _table(machine: MachineHistory, series: Sequence[Series], console: Console) -> None:
    names = [printable(one.name) for one in series]
    width = case_width(names, console.width)
    unit = unit_for(series[0].unit, [point.value for one in series for point in one.points])
    console.print()
    console.print(Text(metric_title(series[0].metric), style="bold"), soft_wrap=True)
    for part in fold(
        _columns(machine, series, unit, console.width - width, console.options.ascii_only), console.width - width
    ):
        print_table(console, names, part, width)


def _columns(
    machine: MachineHistory, series: Sequence[Series], unit: Unit, room: int, ascii_only: bool
) -> list[SetColumn]:
    """Return sessions, sparkline, first and last figure, and the last step of each series."""
    head = [f"({unit.name})"] if unit.name else []
    figures = [
        right_column("sessions", [f"{len(one.points):,}" for one in series]),
        right_column("first", [number(one.points[0].value / unit.factor) for one in series], head),
        right_column("last", [number(one.points[-1].value / unit.factor) for one in series], head),
    ]
    if any(one.steps for one in series):
        texts = [_last_step(machine, one) for one in series]
        figures.append(left_column("last step", texts, [_style(one) for one in series]))
    most = max((len(one.steps) for one in series), default=0)
    left = room - sum(GAP + column.width for column in figures) - GAP - most
    lines = [_line(machine, one, min(WIDEST, max(_NARROWEST, left)), ascii_only) for one in series]
    return [figures[0], left_column("over time", lines, [_style(one) for one in series]), *figures[1:]]


def _line(machine: MachineHistory, series: Series, width: int, ascii_only: bool) -> str:
    """Return a bar per session of the machine, so that the lines of cases stand below each other."""
    values: list[float | None] = [None] * len(machine.sessions)
    for point in series.points:
        values[point.session] = point.value
    steps = [series.points[step.point].session for step in series.steps]
    return sparkline(values, steps, ascii_only, width).rstrip()


def _last_step(machine: MachineHistory, series: Series) -> str:
    if not series.steps:
        return ""
    step = series.steps[-1]
    return f"{day(_session_of(machine, series, step))} {_change(step)}"


def _style(series: Series) -> str:
    """Return the colour of the last step: whether it was for the better or for the worse."""
    if not series.steps or series.better not in ("lower", "higher"):
        return ""
    step = series.steps[-1]
    return _BETTER if (step.after < step.before) == (series.better == "lower") else _WORSE


def _change(step: Step) -> str:
    """Return ``+12.3 %``, ``3.2x`` for what is far from it, or both levels where there is no ratio."""
    if step.ratio is None:
        return f"{number(step.before)} -> {number(step.after)}"
    return f"{percent(step.ratio - 1, sign=True)} %" if 0.5 <= step.ratio <= 2 else ratio_text(step.ratio)


def _steps(machine: MachineHistory, series: Series) -> Iterator[str]:
    """Yield a sentence per step: when, by how much, between which documents, and what else changed there."""
    for step in series.steps:
        after = _session_of(machine, series, step)
        before = machine.sessions[series.points[step.point - 1].session]
        unit = unit_for(series.unit, [step.before, step.after])
        levels = f"{number(step.before / unit.factor)} to {number(step.after / unit.factor)} {unit.name}".rstrip()
        sure = "" if step.p is None else f", p = {step.p:.2g}"
        changed = [
            f"{what} {old} -> {new}"
            for what, old, new in (
                ("commit", _short(before.commit), _short(after.commit)),
                ("torch", before.torch, after.torch),
            )
            if old != new
        ]
        said = f"; {', '.join(changed)}" if changed else ""
        yield (
            f"{day(after)} {series.name}, {metric_title(series.metric)}: {_change(step)} ({levels}{sure}){said}; "
            f"first in {after.path}"
        )


def _short(commit: str | None) -> str | None:
    return commit[:10] if commit else None


def _session_of(machine: MachineHistory, series: Series, step: Step) -> Session:
    return machine.sessions[series.points[step.point].session]


def _method(machines: Sequence[MachineHistory]) -> str:
    """Return how steps are found, and how many to expect where there are none."""
    searched = sum(len(one.points) >= FEWEST_SESSIONS for machine in machines for one in machine.series)
    said = (
        "Steps: binary segmentation with a permutation test on ranks; a case that does not change shows one with a "
        f"chance of at most {percent(ALPHA)} %."
    )
    if not searched:
        return f"{said} It takes {FEWEST_SESSIONS} sessions of a case, which none has."
    return f"{said} Of {searched:,} that were searched, so many by chance: at most {number(ALPHA * searched, 1)}."
