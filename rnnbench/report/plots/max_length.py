"""The three maxima of sequence length as bars: memory, the reach of gradients, and what is learnt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnbench.analysis.contrast import Case
from rnnbench.analysis.length import LIMITS, Length, length
from rnnbench.analysis.lookback import binding
from rnnbench.report.plots.plot import Axis, Bar, BarPlot
from rnnbench.report.plots.setting import Setting
from rnnbench.report.printable import printable

KIND = "max-length"
_MOST_CASES = 20


def plots(setting: Setting) -> Iterator[BarPlot]:
    """Yield bars of the limits, for cases of which any was measured."""
    found = {
        case["id"]: (case, {metric: limit for metric in LIMITS if (limit := length(case, metric))})
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
            tuple(
                Bar(LIMITS[metric], min(max(limit.steps, 1.0), 2 * longest), str(limit), slot, limit.more)
                for slot, metric in enumerate(LIMITS)
                if (limit := limits.get(metric))
            ),
        )
        for case, limits in known
    )
    return BarPlot(
        KIND,
        "",
        _title(known),
        "For each case the longest sequence whose training step fits the memory, the lag over which a gradient still "
        "reaches at initialisation, and the longest sequence of the task that is learnt, as far as they were measured. "
        "The shortest binds; what is learnt beyond the reach at initialisation is bound by the reach after training. "
        "An open end says that no limit was seen.",
        Axis("time steps, log", log=True),
        groups,
    )


def _title(known: Sequence[tuple[Case, dict[str, Length]]]) -> str:
    """Say which limit binds how many of the cases that have them all."""
    first = [binding(case) for case, limits in known if len(limits) == len(LIMITS)]
    if not first:
        return "How long a sequence can be"
    said = [f"{LIMITS[metric]} in {first.count(metric)}" for metric in LIMITS if metric in first]
    return f"What ends the sequence first, of {len(first)} cases: {', '.join(said)}"
