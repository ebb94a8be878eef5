"""One training step at one length in a process of its own, which a limit keeps from taking the machine down.

The request comes as JSON on stdin, the answer goes as JSON to stdout; a process that is killed answers by dying. What
counts against the budget is what the process needs above an interpreter that has run the same code on two time steps:
weights, inputs, and the step.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from typing import Any

SLACK_BYTES = 256 << 20
"""Address space beside the budget: code, stacks, what allocators reserve."""


@dataclass(frozen=True)
class Request:
    """What to try.

    Attributes
    ----------
    parameters
        Of the case, as in :meth:`rnnbench.suite.case.Case.resolved`.
    scope
        ``layer`` or ``model``.
    device
        Resolved.
    plugins
        What to load before, as :func:`rnnbench.plugins.load.to_message` says it.
    """

    parameters: dict[str, Any]
    scope: str
    device: str
    threads: int
    time_steps: int
    budget: int
    plugins: dict[str, Any] | None = None


def main() -> None:
    """Answer one request."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing else writes there
    import rnnbench.measure.training_step  # noqa: F401 - takes its time, and may do so before the request comes

    with open(0, "rb", buffering=0, closefd=False) as requests:  # no buffer: a thread goes on reading
        line = requests.readline()
        if not line:
            return
        request = Request(**json.loads(line))
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    json.dump(answer(request), channel)
    channel.close()


def _end_with_the_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


def answer(request: Request) -> dict[str, Any]:
    """Take the step and return ``{"peak_bytes": ..., "reason": ...}``, the reason null if memory sufficed."""
    from rnnbench.measure.out_of_memory import is_out_of_memory
    from rnnbench.models.runtime import prepare

    prepare(request.threads)
    if request.plugins is not None:
        from rnnbench.plugins.load import load_message

        load_message(request.plugins)
    try:
        return {"peak_bytes": _weigh(request), "reason": None}
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return {"peak_bytes": None, "reason": "the allocator got no more memory"}


def _weigh(request: Request) -> int:
    """Return the peak of one step and of what it works on, above a process that has run a short one."""
    from rnnbench.measure import high_water

    _step(request, time_steps=2)
    if request.device.startswith("cuda"):
        return _weigh_on_cuda(request)
    high_water.reset()
    before = high_water.current_bytes()
    _limit_address_space(request.budget)
    _step(request, request.time_steps)
    return max(0, high_water.peak_bytes() - before)


def _step(request: Request, time_steps: int) -> None:
    from rnnbench.measure.training_step import training_step
    from rnnbench.models.network import build
    from rnnbench.models.weights import draw
    from rnnbench.suite.schema import Parameters

    parameters = Parameters.model_validate({**request.parameters, "time_steps": time_steps})
    network = build(parameters, draw(parameters), device=request.device, time_steps=time_steps, batch=parameters.batch)
    step, _given = training_step(parameters, network, request.scope)
    step()


def _limit_address_space(budget: int) -> None:
    """Let the process have no more than twice the budget and some slack, where the system can hold it to that."""
    try:
        import resource

        from rnnbench.measure.high_water import virtual_bytes
    except ImportError:  # Windows
        return
    now = virtual_bytes()
    if now is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = now + 2 * budget + SLACK_BYTES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _weigh_on_cuda(request: Request) -> int:
    """Return the peak of torch's allocator, which may take no more than the budget and what was there."""
    import torch

    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated(request.device)
    total = torch.cuda.get_device_properties(request.device).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, (before + request.budget) / total), request.device)
    torch.cuda.reset_peak_memory_stats(request.device)
    _step(request, request.time_steps)
    torch.cuda.synchronize(request.device)
    return max(0, torch.cuda.max_memory_allocated(request.device) - before)


if __name__ == "__main__":
    main()
