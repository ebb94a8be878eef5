"""One slot of a round: the times of a case that this process keeps prepared between slots.

The first slot of a case builds and checks it, as ``throughput`` does; later ones only time it. Another case takes its
place: one at a time is held, so that the memory of a suite's cases does not add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnbench.measure.clock import clock_of
from rnnbench.measure.throughput import Call, calls_of, require_finite
from rnnbench.measure.timer import Clock, time_slot
from rnnbench.measure.verify import verify
from rnnbench.models.device import resolve
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress


@dataclass(frozen=True)
class _Prepared:
    case: Case
    calls: dict[str, Call]
    clock: Clock
    kernel: dict[str, Any]
    agreement: dict[str, Any]


_held: list[_Prepared] = []
"""At most one."""


def measure(case: Case, progress: Progress) -> Observation:
    """Return one time of each pass and scope of ``throughput``; raises as that measurement does."""
    if not _held or _held[0].case != case:
        _held.clear()
        progress(0, 1, "preparing")
        _held.append(_prepare(case))
    prepared = _held[0]
    figures = {key: Figure("timing", (time_slot(call, prepared.clock),)) for key, call in prepared.calls.items()}
    return Observation(figures, prepared.kernel, prepared.agreement)


def _prepare(case: Case) -> _Prepared:
    settings = case.measure.throughput
    assert settings is not None  # noqa: S101 - `rnnbench ab` takes cases that have it
    device = resolve(case.parameters.device)
    calls: dict[str, Call] = {}
    kernel: dict[str, Any] = {}
    agreement: dict[str, Any] = {}
    for scope in settings.scopes:
        layer, passes = calls_of(case, scope, device)
        agreement, kernel = verify(layer), layer.selection.to_json()
        require_finite(case.parameters, scope, passes)
        calls |= {f"{name}_time.{scope}": call for name, call in passes.items()}
    return _Prepared(case, calls, clock_of(device), kernel, agreement)
