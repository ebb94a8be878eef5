"""By how much each metric of each case may get worse: the usual limits, the suite's, and the command line's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnbench.errors import RnnbenchError
from rnnbench.results.metrics import METRICS, metric_kind
from rnnbench.suite.select import Predicate, parse
from rnnbench.words import did_you_mean, printable, quoted

ALPHA = 0.01
USUAL: dict[str, float] = {
    "training_time": 0.05,
    "forward_time": 0.05,
    "peak_memory": 0.05,
    "saved_activation_bytes": 0.0,
    "parameter_bytes": 0.0,
    "file_bytes": 0.05,
    "recurrent_parameters": 0.0,
    "total_parameters": 0.0,
    "accuracy": 0.05,
    "solved_fraction": 0.05,
    "max_length_memory": 0.05,
    "max_length_gradient": 0.05,
}
"""Fractions by metric; what is not here is gated only where a limit is given. Times are repeated by rates; first calls
and losses are too noisy to hold anybody to."""
_TIMES = ("training_time", "forward_time")


@dataclass(frozen=True)
class Rule:
    """A limit for a metric (with its scope or for all) in the cases that ``selects`` takes, or in all if it is None.

    A limit that is None leaves the metric out.
    """

    metric: str
    limit: float | None
    selects: Predicate | None


@dataclass(frozen=True)
class Limits:
    """Rules, later ones overruling earlier ones, and the error rate of the gate."""

    rules: tuple[Rule, ...]
    alpha: float

    def limit(self, key: str, case_name: str) -> float | None:
        """Return the limit of a metric key in a case, or None if it is not gated."""
        name, lowered = key.partition(".")[0], case_name.lower()
        for rule in reversed(self.rules):
            if rule.metric in (key, name) and (rule.selects is None or rule.selects(lowered)):
                return rule.limit
        return USUAL.get(name)


def read_limits(resolved: Mapping[str, Any], options: Sequence[str], alpha: float | None, source: str) -> Limits:
    """Return the limits of a gate.

    Parameters
    ----------
    resolved
        The suite as its document has it; its section ``gate`` counts, where there is one.
    options
        ``FRACTION`` for all timings, or ``METRIC=FRACTION``, as given to ``--limit``; they overrule the suite.
    alpha
        As given to ``--alpha``; the suite's, or :data:`ALPHA`, where it is None.
    source
        The document, for messages.

    Raises
    ------
    RnnbenchError
        A section of another form, or an option that names no metric or no fraction.
    """
    section = resolved.get("gate") or {}
    try:
        rules = [_rule(entry) for entry in section.get("limits", ())]
        rate = float(section.get("alpha", ALPHA)) if alpha is None else alpha
        if not 0 < rate <= 0.5:
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError, RnnbenchError) as error:
        raise RnnbenchError(
            f"{printable(source, 300)}: damaged results document: suite.resolved.gate is not as a run writes it"
        ) from error
    return Limits((*rules, *(rule for option in options for rule in _options(option))), rate)


def _rule(entry: Mapping[str, Any]) -> Rule:
    limit = entry["limit"]
    if not (limit is None or (isinstance(limit, (int, float)) and limit >= 0)):
        raise ValueError
    pattern = entry.get("cases")
    return Rule(str(entry["metric"]), limit, None if pattern is None else parse(pattern))


def _options(option: str) -> list[Rule]:
    """Return the rules that one ``--limit`` means."""
    metric, equals, written = option.rpartition("=")
    try:
        limit = float(written)
    except ValueError:
        limit = -1.0
    if not 0 <= limit <= 10:
        raise RnnbenchError(
            f"--limit {printable(option)}: {quoted(written)} is no fraction from 0 to 10, such as 0.05 for 5 %"
        )
    if equals and metric_kind(metric) is None:
        raise RnnbenchError(
            f"--limit {printable(option)}: unknown metric {quoted(metric)}{did_you_mean(metric, list(METRICS))}"
        )
    names = [metric] if equals else _TIMES
    return [Rule(name, limit, None) for name in names]
