"""Findings where nothing is held against a baseline: what the cases reach, from the worst to the best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rnnbench.analysis.contrast import Case
from rnnbench.analysis.learning import asked, iterations, learned, success
from rnnbench.analysis.wording import (
    Finding,
    count,
    milliseconds,
    plural,
    sentence,
    share,
    with_interval,
)


@dataclass(frozen=True)
class _Topic:
    """A metric that a summary speaks of; the sentence takes one figure, or the two ends of a range."""

    prefix: str
    text: str
    write: Callable[[float], str]
    unit: str = ""


_TOPICS = (
    _Topic("steps_to_solve", "where half of the seeds solve the task, it takes {} iterations", count),
    _Topic("recurrent_parameters", "{} recurrent weights are stored", count),
    _Topic("training_time", "a training pass takes {}", milliseconds, " ms"),
    _Topic("forward_time", "a forward pass takes {}", milliseconds, " ms"),
)


def summary_findings(cases: Sequence[Case]) -> list[Finding]:
    """Return at most four sentences on cases that are held against nothing."""
    found = [*_learning(cases)]
    for topic in _TOPICS:
        key = next((key for case in cases for key in case["metrics"] if key.partition(".")[0] == topic.prefix), None)
        finding = _finding(topic, key, cases) if key else None
        if finding:
            found.append(finding)
    return found[:4]


def _learning(cases: Sequence[Case]) -> Iterator[Finding]:
    known = sorted(
        (found for case in cases if (found := learned(case["name"], case))), key=lambda found: found.accuracy
    )
    if not known:
        return
    worst, best = known[0], known[-1]
    if len(known) == 1:
        text = f"{best.label} gets {with_interval(best.accuracy, best.interval, share)} {asked([best.case])}"
        text += f" after {iterations([best.case])} and {success([best.case], 's')} in "
        text += f"{best.solved} of {plural(best.replicas, 'seed')}"
    else:
        solving = success([found.case for found in known])
        text = f"accuracy runs from {worst.text()} to {best.text()}, the seeds being those that {solving}"
    yield {"text": sentence(text), "accuracy": [worst.figures(), best.figures()] if best != worst else [best.figures()]}


def _finding(topic: _Topic, key: str, cases: Sequence[Case]) -> Finding | None:
    records: list[tuple[Case, dict[str, Any]]] = [
        (case, case["metrics"][key])
        for case in cases
        if key in case["metrics"] and case["metrics"][key]["value"] is not None
    ]
    if not records:
        return None
    records.sort(key=lambda record: float(record[1]["value"]))
    ends = records[:1] if len(records) == 1 else [records[0], records[-1]]
    texts = [with_interval(record["value"], record["ci95"], topic.write, topic.unit) for _, record in ends]
    if len(ends) == 2:
        texts = [f"{text} ({case['name']})" for text, (case, _) in zip(texts, ends, strict=True)]
    figures = [{"case": case["name"], "value": record["value"], "ci95": record["ci95"]} for case, record in ends]
    return {"text": sentence(topic.text.format(" to ".join(texts))), key: figures}
