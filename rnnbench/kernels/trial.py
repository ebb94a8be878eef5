"""Which of several sweeps is faster here: tried out on a short sequence of the shape that was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import torch

import rnnbench
from rnnbench.kernels.fused_autograd import states
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.sweep import Sweep
from rnnbench.machine.trials import Seconds, tried

STEPS = 16
"""Time steps of a trial, unless what is tried has much to prepare."""
ROUNDS = 15
"""In each every candidate runs once, so that all see the same noise; of each the fastest counts: other work on the
machine disturbs it least."""
FEWEST_ROUNDS = 3
LONG_SECONDS = 0.5
"""A trial that has taken so long ends after :data:`FEWEST_ROUNDS`: the noise of long runs is small."""


def compare(candidates: Mapping[str, Callable[[], Sweep]], recurrence: Recurrence, steps: int = STEPS) -> Seconds:
    """Return seconds per ``steps`` steps of each candidate, as found when this was asked first on this machine."""
    asked = replace(recurrence, time_steps=steps, scope="recurrence", recompute=None, input=recurrence.hidden)
    versions = f"rnnbench {rnnbench.__version__}, torch {torch.__version__}"
    question = f"{asked} with {' or '.join(candidates)} on {torch.get_num_threads()} threads, {versions}"
    return tried(question, lambda: _seconds({name: make() for name, make in candidates.items()}, asked))


def _seconds(sweeps: Mapping[str, Sweep], recurrence: Recurrence) -> dict[str, float]:
    runs = {name: _run(sweep, recurrence) for name, sweep in sweeps.items()}
    for run in runs.values():
        run()  # compiles
    taken: dict[str, list[float]] = {name: [] for name in runs}
    start = time.perf_counter()
    for done in range(ROUNDS):
        if done >= FEWEST_ROUNDS and time.perf_counter() - start > LONG_SECONDS:
            break
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - begin)
    return {name: min(seconds) for name, seconds in taken.items()}


def _run(sweep: Sweep, recurrence: Recurrence) -> Callable[[], None]:
    """Return a pass over zeros (their arithmetic takes no less time), backward too where that will follow."""
    dtype = getattr(torch, recurrence.dtype)
    leading = () if recurrence.replicas is None else (recurrence.replicas,)
    gates = () if recurrence.gates == 1 else (recurrence.gates,)
    H = recurrence.hidden
    z = torch.zeros(recurrence.time_steps, *leading, recurrence.batch, recurrence.gates * H, dtype=dtype)
    shapes = recurrence.connectivity.parameter_shapes(H)
    parameters = {name: torch.zeros(*leading, *gates, *shape, dtype=dtype) for name, shape in shapes.items()}
    if recurrence.recurrent_bias:
        parameters[RECURRENT_BIAS] = torch.zeros(*leading, H, dtype=dtype)
    leaves = [tensor.requires_grad_(recurrence.gradient) for tensor in (z, *parameters.values())]

    def run() -> None:
        with torch.set_grad_enabled(recurrence.gradient):
            h, _ = states(sweep, recurrence, z, parameters, None)
            if recurrence.gradient:
                torch.autograd.grad(h.sum(), leaves)

    return run
