"""What ``rnnbench profile`` asks a worker for: one training step of a case, taken apart.

The same step is taken plain, with the phases marked, and under torch.profiler. Plain and marked steps alternate, so
that both see the same machine, and the difference is what marks cost. Figures of phases are means over those marked
steps whose times lie in the middle half: means add up, so that the phases add up to the step.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict
from statistics import mean
from typing import TYPE_CHECKING, Any

from rnnbench.measure.clock import clock_of
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.phase_clock import Span, phase_clock_of
from rnnbench.measure.profiled_step import ProfiledStep
from rnnbench.measure.timer import time_once
from rnnbench.measure.torch_trace import Held, Traced, trace
from rnnbench.measure.verify import verify
from rnnbench.models.device import resolve
from rnnbench.models.network import build
from rnnbench.models.weights import draw
from rnnbench.phases import PHASES, UNATTRIBUTED
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case
from rnnbench.suite.optimizer import SGD
from rnnbench.suite.phase_work import bytes_of, phase_work
from rnnbench.suite.schema import Parameters

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

SECONDS = 3.0
"""About how long plain and marked steps take altogether."""
FEWEST, MOST = 5, 100
"""Pairs of a plain and a marked step."""
WARM_UP = 3
TRACED = 3
"""Steps under torch.profiler; one where a step takes longer than a second."""
MOST_POINTS = 2000
"""Of the memory timeline."""


def measure(case: Case, progress: Progress) -> Observation:
    """Take the step apart; what was found are the details of figure ``profile``.

    Raises
    ------
    CaseFailure
        The kernel disagrees with the reference, or the case has no step through the whole sequence.
    """
    parameters = case.parameters
    if parameters.gradient == "rtrl" or parameters.recompute.stream_steps(parameters.time_steps) is not None:
        raise CaseFailure(
            "error",
            "profile takes apart a step through the whole sequence: not one by `gradient: rtrl` or `recompute: stream`",
        )
    device = resolve(parameters.device)
    scope = "layer" if parameters.task is None else "model"
    if scope == "layer":
        parameters = parameters.model_copy(update={"layers": 1})
    network = build(
        parameters, draw(parameters), device=device, time_steps=parameters.time_steps, batch=parameters.batch
    )
    agreement = verify(network.first_layer())
    kernel = network.first_layer().selection.to_json()
    chosen = case.measure.training.optimizer if case.measure.training is not None else SGD(lr=0.1)
    phase_clock, clock = phase_clock_of(device), clock_of(device)
    step = ProfiledStep(parameters, network, scope, chosen, phase_clock)

    def timed() -> list[Span]:
        return phase_clock.time(step, clock.synchronise)

    progress(0, 3, "warming up")
    for _ in range(WARM_UP):
        once = time_once(step, clock)
        timed()
    pairs = min(MOST, max(FEWEST, round(SECONDS / 2 / max(once, 1e-9))))
    progress(1, 3, f"{pairs} plain and {pairs} marked steps")
    plain, marked = [], []
    for _ in range(pairs):
        plain.append(time_once(step, clock))
        marked.append(timed())
    progress(2, 3, "under torch.profiler")
    traced = trace(timed, TRACED if once < 1.0 else 1, device, clock)
    details = {
        "scope": scope,
        "device": device,
        "optimizer": chosen.label(),
        "steps": pairs,
        "plain_seconds": mean(middle(plain)),
        "profiled_seconds": mean(traced.seconds),
        **_phases(marked, parameters, scope, chosen, step.weights),
        "operators": [asdict(operator) for operator in traced.operators],
        "memory": _memory(traced),
        "trace": packed(traced.events),
    }
    return Observation({"profile": Figure("exact", (details["plain_seconds"],), (), details)}, kernel, agreement)


def middle(values: Sequence[float]) -> list[float]:
    """Return the middle half of values: without the lowest and the highest quarter.

    Examples
    --------
    >>> middle([9.0, 1.0, 2.0, 3.0])
    [2.0, 3.0]
    """
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return ordered[quarter : len(ordered) - quarter]


def _phases(
    marked: Sequence[Sequence[Span]], parameters: Parameters, scope: str, optimizer: Any, weights: int
) -> dict[str, Any]:
    """Return the mean step, and what each phase took and did of it."""
    totals = [spans[-1].end for spans in marked]
    kept = middle(totals)
    counted = [spans for spans, total in zip(marked, totals, strict=True) if kept[0] <= total <= kept[-1]]
    seen = {span.phase for spans in counted for span in spans}
    work = phase_work(parameters, scope, seen, optimizer, weights)
    found = []
    for phase in (phase for phase in PHASES if phase in seen | {UNATTRIBUTED}):
        taken = [sum(span.end - span.start for span in spans if span.phase == phase) for spans in counted]
        least = work.get(phase)
        found.append(
            {
                "name": phase,
                "seconds": mean(taken),
                "flops": least.flops if least else 0,
                "bytes": bytes_of(least, parameters) if least else 0,
            }
        )
    return {"marked_seconds": mean(spans[-1].end for spans in counted), "phases": found}


def _memory(traced: Traced) -> dict[str, Any]:
    """Return the peak, the phase in which it was, and the timeline: seconds, bytes, phase."""
    peak = max(traced.memory, key=lambda held: held.bytes, default=Held(0.0, 0))
    points = [(held.seconds, held.bytes, _phase_at(traced.spans, held.seconds)) for held in thinned(traced.memory)]
    return {"peak_bytes": peak.bytes, "peak_phase": _phase_at(traced.spans, peak.seconds), "points": points}


def thinned(memory: Sequence[Held], most: int = MOST_POINTS) -> list[Held]:
    """Return at most ``most`` moments: the first, the last, and of each stretch the one at which most was held."""
    if len(memory) <= most:
        return list(memory)
    each = -(-len(memory) // (most - 2))
    peaks = [max(memory[at : at + each], key=lambda held: held.bytes) for at in range(0, len(memory), each)]
    return list(dict.fromkeys([memory[0], *peaks, memory[-1]]))


def _phase_at(spans: Sequence[Span], seconds: float) -> str:
    return next((span.phase for span in spans if span.start <= seconds < span.end), UNATTRIBUTED)


def packed(data: Any) -> str:
    """Return JSON data as text that is small enough for a message."""
    return base64.b64encode(gzip.compress(json.dumps(data).encode(), compresslevel=5)).decode()
