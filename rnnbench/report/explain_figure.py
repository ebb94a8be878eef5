"""How one figure came about, in sentences: what was counted or timed, how often, and why it stopped.

Documents are untrusted: what is missing or of another type in a figure's details is left unsaid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from rnnbench.analysis.wording import plural
from rnnbench.report.columns import FLAGS
from rnnbench.report.matched import match_sentences
from rnnbench.report.units import number, unit_for
from rnnbench.results.metrics import metric_kind, scope_of

Record = Mapping[str, Any]

SCOPES = {
    "recurrence": "the recurrence alone, z = W x + b being given",
    "layer": "one layer, W x included, as nn.RNN does",
    "model": "the whole model: all layers, readout and loss",
}
_STOPPED = {
    "precision": "the interval of its median was narrow enough",
    "time": "its time was up",
}


def explain_figure(key: str, record: Record) -> str:
    """Return a metric with its figure, what it is, and how it came about."""
    kind = metric_kind(key)
    what = f", {kind.summary}" if kind else ""
    said = [f"{key} is {figure_text(record)}{what}."]
    told = _TOLD.get(key.partition(".")[0])
    if told is not None:
        said += told(key, record)
    said += [f"Flag {flag}: {FLAGS.get(flag, 'no explanation in this version')}." for flag in record["flags"]]
    return " ".join(said)


def figure_text(record: Record) -> str:
    """Return a figure in the unit that suits it, with its interval: ``783 µs [754, 838]``; or ``null``."""
    if record["value"] is None:
        return "null"
    unit = unit_for(record["unit"], [record["value"]])
    text = f"{_amount(record['value'], unit.factor)}{f' {unit.name}' if unit.name else ''}"
    if record["ci95"] is not None:
        low, high = record["ci95"]
        text += f" [{_amount(low, unit.factor)}, {_amount(high, unit.factor)}]"
    return text


def amount(value: float, unit: str) -> str:
    """Return an amount in the unit that suits it."""
    return figure_text({"value": value, "unit": unit, "ci95": None})


def _amount(value: float, factor: float) -> str:
    scaled = value / factor
    return number(scaled, 0) if float(scaled).is_integer() and abs(scaled) >= 10 else number(scaled)


def _timing(key: str, record: Record) -> Iterator[str]:
    """Tell of launches, samples, warm-up and stopping."""
    scope = SCOPES.get((scope_of(key) or "").rpartition(".")[2])
    if scope:
        yield f"Timed was {scope}."
    samples = [launch for launch in record["samples"] or [] if launch]
    if not samples:
        return
    medians = ", ".join(_amount(median(launch), unit_for("s", [record["value"] or 1.0]).factor) for launch in samples)
    many = len(samples) > 1
    if many:
        yield (
            f"It is the median over {len(samples)} launches, fresh processes, of the median in each ({medians}); "
            "samples within a launch are not independent."
        )
    if record["ci95"] is not None:
        yield "The interval is Student's t on the logarithms of these medians."
    launches = _mappings(record["details"].get("launches"))
    yield from _blocks([len(launch) for launch in samples], launches)


def _blocks(sizes: Sequence[int], launches: Sequence[Record]) -> Iterator[str]:
    calls = _range(launches, "calls_per_block")
    if calls:
        each = "A launch has" if len(sizes) > 1 else "It has"
        yield f"{each} {_between(sizes)} blocks of {calls} calls, after {_range(launches, 'warm_up_calls')} to warm up."
    reasons = Counter(str(launch["stopped"]) for launch in launches if launch.get("stopped") in _STOPPED)
    if reasons:
        yield (
            "Sampling ended because "
            + ", ".join(f"{_STOPPED[reason]} ({count} of {len(launches)})" for reason, count in reasons.items())
            + "."
        )
    fastest = [launch["fastest"] for launch in launches if _is_number(launch.get("fastest"))]
    if fastest:
        yield f"The fastest block took {amount(min(fastest), 's')} a call."
    device = [launch["device_seconds"] for launch in launches if _is_number(launch.get("device_seconds"))]
    if device:
        yield f"By the device's own clock it was {amount(median(device), 's')}."


def _rate(key: str, record: Record) -> Iterator[str]:
    steps = record["details"].get("time_steps_per_call")
    time = key.replace("throughput", "time", 1)
    if _is_number(steps):
        yield f"It is T B = {number(steps, 0)} time steps over {time}; its interval is that one's."


def _first_call(key: str, record: Record) -> Iterator[str]:
    yield "Each launch gave one: the first call of the pass in a new process, compilation included."


def _fraction(key: str, record: Record) -> Iterator[str]:
    """Tell of the floor, and what sets it."""
    details = record["details"]
    name, _, of = key.partition(".")
    if name != "flops_fraction":
        yield f"The floor is the one of flops_fraction.{of}."
        return
    if not all(_is_number(details.get(name)) for name in ("floor_time", "floor_fraction", "flops", "bytes", "steps")):
        return
    steps = f"{number(details['steps'], 0)} {details.get('step')} steps that wait for each other"
    yield (
        f"The pass needs at least {number(details['flops'], 0)} operations, {amount(details['bytes'], 'bytes')} moved "
        f"and {steps}: on this machine no less than {amount(details['floor_time'], 's')}, which {details.get('bound')} "
        f"sets. That is {number(details['floor_fraction'])} of the time that it took."
    )


def _learnt(key: str, record: Record) -> Iterator[str]:
    """Tell of replicas and the evaluation."""
    details = record["details"]
    if isinstance(details.get("meaning"), str):
        yield f"Counted are {details['meaning']}."
    if _is_number(details.get("examples")):
        every = "all there are" if details.get("exhaustive") else "held-out ones, the same for every case"
        yield f"The evaluation has {number(details['examples'], 0)} examples, {every}."
    values = [value for row in record["samples"] or [] for value in row if value is not None]
    if len(values) > 1:
        yield f"It is the mean over {len(values)} replicas ({number(min(values))} to {number(max(values))})."
    if record["ci95"] is not None:
        yield "The interval is a bootstrap over the replicas."
    if _is_number(details.get("baseline")):
        yield f"Without memory {number(details['baseline'])} can be had."


def _file(key: str, record: Record) -> Iterator[str]:
    """Tell what is in the file."""
    details = record["details"]
    if not all(_is_number(details.get(name)) for name in ("tensors", "tensor_bytes")):
        return
    what = "the recurrent matrices" if scope_of(key) == "recurrence" else "the whole model"
    yield (
        f"torch.save wrote {plural(int(details['tensors']), 'tensor')} of {what} to a temporary file; their numbers "
        f"take {number(details['tensor_bytes'], 0)} bytes of it."
    )


def _solved(key: str, record: Record) -> Iterator[str]:
    details = record["details"]
    if _is_number(details.get("successes")) and _is_number(details.get("replicas")):
        yield f"{details['successes']} of {details['replicas']} replicas solved the task."
    if isinstance(details.get("rule"), str):
        yield f"It is solved when {details['rule']}."
    if record["ci95"] is not None:
        yield "The interval is the exact binomial one."


def _steps(key: str, record: Record) -> Iterator[str]:
    details = record["details"]
    if _is_number(details.get("reached")) and _is_number(details.get("replicas")):
        got = f"{details['reached']} of {details['replicas']} replicas got there"
        yield f"{got}; one that did not counts as later than any."
    if _is_number(details.get("resolution")):
        yield f"Looked at every {number(details['resolution'], 0)} iterations."
    if record["ci95"] is not None:
        yield "The interval is by order statistics."


def _peak(key: str, record: Record) -> Iterator[str]:
    details = record["details"]
    measured = details.get("steps")
    steps = [value for value in measured if _is_number(value)] if isinstance(measured, list) else []
    scope = SCOPES.get(str(details.get("scope")))
    if scope:
        yield f"Of {scope}."
    if steps:
        low, high = amount(min(steps), "bytes"), amount(max(steps), "bytes")
        spread = f" ({low} to {high})" if low != high else ""
        process = f"{len(steps)} training steps in a process of their own{spread}"
        yield f"It is the median of {process}, above what was held before."
    if _is_number(details.get("total_bytes")):
        yield f"The process had {amount(details['total_bytes'], 'bytes')} in all."


def _longest(key: str, record: Record) -> Iterator[str]:
    details = record["details"]
    scope = SCOPES.get(str(details.get("scope")))
    if scope:
        yield f"Of a training step of {scope}."
    if _is_number(details.get("budget")):
        yield f"The budget is {amount(details['budget'], 'bytes')}, for weights, inputs and the step."
    probes = details.get("probes")
    if isinstance(probes, list):
        yield f"{len(probes)} lengths were tried, each in a process of its own."


def _trials(key: str, record: Record) -> Iterator[str]:
    trials = _mappings(record["details"].get("trials"))
    told = [
        f"{trial.get('time_steps')} ({trial.get('solved')} of {trial.get('replicas')} replicas)" for trial in trials
    ]
    if told:
        yield f"Tried were sequences of {', '.join(told)} time steps."
    if _is_number(record["details"].get("updates")):
        yield f"Each length had at most {number(record['details']['updates'], 0)} updates."


def _gradient(key: str, record: Record) -> Iterator[str]:
    yield (
        "It is the lag at which the gradient of the last state has shrunk, or grown, by a million; the median over "
        f"{len((record['samples'] or [[]])[0])} replicas."
    )
    longest = record["details"].get("longest_lag")
    if _is_number(longest):
        yield (
            f"Lags were measured one by one, in each replica until its gradient was gone, up to {number(longest, 0)} "
            "at the most: nothing is extrapolated."
        )


def _matched(key: str, record: Record) -> Iterator[str]:
    yield from match_sentences(record)


def _in_turns(key: str, record: Record) -> Iterator[str]:
    yield "Case and reference were timed in turns, anew in every launch, the one that chose the size included."


_TOLD: dict[str, Callable[[str, Record], Iterator[str]]] = {
    "matched_hidden": _matched,
    "iteration_time": _in_turns,
    "reference_iteration_time": _in_turns,
    "forward_time": _timing,
    "training_time": _timing,
    "first_call_time": _first_call,
    "forward_throughput": _rate,
    "training_throughput": _rate,
    "flops_fraction": _fraction,
    "bandwidth_fraction": _fraction,
    "accuracy": _learnt,
    "final_loss": _learnt,
    "solved_fraction": _solved,
    "steps_to_solve": _steps,
    "file_bytes": _file,
    "peak_memory": _peak,
    "max_length_memory": _longest,
    "max_length_task": _trials,
    "max_length_gradient": _gradient,
    "max_length_gradient_trained": _gradient,
}


def _mappings(value: Any) -> list[Record]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _range(launches: Sequence[Record], key: str) -> str:
    return _between([launch[key] for launch in launches if _is_number(launch.get(key))])


def _between(values: Sequence[float]) -> str:
    """Return ``14 to 20``, or the one number."""
    if not values:
        return ""
    low, high = number(min(values), 0), number(max(values), 0)
    return low if low == high else f"{low} to {high}"
