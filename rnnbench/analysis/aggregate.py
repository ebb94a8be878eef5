"""Raw figures to metrics with intervals: what a worker observed becomes what the results document says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from rnnbench.analysis.statistics import (
    Interval,
    binomial_interval,
    bootstrap_mean_interval,
    log_t_interval,
    mean,
    median_interval,
)
from rnnbench.results.figure import Figure, Observation
from rnnbench.results.metrics import METRICS, metric_kind, scope_of

FEW_LAUNCHES = "few_launches"
"""Too few for an interval."""
SINGLE_REPLICA = "single_replica"
DISTURBED = "disturbed"
"""A launch that counts was disturbed."""
NOT_REACHED = "not_reached"
"""The median replica did not get there. A figure's details may say it otherwise, as ``never``."""
OPEN_INTERVAL = "open_interval"
"""The interval has no upper end: too many replicas did not get there."""
NOT_FINITE = "not_finite"

_RATES = {"forward_time": "forward_throughput", "training_time": "training_throughput"}

Metric = dict[str, Any]
"""``{value, unit, better, ci95, samples, flags, details}``."""


def merge(
    metrics: Mapping[str, Metric], observation: Observation, case_parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a case's ``metrics`` with the figures of one more job in them; ``metrics`` itself is not changed.

    Timings of further launches join those already there; every other figure takes the place of an earlier one.
    Times of a pass also give its throughput, T B / time.

    Parameters
    ----------
    metrics
        What earlier jobs of the case gave.
    observation
        What the job found.
    case_parameters
        The case's parameters as in the document: ``time_steps`` and ``batch`` are the shape that was timed.
    """
    merged = dict(metrics)
    for key, figure in observation.figures.items():
        if figure.form == "timing":
            earlier = metrics.get(key)
            samples = [*(earlier["samples"] if earlier else []), list(figure.values)]
            launches = [*(earlier["details"]["launches"] if earlier else []), figure.details]
            flags = [*(earlier["flags"] if earlier else []), *figure.flags]
            details = {**(earlier["details"] if earlier else {}), "launches": launches}
            _put_timing(merged, _timing(key, samples, flags, details), key, case_parameters)
        else:
            merged[key] = _FORMS[figure.form](key, figure)
    return merged


def retake(
    metrics: Mapping[str, Metric],
    observation: Observation,
    launch: int,
    counts: bool,
    case_parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a case's ``metrics`` with the second take of a launch in them.

    The take that ``counts`` (the second, or else the first) is among the samples; the times of the other are kept in
    the details, ``set_aside: [{launch, samples}]``. Parameters are those of :func:`merge`.
    """
    merged = dict(metrics)
    for key, figure in observation.figures.items():
        earlier = metrics.get(key)
        if figure.form != "timing" or earlier is None or launch >= len(earlier["samples"]):
            continue
        samples, launches = list(earlier["samples"]), list(earlier["details"]["launches"])
        left_out: Sequence[float | None] = list(figure.values)
        flags = earlier["flags"]
        if counts:
            left_out, samples[launch], launches[launch] = samples[launch], list(figure.values), figure.details
            flags = [*flags, *figure.flags]
        aside = [*earlier["details"].get("set_aside", []), {"launch": launch, "samples": left_out}]
        details = {**earlier["details"], "launches": launches, "set_aside": aside}
        _put_timing(merged, _timing(key, samples, flags, details), key, case_parameters)
    return merged


def mark_timings(metrics: Mapping[str, Metric], flag: str, present: bool) -> dict[str, Any]:
    """Return ``metrics`` with a flag on every timing of a pass and what is made of it, or on none."""
    # Those of passes have a scope; what a hidden size was matched by has none.
    timed = [key for key, record in metrics.items() if "launches" in record["details"] and scope_of(key)]
    rates = [key.replace(name, rate, 1) for key in timed for name, rate in _RATES.items() if key.startswith(name)]
    marked = dict(metrics)
    for key in (*timed, *rates):
        flags = [other for other in metrics[key]["flags"] if other != flag]
        marked[key] = {**metrics[key], "flags": [*flags, flag] if present else flags}
    return marked


def _put_timing(merged: dict[str, Any], record: Metric, key: str, case_parameters: Mapping[str, Any]) -> None:
    """Put a timing among the metrics, and the throughput that it means."""
    merged[key] = record
    name = key.partition(".")[0]
    if name in _RATES:
        steps = case_parameters["time_steps"] * case_parameters["batch"]
        rate = key.replace(name, _RATES[name], 1)
        merged[rate] = _rate(rate, steps, record)


def _timing(
    key: str, samples: Sequence[Sequence[float | None]], flags: Sequence[str], details: Mapping[str, Any]
) -> Metric:
    """Value: median over launches of launch medians. Interval: Student's t on the logarithms of launch medians."""
    medians = launch_medians(samples)
    interval = log_t_interval(medians)
    kept = [flag for flag in flags if flag != FEW_LAUNCHES]
    if interval is None:
        kept.append(FEW_LAUNCHES)
    return metric_record(key, median(medians), interval, samples, kept, details)


def launch_medians(samples: Sequence[Sequence[Any]]) -> list[float]:
    """Return the median of each launch: the values whose spread makes the interval of a timing."""
    return [median(launch) for launch in samples]


def times_of(case: Mapping[str, Any], key: str) -> list[float]:
    """Return a timing of a case of a document, a median per launch; nothing where it was not taken."""
    record = case["metrics"].get(key)
    return launch_medians(record["samples"]) if record and record["samples"] else []


def _rate(key: str, steps: int, time: Metric) -> Metric:
    """Return the throughput that a time of ``steps`` time steps means; its samples are those of the time."""
    low, high = time["ci95"] or (None, None)
    interval = (steps / high, steps / low) if low and high else None
    return metric_record(key, steps / time["value"], interval, None, time["flags"], {"time_steps_per_call": steps})


def _exact(key: str, figure: Figure) -> Metric:
    return metric_record(key, figure.values[0], None, None, figure.flags, figure.details)


def _replicas(key: str, figure: Figure) -> Metric:
    """Value: mean over replicas, with a bootstrap interval; null where one replica has no finite value."""
    values = [value for value in figure.values if value is not None and math.isfinite(value)]
    samples = [list(figure.values)]
    if len(values) < len(figure.values):
        return metric_record(key, None, None, samples, [*figure.flags, NOT_FINITE], figure.details)
    flags = [*figure.flags, SINGLE_REPLICA] if len(values) == 1 else figure.flags
    return metric_record(key, mean(values), bootstrap_mean_interval(values), samples, flags, figure.details)


def _proportion(key: str, figure: Figure) -> Metric:
    """Value: share of ones over replicas, with the exact binomial interval."""
    ones, count = sum(1 for value in figure.values if value), len(figure.values)
    interval = binomial_interval(ones, count)
    details = {**figure.details, "successes": ones, "replicas": count}
    return metric_record(key, ones / count, interval, [list(figure.values)], figure.flags, details)


def _censored(key: str, figure: Figure) -> Metric:
    """Value: median over replicas, one that did not get there being later than any; interval by order statistics."""
    values = [math.inf if value is None else value for value in figure.values]
    flags = list(figure.flags)
    value = median(values)
    interval = median_interval(values)
    if math.isinf(value):
        flags.append(figure.details.get("never", NOT_REACHED))
        interval = None
    elif interval is not None and math.isinf(interval[1]):
        flags.append(OPEN_INTERVAL)
        interval = None
    reached = sum(math.isfinite(value) for value in values)
    details = {**figure.details, "reached": reached, "replicas": len(values)}
    return metric_record(key, value, interval, [list(figure.values)], flags, details)


def _trials(key: str, figure: Figure) -> Metric:
    """Value: what the search ended at. Each trial gets its share of successes, with the exact binomial interval."""
    trials = []
    for trial in figure.details["trials"]:
        solved, replicas = trial["solved"], trial["replicas"]
        trials.append({**trial, "share": solved / replicas, "ci95": binomial_interval(solved, replicas)})
    return metric_record(key, figure.values[0], None, None, figure.flags, {**figure.details, "trials": trials})


_FORMS = {
    "exact": _exact,
    "replicas": _replicas,
    "proportion": _proportion,
    "censored": _censored,
    "trials": _trials,
}


def metric_record(
    key: str,
    value: float | None,
    interval: Interval | None,
    samples: Sequence[Sequence[float | None]] | None,
    flags: Sequence[str],
    details: Mapping[str, Any],
) -> Metric:
    """Return the record, free of NaN and infinity: null and a flag in their places."""
    kind = metric_kind(key)
    if kind is None:
        raise ValueError(f"unknown metric '{key}': add it to rnnbench.results.metrics, which has {', '.join(METRICS)}")
    flags = list(dict.fromkeys(flags))
    record = {
        "value": value,
        "unit": kind.unit,
        "better": kind.better,
        "ci95": None if interval is None else list(interval),
        "samples": samples,
        "details": dict(details),
    }
    clean: Metric = _finite(record)
    if clean["value"] is None and not {NOT_REACHED, NOT_FINITE} & set(flags):
        flags.append(NOT_FINITE)
    return {**clean, "flags": flags}


def _finite(data: Any) -> Any:
    """Return JSON data with null for every number that JSON cannot hold."""
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    return data
