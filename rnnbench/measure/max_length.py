"""Measurement ``max_length``: how long a sequence can be, for memory, for gradients and for what is learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnbench.measure.gradient_limit import gradient_limit
from rnnbench.measure.memory_limit import memory_limit
from rnnbench.measure.task_limit import task_limit, train, trained_reach
from rnnbench.measure.verify import verify
from rnnbench.models.device import resolve
from rnnbench.models.network import Network, build
from rnnbench.models.weights import draw
from rnnbench.results.figure import Observation
from rnnbench.suite.case import Case
from rnnbench.suite.schema import Parameters

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

REPLICAS = 20
"""Initialisations over which the gradient's reach is taken, as many as training has by default."""


def measure(case: Case, progress: Progress) -> Observation:
    """Find each limit that the case asks for.

    Raises
    ------
    CaseFailure
        The kernel disagrees with the reference, or a probe failed for another reason than memory.
    """
    settings, parameters = case.measure.max_length, case.parameters
    assert settings is not None  # noqa: S101 - the planner asks for what the case names
    device = resolve(parameters.device)
    layer = _network(parameters, 0, device, "layer").first_layer()
    agreement = verify(layer)
    given = parameters.model_copy(update={"kernel": _for_replicas(parameters.kernel)})
    figures = {}
    if "gradient" in settings.limits:
        progress(0, 1, "reach of the gradient")
        networks = (_network(given, replica, device, "recurrence") for replica in range(REPLICAS))
        figures["max_length_gradient"] = gradient_limit(networks, parameters)
    if settings.training is not None and {"gradient", "task"} & set(settings.limits):
        learnt = train(given, settings.training, progress)
        if "gradient" in settings.limits:
            figures["max_length_gradient_trained"] = trained_reach(given, learnt)
        if "task" in settings.limits:
            figures["max_length_task"] = task_limit(given, settings, learnt, progress)
    if "memory" in settings.limits:
        figures.update(memory_limit(case, device, progress))
    return Observation(figures, layer.selection.to_json(), agreement)


def _network(parameters: Parameters, replica: int, device: str, scope: str) -> Network:
    weights, steps, batch = draw(parameters, replica), parameters.time_steps, parameters.batch
    return build(parameters, weights, device=device, time_steps=steps, batch=batch, scope=scope)


def _for_replicas(kernel: str) -> str:
    """Return a kernel that can be given z, and replicas: nn.RNN cannot, and any other computes the same."""
    return "auto" if kernel == "torch" else kernel
