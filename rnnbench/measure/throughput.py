"""Measurement ``throughput``: seconds per pass in one launch.

Scopes: ``recurrence`` starts from ``z = W x + b``; ``layer`` includes it, as nn.RNN does (the first layer, no gradient
by x); ``model`` runs all layers, the readout and the loss. Passes: ``forward`` without gradients; ``training`` is
forward and backward to every weight (and to z in scope ``recurrence``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from rnnbench.measure.clock import clock_of
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.timer import Timing, time_once, time_repeatedly
from rnnbench.measure.verify import verify
from rnnbench.models.device import resolve
from rnnbench.models.network import Network, RecurrentLayer, build
from rnnbench.models.weights import draw
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case
from rnnbench.suite.schema import Parameters, Throughput

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

Call = Callable[[], object]


def measure(case: Case, progress: Progress) -> Observation:
    """Time every pass of every scope the case asks for, once, in this process.

    Raises
    ------
    CaseFailure
        The kernel disagrees with the reference, or an output is not finite.
    """
    settings = case.measure.throughput
    assert settings is not None  # noqa: S101 - the planner asks for what the case names
    device = resolve(case.parameters.device)
    clock = clock_of(device)
    figures: dict[str, Figure] = {}
    kernel: dict[str, Any] = {}
    agreement: dict[str, Any] = {}
    total = len(settings.scopes) * len(settings.passes)
    for scope in settings.scopes:
        layer, calls = calls_of(case, scope, device)
        # The first call is timed before anything else has run this kernel on these shapes: it holds the compilation.
        first_seconds = time_once(next(iter(calls.values())), clock)
        agreement = verify(layer)
        kernel = layer.selection.to_json()
        require_finite(case.parameters, scope, calls)
        for name, call in calls.items():
            progress(len(figures), total, f"{name}, {scope}")
            timing = time_repeatedly(call, clock, precision=settings.precision, max_seconds=settings.max_seconds)
            figures[f"{name}_time.{scope}"] = _figure(timing, case.parameters)
        figures[f"first_call_time.{scope}"] = Figure("timing", (first_seconds,))
    return Observation(figures, kernel, agreement)


def calls_of(case: Case, scope: str, device: str) -> tuple[RecurrentLayer, dict[str, Call]]:
    """Return (the first layer, the callable of each pass by its name) of a scope that the case asks for."""
    settings = case.measure.throughput
    assert settings is not None  # noqa: S101 - the planner asks for what the case names
    network = _network(case.parameters, device, scope, settings)
    return network.first_layer(), dict(_calls(case.parameters, network, scope, settings))


def _network(parameters: Parameters, device: str, scope: str, settings: Throughput) -> Network:
    return build(
        parameters,
        draw(parameters),
        device=device,
        time_steps=parameters.time_steps,
        batch=parameters.batch,
        scope=scope,
        gradient="training" in settings.passes,
    )


def _calls(parameters: Parameters, network: Network, scope: str, settings: Throughput) -> Iterator[tuple[str, Call]]:
    """Yield (pass, callable), the passes that need more code (backward) first; inputs are built here, beforehand."""
    run, given = _forward(parameters, network, scope)
    for name in sorted(settings.passes, reverse=True):
        yield name, (_without_gradients(run) if name == "forward" else _with_gradients(run, given))


def _forward(parameters: Parameters, network: Network, scope: str) -> tuple[Callable[[], Tensor], list[Tensor]]:
    """Return (the forward pass, the tensors whose gradients a training pass takes)."""
    generator = torch.Generator().manual_seed(parameters.seed)
    layer = network.first_layer()
    dtype, device = layer.input_weight.dtype, layer.input_weight.device
    T, B = parameters.time_steps, parameters.batch

    def random(width: int) -> Tensor:
        return torch.randn(T, B, width, generator=generator, dtype=dtype).to(device)

    if scope == "recurrence":
        z = random(parameters.gates * parameters.hidden).requires_grad_("training" in _passes(network))
        return lambda: layer.recur(z), [z, *layer.recurrent.values()]
    x = random(parameters.input_size)
    if scope == "layer":
        return lambda: layer(x), list(layer.parameters())
    targets = _targets(parameters, random(parameters.output_size))
    return lambda: _loss(parameters, network(x), targets), list(network.parameters())


def _passes(network: Network) -> tuple[str, ...]:
    return ("training",) if network.first_layer().recurrence.gradient else ("forward",)


def _targets(parameters: Parameters, noise: Tensor) -> Tensor:
    """Return targets for a readout of the shape of ``noise``, or of its last step where that alone is asked for."""
    if parameters.task is None:
        return (noise > 0).to(noise.dtype)
    return parameters.task.targets_like(noise[-1:] if parameters.task.last_only else noise)


def _loss(parameters: Parameters, readout: Tensor, targets: Tensor) -> Tensor:
    """Return the task's loss, or the mean squared error where there is no task."""
    if parameters.task is not None:
        return parameters.task.loss(readout, targets).sum()
    return torch.nn.functional.mse_loss(readout, targets)


def _without_gradients(run: Callable[[], Tensor]) -> Call:
    def call() -> Tensor:
        with torch.no_grad():
            return run()

    return call


def _with_gradients(run: Callable[[], Tensor], given: list[Tensor]) -> Call:
    with torch.no_grad():
        outputs = run()
    # Of a size that neither it nor the gradient of a weight, which sums that of every row, leaves float16's range.
    upstream = torch.full_like(outputs, outputs.shape[:-1].numel() ** -0.5)

    def call() -> tuple[Tensor, ...]:
        return torch.autograd.grad(run(), given, upstream, allow_unused=True)

    return call


def require_finite(parameters: Parameters, scope: str, calls: dict[str, Call]) -> None:
    """Run each call once and refuse to time what is not finite (NaN and inf change the speed of arithmetic)."""
    for name, call in calls.items():
        outcome = call()
        tensors = [outcome] if isinstance(outcome, Tensor) else outcome
        assert isinstance(tensors, (list, tuple))  # noqa: S101 - tells the type checker
        if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors if tensor is not None):
            # The other cells are bounded as they are.
            activation = f" or a bounded activation instead of '{parameters.activation}'"
            raise CaseFailure(
                "error",
                f"the {name} pass of scope '{scope}' gives values that are not finite at T = {parameters.time_steps}: "
                f"use smaller initial weights{activation if parameters.cell == 'rnn' else ''}",
            )


def _figure(timing: Timing, parameters: Parameters) -> Figure:
    details = {
        "time_steps_per_call": parameters.time_steps * parameters.batch,
        "calls_per_block": timing.calls_per_block,
        "warm_up_calls": timing.warm_up_calls,
        "stopped": timing.stopped,
        "spread": float(np.std(timing.seconds) / np.mean(timing.seconds)),
        "fastest": min(timing.seconds),
    }
    if timing.device_seconds is not None:
        details["device_seconds"] = timing.device_seconds
    return Figure("timing", timing.seconds, () if timing.settled else ("not_settled",), details)
