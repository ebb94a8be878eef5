"""The maxima of sequence length as bars: memory, the reach of gradients before and after training, what is learnt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rnnbench.analysis.contrast import Case
from rnnbench.analysis.length import LIMITS, TRAINED, Length, length
from rnnbench.analysis.lookback import binding
from rnnbench.analysis.wording import plural
from rnnbench.report.plots.plot import Axis, Bar, BarPlot
from rnnbench.report.plots.setting import Setting
from rnnbench.report.printable import printable

KIND = "max-length"
_MOST_CASES = 20
_INITIAL = "max_length_gradient"
_NO_LIMIT = "the reach of gradients at initialisation, no limit"
_SHOWN = {
    "max_length_memory": ("memory", 0),
    TRAINED: ("the reach of gradients after training", 1),
    _INITIAL: ("the reach of gradients at initialisation", 1),
    "max_length_task": ("what is learnt", 2),
}
"""By metric, its label and slot: both reaches share a colour."""


def plots(setting: Setting) -> Iterator[BarPlot]:
    """Yield bars of the limits, for cases of which any was measured."""
    found = {
        case["id"]: (case, {metric: limit for metric in _SHOWN if (limit := length(case, metric))})
        for case in setting.results.cases
    }
    known = [(case, limits) for case, limits in found.values() if limits]
    for start in range(0, len(known), _MOST_CASES):
        yield _plot(known[start : start + _MOST_CASES])


def _plot(known: Sequence[tuple[Case, dict[str, Length]]]) -> BarPlot:
    finite = [limit.steps for _, limits in known for limit in limits.values() if limit.steps != float("inf")]
    longest = max([*finite, 10.0])
    groups = tuple(
        (
            printable(case["name"]),
            tuple(_bar(metric, limits, 2 * longest) for metric in limits),
        )
        for case, limits in known
    )
    return BarPlot(
        KIND,
        "",
        _title(known),
        "For each case the longest sequence whose training step fits the memory, the lag over which a gradient still "
        "reaches, and the longest sequence of the task that is learnt, as far as they were measured. The shortest full "
        "bar binds. An outline is no limit: training moves the reach that gradients have at initialisation, as a reach "
        "after training or what is learnt beyond it shows. An open end says that no limit was seen.",
        Axis("time steps, log", log=True),
        groups,
    )


def _bar(metric: str, limits: Mapping[str, Length], longest: float) -> Bar:
    """Return the bar of a limit, cut at ``longest``; of a reach that training moved, an outline."""
    limit = limits[metric]
    label, slot = _SHOWN[metric]
    moved = metric == _INITIAL and _moved(limits)
    return Bar(
        _NO_LIMIT if moved else label, min(max(limit.steps, 1.0), longest), str(limit), slot, limit.more, outlined=moved
    )


def _moved(limits: Mapping[str, Length]) -> bool:
    """Return whether the reach at initialisation is no limit, as :func:`binding` has it."""
    learnt = limits.get("max_length_task")
    return TRAINED in limits or (learnt is not None and limits[_INITIAL].steps < learnt.steps)


def _title(known: Sequence[tuple[Case, dict[str, Length]]]) -> str:
    """Say which limit binds how many of the cases that have them all."""
    first = [binding(case) for case, limits in known if set(LIMITS) <= set(limits)]
    if not first:
        return "How long a sequence can be"
    said = [f"{LIMITS[metric]} in {first.count(metric)}" for metric in LIMITS if metric in first]
    return f"What ends the sequence first, of {plural(len(first), 'case')}: {', '.join(said)}"
