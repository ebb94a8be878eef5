"""What each connectivity costs, over all documents of the page in one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.cost import held, told_memory
from rnnbench.analysis.cost_lines import CostLine, Weights, cost_lines, timed_pass
from rnnbench.analysis.setting_line import shapes
from rnnbench.analysis.weights import input_size
from rnnbench.analysis.wording import count, factor
from rnnbench.report.html.elements import name_text, scrolling, text
from rnnbench.report.units import in_unit
from rnnbench.results.document import Results

_MOST_LINES = 24
"""Of one document; what has more is a table of its own section."""
_MISSING = "not measured"
_HEADS = ("connectivity", "learns", "recurrent weights", "all weights", "time of a training pass", "memory")
_CAPTION = (
    "What each costs: an x is a ratio to dense, brackets hold 95 % intervals; all weights are those of U, W, biases "
    "and readout; memory is the peak of a training step, or how long a sequence fits"
)


def cost_table(members: Sequence[tuple[str, str, Results]]) -> str:
    """Return the table as HTML; nothing where no document holds connectivities against dense.

    Parameters
    ----------
    members
        Of each document: the place of its section in the page, its name, and itself.
    """
    parts = [part for _, name, results in members if (part := _part(name, results))]
    if not parts:
        return ""
    heads = "".join(f'<th scope="col">{text(head)}</th>' for head in _HEADS)
    made = f"<table><caption>{text(_CAPTION)}</caption><thead><tr>{heads}</tr></thead>{''.join(parts)}</table>"
    return scrolling(made, _CAPTION)


def _part(name: str, results: Results) -> str:
    """Return the lines of one document under its name and its setting."""
    contrast = contrast_of(results.data)
    lines = cost_lines(contrast) if contrast else []
    if contrast is None or not lines or len(lines) > _MOST_LINES:
        return ""
    measured = any(line.time for line in lines), any(line.memory for line in lines)
    rows = "".join(f"<tr>{''.join(_cells(line, *measured))}</tr>" for line in lines)
    said = "; ".join(part for part in (_inputs(results), *shapes(results.cases), timed_pass(contrast)) if part)
    about = f' <span class="about">{text(said)}</span>' if said else ""
    named = f'<span class="group">{text(name)}{about}</span>'
    head = f'<tr class="group"><th scope="rowgroup" colspan="{len(_HEADS)}">{named}</th></tr>'
    return f"<tbody>{head}{rows}</tbody>"


def _inputs(results: Results) -> str:
    """Return ``I = 2, H = 16``, where all cases have the same; W has that many weights for each gate."""
    inputs = {input_size(case) for case in results.cases}
    hidden = {case["parameters"].get("hidden") for case in results.cases}
    said = [(name, next(iter(sizes))) for name, sizes in (("I", inputs), ("H", hidden)) if len(sizes) == 1]
    return ", ".join(f"{name} = {count(size)}" for name, size in said if isinstance(size, int))


def _cells(line: CostLine, timed: bool, weighed: bool) -> Iterator[str]:
    """Yield the cells; of dense, where times or peaks of others stand beside it, that it is what they are held to."""
    yield f'<th scope="row">{name_text(line.name)}</th>'
    peak = "1x" if line.is_dense and weighed else told_memory(line.memory) if line.memory else ""
    own = "" if line.seconds is None else f" ({in_unit('s', line.seconds)})"
    time = f"1x{own}" if line.is_dense and timed else held(line.time)
    for said in (line.learns, _counted(line.recurrent), _counted(line.every), time, peak or line.fits):
        yield f"<td>{text(said or _MISSING)}</td>"


def _counted(weights: Weights | None) -> str:
    """Return ``46 (5.6x fewer)``."""
    if weights is None:
        return ""
    if weights.fewer is None:
        return count(weights.number)
    fewer, more = factor(weights.fewer), factor(1 / weights.fewer)
    return f"{count(weights.number)} ({f'{fewer} fewer' if weights.fewer >= 1 else f'{more} more'})"
