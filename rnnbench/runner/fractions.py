"""How much of what its machine can reach a case reaches: metrics beside each of its times.

``flops_fraction`` is the least arithmetic of the pass over its time, as a share of the peak of products;
``bandwidth_fraction`` the least bytes over its time, as a share of the bandwidth of copies. The larger of the two,
where it is near 1, says that no other implementation can be much faster; where both are small, the floor may still be
set by latency: ``details`` have ``floor_time`` (the least seconds), ``bound`` (what sets them) and ``floor_fraction``
(floor_time over the time).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rnnbench.analysis.aggregate import metric_record
from rnnbench.machine.roofline import Floor, Reach, floor, reach_of
from rnnbench.suite.case import Case
from rnnbench.suite.work import Work, work_of

DISPATCHED = ("eager", "reference")
"""Kernels whose every step is an operation of torch by itself, or several."""
_TIMES = {"forward_time": "forward", "training_time": "training"}


def fractions(
    case: Case, metrics: Mapping[str, Any], kernel: str, figures: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """Return the metrics ``flops_fraction.PASS.SCOPE`` and ``bandwidth_fraction.PASS.SCOPE`` of every time there is.

    Parameters
    ----------
    case
        What was timed.
    metrics
        Its metrics so far.
    kernel
        The kernel that was timed.
    figures
        What the device can reach (its entry in a calibration); without it there are no such metrics.
    """
    found: dict[str, dict[str, Any]] = {}
    for run, scope, time in _times(metrics) if figures is not None else ():
        assert figures is not None  # noqa: S101 - tells the type checker
        work = work_of(case.parameters, run, scope)
        dispatched = kernel in DISPATCHED
        reach = reach_of(figures, case.parameters.dtype, work.bytes, dispatched)
        if reach is None:
            continue
        steps = work.loop_steps if dispatched else work.dependent_steps
        details = _details(work, steps, floor(work.flops, work.bytes, steps, reach), time, dispatched)
        for name, seconds in _least_seconds(work, reach).items():
            key = f"{name}.{run}.{scope}"
            low, high = time["ci95"] or (None, None)
            interval = (seconds / high, seconds / low) if low and high else None
            found[key] = metric_record(key, seconds / time["value"], interval, None, time["flags"], details)
    return found


def _times(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for key, record in metrics.items():
        name, _, scope = key.partition(".")
        if name in _TIMES and record["value"]:
            yield _TIMES[name], scope, record


def _least_seconds(work: Work, reach: Reach) -> dict[str, float]:
    return {"flops_fraction": work.flops / reach.flops, "bandwidth_fraction": work.bytes / reach.bandwidth}


def _details(work: Work, steps: int, least: Floor, time: Mapping[str, Any], dispatched: bool) -> dict[str, Any]:
    return {
        "floor_time": least.seconds,
        "bound": least.bound,
        "floor_fraction": least.seconds / time["value"],
        "flops": work.flops,
        "bytes": work.bytes,
        "steps": steps,
        "step": "dispatched" if dispatched else "compiled",
    }
