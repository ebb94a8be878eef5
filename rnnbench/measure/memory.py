"""Measurement ``memory``: what a case stores, what autograd keeps for backward, and the peak of one training step."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from rnnbench.measure import high_water
from rnnbench.measure.training_step import TrainingStep, training_step
from rnnbench.measure.verify import verify
from rnnbench.measure.weight_counts import weight_counts
from rnnbench.models.device import resolve
from rnnbench.models.network import build
from rnnbench.models.weights import draw
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

STEPS = 5
"""Training steps whose peaks are taken; the metric is their median."""


def measure(case: Case, progress: Progress) -> Observation:
    """Count the weights and weigh one training step, in this process.

    Raises
    ------
    CaseFailure
        The kernel disagrees with the reference.
    """
    settings = case.measure.memory
    assert settings is not None  # noqa: S101 - the planner asks for what the case names
    parameters = case.parameters
    device = resolve(parameters.device)
    network = build(
        parameters, draw(parameters), device=device, time_steps=parameters.time_steps, batch=parameters.batch
    )
    layer = network.first_layer()
    agreement = verify(layer)
    figures = weight_counts(parameters, network)
    step, given = training_step(parameters, network, settings.scope)
    if step.forward is not None:
        progress(0, 2, "saved activations")
        figures["saved_activation_bytes"] = _exact(saved_bytes(step.forward, given), scope=settings.scope)
    progress(1, 2, "peak of a training step")
    figures["peak_memory"] = _peak(step, device, settings.scope)
    return Observation(figures, layer.selection.to_json(), agreement)


def saved_bytes(forward: Callable[[], Tensor], given: list[Tensor]) -> int:
    """Return the bytes of distinct storages that ``forward`` saves for backward, those of ``given`` left out.

    Counted by autograd's saved-tensor hooks; a storage saved twice, or in views, counts once and whole.
    """
    known = {tensor.untyped_storage().data_ptr() for tensor in given}
    saved: dict[int, int] = {}
    kept: list[Tensor] = []  # holds every saved tensor, so that no address is used twice while we count

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            saved[storage.data_ptr()] = storage.nbytes()
            kept.append(tensor.detach())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        forward()
    return sum(saved.values())


def _peak(step: TrainingStep, device: str, scope: str) -> Figure:
    """Return the median peak above the memory held before the step (weights and input are held before)."""
    step()  # what only the first step allocates (code, caches) is not the model's
    peaks, totals, flags = [], [], set()
    with _older_objects_apart():
        for _ in range(STEPS):
            if device.startswith("cuda"):
                before, peak = _cuda_peak(step, device)
            else:
                if not high_water.reset():
                    flags.add("peak_since_process_start")
                before = high_water.current_bytes()
                step()
                peak = high_water.peak_bytes()
            peaks.append(max(0, peak - before))
            totals.append(peak)
    details = {"scope": scope, "total_bytes": median(totals), "steps": peaks}
    return Figure("exact", (float(median(peaks)),), tuple(sorted(flags)), details)


@contextmanager
def _older_objects_apart() -> Iterator[None]:
    """Collect garbage, then keep the collector off what is left: objects of modules, a tenth of a second each time."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _cuda_peak(step: Callable[[], None], device: str) -> tuple[int, int]:
    """Return (allocated before, peak allocated during) a step, from torch's allocator for ``device``."""
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    step()
    torch.cuda.synchronize(device)
    return before, torch.cuda.max_memory_allocated(device)


def _exact(value: float, **details: object) -> Figure:
    return Figure("exact", (value,), (), dict(details))
