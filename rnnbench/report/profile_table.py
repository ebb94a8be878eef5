"""A profile for people: where the step's time and memory go, operator by operator, and how two cases differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from rnnbench.analysis.profile_difference import Row, operator_rows, phase_rows
from rnnbench.phases import PHASES, UNATTRIBUTED
from rnnbench.report.drawing import heights
from rnnbench.report.paragraph import paragraph, section
from rnnbench.report.printable import printable
from rnnbench.report.units import Unit, number, unit_for

if TYPE_CHECKING:
    from rich.console import Console

OPERATORS = 12
"""Operators that a table names."""
WIDEST = 140
_BAR = 20
_WITH_BARS = 100
"""Terminals narrower than this get no bars."""
_LONGEST_NAME = 60
_GAP = 2
"""Columns of a terminal between two of a table."""

Cells = Sequence[str]


def render_profile(document: Mapping[str, Any], console: Console) -> None:
    """Print the phases, the operators, the memory and the notes of one profile."""
    paragraph(console, _header(document))
    unit = unit_for("s", [document["step"]["marked_seconds"]])
    rows = [_phase_row(phase, unit, console) for phase in document["phases"]]
    step = document["step"]
    rows.append(["step", _in(step["marked_seconds"], unit), "100 %", "", "", "", "", ""])
    console.print()
    titles = ["phase", f"time ({unit.name})", "share", "", "GFLOP/s", "of peak", "GB/s", "of copy"]
    if console.width < _WITH_BARS:
        rows, titles = [[*row[:3], *row[4:]] for row in rows], [*titles[:3], *titles[4:]]
    _table(console, titles, rows, rule_before_last=True)
    console.print()
    paragraph(console, _account(document), style="dim")
    console.print()
    _render_memory(document["memory"], console)
    console.print()
    _render_operators(document["operators"], unit, console)
    section(console, "Notes", list(_notes(document)))


def render_difference(base: Mapping[str, Any], new: Mapping[str, Any], console: Console) -> None:
    """Print how the second profile differs from the first."""
    names = [printable(one["case"]["name"]) for one in (base, new)]
    console.print()
    console.print(Text("Difference", style="bold"), soft_wrap=True)
    paragraph(console, f"A is {names[0]}, B is {names[1]}; B - A is what B takes more.")
    unit = unit_for("s", [one["step"]["marked_seconds"] for one in (base, new)])
    titles = ["phase", f"A ({unit.name})", f"B ({unit.name})", "B - A", "B / A"]
    console.print()
    _table(console, titles, [_difference(row, unit) for row in phase_rows(base, new)], rule_before_last=True)
    rows = [row for row in operator_rows(base, new) if row.change][:OPERATORS]
    console.print()
    _table(console, ["operator, largest change first", *titles[1:]], [_difference(row, unit) for row in rows])


def _header(document: Mapping[str, Any]) -> str:
    parameters, kernel = document["case"]["parameters"], document["kernel"] or {}
    step = document["step"]
    remark = f" ({kernel['remark']})" if kernel.get("remark") else ""
    what = "the first layer" if document["scope"] == "layer" else "the model: layers, readout and loss"
    said = (
        f"{document['case']['name']}: one training step of {what}, and its update by {document['optimizer']}. Cell "
        f"{parameters['cell']}, hidden {parameters['hidden']}, {parameters['time_steps']} time steps, batch "
        f"{parameters['batch']}, {parameters['dtype']}, kernel {kernel.get('name')}{remark}, on {document['device']}"
        f"{_threads(document)}; means over the middle half of {step['steps']} steps."
    )
    return printable(said)


def _threads(document: Mapping[str, Any]) -> str:
    threads = document["settings"].get("threads")
    if not threads or document["device"] != "cpu":
        return ""
    return f" with {threads} thread{'s' if threads > 1 else ''}"


def _phase_row(phase: Mapping[str, Any], unit: Unit, console: Console) -> list[str]:
    share = phase["share"]
    filled = "#" if console.options.ascii_only else "█"
    return [
        phase["name"],
        _in(phase["seconds"], unit),
        f"{100 * share:.1f} %",
        filled * round(_BAR * share),
        _rate(phase["flops_per_second"]),
        _percent(phase["flops_fraction"]),
        _rate(phase["bytes_per_second"]),
        _percent(phase["bandwidth_fraction"]),
    ]


def _account(document: Mapping[str, Any]) -> str:
    step = document["step"]
    unit = unit_for("s", [step["plain_seconds"]])
    plain, profiled = (_in(step[f"{kind}_seconds"], unit) for kind in ("plain", "profiled"))
    said = (
        f"The plain step takes {plain} {unit.name}. The phases account for {100 * step['attributed']:.1f} % of it; "
        f"marking them costs {_signed(step['marks_cost'])}. Under torch.profiler the step takes {profiled} {unit.name} "
        f"({_signed(step['profiler_cost'])}): times by operator hold that, too."
    )
    if not step["within_tolerance"]:
        said += (
            " The phases do not add up to the plain step within 5 %: the step is so short that marks weigh in it, or "
            "other work disturbed it. Profile a larger one, or again."
        )
    return said


def _render_memory(memory: Mapping[str, Any], console: Console) -> None:
    points = memory["points"]
    peak = unit_for("bytes", [memory["peak_bytes"]])
    width = max(20, min(console.width, WIDEST) - 24)
    held = _most_held([(seconds, held) for seconds, held, _ in points], width)
    line = heights(held, 0.0, max(*held, 1.0), console.options.ascii_only)
    console.print(Text(f"memory over the step  {line}"), soft_wrap=True)
    where = printable(memory["peak_phase"])
    paragraph(
        console,
        f"Peak: {number(memory['peak_bytes'] / peak.factor)} {peak.name} above what is held before the step (weights, "
        f"inputs, gradients), in phase {where}; by torch's allocator.",
        style="dim",
    )


def _most_held(points: Sequence[tuple[float, float]], count: int) -> list[float]:
    """Return the most that was held in each of ``count`` stretches of time; what is held lasts until it changes."""
    end = points[-1][0] if points else 0.0
    stretches: list[list[float]] = [[] for _ in range(count)]
    for seconds, held in points:
        stretches[min(count - 1, int(count * seconds / end)) if end > 0 else 0].append(held)
    most, last = [], 0.0
    for stretch in stretches:
        most.append(max(last, *stretch, 0.0))
        last = stretch[-1] if stretch else last
    return most


def _render_operators(operators: Sequence[Mapping[str, Any]], unit: Unit, console: Console) -> None:
    total = sum(operator["seconds"] for operator in operators) or 1.0
    rows = [_operator_row(operator, unit, total) for operator in operators[:OPERATORS]]
    rest = operators[OPERATORS:]
    if rest:
        seconds = sum(operator["seconds"] for operator in rest)
        calls = sum(operator["calls"] for operator in rest)
        rows.append([f"{len(rest)} others", f"{calls:,.0f}", _in(seconds, unit), f"{100 * seconds / total:.1f} %", ""])
    _table(console, ["operator (torch.profiler)", "calls", f"self ({unit.name})", "share", "allocated"], rows)


def _operator_row(operator: Mapping[str, Any], unit: Unit, total: float) -> list[str]:
    memory = unit_for("bytes", [operator["allocated_bytes"]])
    held = f"{number(operator['allocated_bytes'] / memory.factor)} {memory.name}" if operator["allocated_bytes"] else ""
    seconds = operator["seconds"]
    return [operator["name"], f"{operator['calls']:,.0f}", _in(seconds, unit), f"{100 * seconds / total:.1f} %", held]


def _notes(document: Mapping[str, Any]) -> Iterator[str]:
    seen = [phase["name"] for phase in document["phases"]]
    kernel = (document["kernel"] or {}).get("name")
    compiled = any(operator["name"] == "_LayerBackward" for operator in document["operators"])
    if "layer forward" in seen:
        yield (
            f"Kernel '{kernel}' runs a layer in one call: W x and the recurrence are not told apart, nor are their "
            "gradients."
        )
    elif "recurrent weight gradient" not in seen and "recurrence backward" in seen:
        how = "one compiled loop takes both" if compiled else "autograd takes both, step by step"
        yield f"The gradient of U is part of the recurrence backward: {how}."
    if (
        "input weight gradient" in seen
        and "input gradient" not in seen
        and document["case"]["parameters"]["layers"] > 1
    ):
        yield "The gradient of a layer's input is part of the input weight gradient, where there is a layer below."
    if any(phase["flops_fraction"] is None and phase["flops"] for phase in document["phases"]):
        yield "Without a calibration there are no shares of what the machine can reach: `rnnbench machine --calibrate`."
    else:
        yield (
            "GFLOP/s and GB/s are the least arithmetic and bytes of a phase over its time; shares are of what this "
            "machine reached in products and copies."
        )
    if compiled:
        yield "Compiled loops are no operators of torch: their time is in _Layer forward, and in _LayerBackward."
    names = [name for name in seen if name != UNATTRIBUTED]
    yield "Phases: " + "; ".join(f"{name}: {PHASES[name]}" for name in names if name in PHASES) + "."


def _difference(row: Row, unit: Unit) -> list[str]:
    values = ["-" if value is None else _in(value, unit) for value in (row.base, row.new)]
    change = f"{'+' if row.change > 0 else ''}{number(row.change / unit.factor)}"
    return [row.name, *values, change, "" if row.ratio is None else f"{row.ratio:.2f}"]


def _table(console: Console, titles: Cells, rows: Sequence[Cells], rule_before_last: bool = False) -> None:
    """Print a table with numbers to the right, its first column cut where the terminal is narrow."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    figures = sum(_GAP + max(len(row[index]) for row in (titles, *rows)) for index in range(1, len(titles)))
    longest = min(_LONGEST_NAME, max(16, console.width - figures))
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), collapse_padding=True)
    for index, title in enumerate(titles):
        left = index == 0 or not title
        table.add_column(Text(title), justify="left" if left else "right", no_wrap=True, overflow="ellipsis")
    for number_of, row in enumerate(rows):
        last = rule_before_last and number_of == len(rows) - 2
        shown = [printable(cell) for cell in row]
        if len(shown[0]) > longest:
            shown[0] = shown[0][: longest - 1] + "…"
        table.add_row(*map(Text, shown), end_section=last)
    console.print(table, width=min(console.width, WIDEST), soft_wrap=False)


def _in(seconds: float, unit: Unit) -> str:
    return number(seconds / unit.factor)


def _rate(per_second: float | None) -> str:
    return "" if per_second is None else number(per_second / 1e9)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f} %"
