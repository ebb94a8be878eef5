"""How far back it can look: which of three limits ends it first, and how far the connectivity moves each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rnnbench.analysis.contrast import Case, Contrast, flatten, label
from rnnbench.analysis.wording import Finding, count, factor, listing, sentence
from rnnbench.suite.case import canonical

LIMITS = {
    "max_length_memory": "memory",
    "max_length_gradient": "the reach of gradients",
    "max_length_task": "what is learnt",
}
"""By metric, as a sentence names them."""
_NO_END = {"unbounded", "beyond_longest_lag"}
_AT_LEAST = {"longest_tried", "longest_learnt_tried", "beyond_longest_lag"}
_WAYS = {"kernel": "auto", "recompute": "none", "gradient": "bptt"}
"""What changes how a training step runs, and not what it computes; with the usual value."""


class Length(NamedTuple):
    """A limit in time steps; infinite where there is none.

    Attributes
    ----------
    more
        Whether no end was seen: the limit is there or further.
    """

    steps: float
    more: bool

    def __str__(self) -> str:
        if math.isinf(self.steps):
            return "without end"
        return f"over {count(self.steps)}" if self.more else count(self.steps)


def lookback_findings(contrast: Contrast, cases: Sequence[Case]) -> list[Finding]:
    """Return which limit binds which case, how far each moves against the baseline, and what other ways move.

    Speaks only of what has all three limits, but for the ways of running, which have memory alone.
    """
    complete = [case for case in cases if all(length(case, metric) for metric in LIMITS)]
    found = [_binding(complete), _moved(contrast), _ways(cases)] if complete else []
    return [finding for finding in found if finding]


def length(case: Case, metric: str) -> Length | None:
    """Return a limit of a case, or None where it was not measured."""
    record = case["metrics"].get(metric)
    if record is None:
        return None
    flags = set(record["flags"])
    if record["value"] is not None:
        return Length(record["value"], bool(flags & _AT_LEAST))
    if "beyond_longest_lag" in flags:
        return Length(record["details"]["longest_lag"], more=True)
    return Length(math.inf, more=True) if flags & _NO_END else None


def _binding(cases: Sequence[Case]) -> Finding:
    """Say which limit comes first in each case."""
    bound: dict[str, list[tuple[Case, Length]]] = {}
    for case in cases:
        limits = {metric: limit for metric in LIMITS if (limit := length(case, metric))}
        first = min(limits, key=lambda metric: limits[metric].steps)
        bound.setdefault(first, []).append((case, limits[first]))
    parts = []
    for metric, members in bound.items():
        named = listing(f"{_short(case)} ({limit})" for case, limit in members)
        parts.append(f"{LIMITS[metric]} for {named}")
    text = f"the first limit to bind, in time steps, is {'; '.join(parts)}"
    figures = {case["name"]: LIMITS[metric] for metric, members in bound.items() for case, _ in members}
    return {"text": sentence(text), "binding": figures}


def _short(case: Case) -> str:
    """Return the connectivity's label, with what is unusual in how it runs."""
    name = label("connectivity", case["parameters"]["connectivity"])
    unusual = [f"{way} {_said(case, way)}" for way, usual in _WAYS.items() if _said(case, way) != usual]
    return f"{name} with {listing(unusual)}" if unusual else name


def _moved(contrast: Contrast) -> Finding | None:
    """Say how far each limit moves against the baseline, where a group has them all."""
    for group in contrast.complete():
        base = group.cases[group.baseline]
        others = {name: case for name, case in group.others().items() if _has_all(case)}
        if _has_all(base) and others:
            break
    else:
        return None
    figures: dict[str, dict[str, float | None]] = {}
    parts = []
    for metric, said in LIMITS.items():
        reference = _known(base, metric)
        moves = {name: _factor(_known(case, metric), reference) for name, case in others.items()}
        figures[metric] = {name: ratio for name, (_, ratio) in moves.items()}
        parts.append(f"{said} {listing(f'{text} ({name})' for name, (text, _) in moves.items())}")
    text = f"held against {group.baseline}, sparse recurrence moves {'; '.join(parts)}"
    return {"text": sentence(text), "moved": figures}


def _has_all(case: Case) -> bool:
    return all(length(case, metric) for metric in LIMITS)


def _known(case: Case, metric: str) -> Length:
    found = length(case, metric)
    assert found is not None  # noqa: S101 - the caller has looked
    return found


def _factor(new: Length, base: Length) -> tuple[str, float | None]:
    """Return a ratio in words, and as a number where both ends are known."""
    if math.isinf(base.steps) or (new.more and base.more):
        return "nowhere that was seen", None
    if math.isinf(new.steps):
        return "beyond any bound", None
    if base.steps == 0:
        return f"from 0 to {new}", None
    ratio = new.steps / base.steps
    more = "at least " if new.more else "at most " if base.more else ""
    return f"by {more}{factor(ratio)}", None if more else ratio


def _ways(cases: Sequence[Case]) -> Finding | None:
    """Say how far another way of running the same step moves what fits into memory."""
    plain = {_model(case): case for case in reversed(cases) if _has_all(case) and _is_usual(case)}
    found: dict[str, dict[str, tuple[str, float | None]]] = {}
    for case in cases:
        beside = plain.get(_model(case))
        if beside is None or beside is case or length(case, "max_length_memory") is None:
            continue
        changed = [f"{way} {_said(case, way)}" for way in _WAYS if _said(case, way) != _said(beside, way)]
        moved = _factor(_known(case, "max_length_memory"), _known(beside, "max_length_memory"))
        found.setdefault(" and ".join(changed), {})[label("connectivity", case["parameters"]["connectivity"])] = moved
    if not found:
        return None
    parts = [
        f"{way} {listing(f'{text} ({name})' for name, (text, _) in moves.items())}" for way, moves in found.items()
    ]
    figures = {way: {name: ratio for name, (_, ratio) in moves.items()} for way, moves in found.items()}
    text = f"with the same gradients, what fits into memory is moved: {'; '.join(parts)}"
    return {"text": sentence(text), "ways": figures}


def _model(case: Case) -> str:
    """Return what a case computes, however it runs."""
    flat: Mapping[str, Any] = flatten(case["parameters"])
    ways = {*_WAYS, "max_length.limits"}
    return canonical({key: value for key, value in flat.items() if key not in ways})


def _is_usual(case: Case) -> bool:
    return all(_said(case, way) == usual for way, usual in _WAYS.items())


def _said(case: Case, way: str) -> str:
    value = case["parameters"][way]
    return "none" if value is None else label(way, value)
