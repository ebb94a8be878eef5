"""The hidden size at which an iteration of training takes as long as the reference's (``match: time`` of a suite).

What is timed is an iteration as measurement ``training`` runs it: drawing sequences, forward, backward and update of
all replicas, on as many threads as it takes. Case and reference are timed in turns, so that what slows the machine down
meets both. The first launch searches the size; every launch, the first included, then times case and reference anew, so
that the ratio that is reported is not the one that the search liked best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from rnnbench.measure.clock import clock_of
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.learn import learner
from rnnbench.measure.match_search import TOLERANCE, Probe, search
from rnnbench.measure.protocol import batches
from rnnbench.measure.timer import time_slot
from rnnbench.measure.training import untrained
from rnnbench.measure.training_threads import training_threads
from rnnbench.measure.update import Update
from rnnbench.measure.verify import verify
from rnnbench.models.device import resolve
from rnnbench.models.network import Network
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case
from rnnbench.suite.equal_size import (
    FARTHEST,
    LARGEST,
    NO_NEAR_MATCH,
    OFF,
    described,
    nearest_size,
    next_size,
    with_hidden,
)
from rnnbench.suite.match import reference
from rnnbench.suite.schema import Parameters, Training

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

SEARCH_ROUNDS = 3
ROUNDS = 5


@dataclass(frozen=True)
class Trained:
    """A model that trains, an iteration with each call."""

    parameters: Parameters
    training: Training
    network: Network
    agreement: dict[str, Any]
    iterate: Callable[[], None]

    def seconds(self, device: str) -> float:
        """Return the seconds of an iteration, on as many threads as training takes."""
        with training_threads(self.parameters, self.training):
            return time_slot(self.iterate, clock_of(device))


def measure(case: Case, progress: Progress) -> Observation:
    """Search the hidden size if the case has none yet, and time an iteration of the case and of its reference.

    Raises
    ------
    CaseFailure
        No size takes about as long, or a kernel disagrees with the reference implementation.
    """
    training = case.measure.training
    assert training is not None  # noqa: S101 - checked with the suite
    device = resolve(case.parameters.device)
    base = trained(reference(case.written), _unconstrained(training))
    figures: dict[str, Figure] = {}
    parameters = case.parameters
    if case.scaled_from is None:
        probes = _probes(parameters, training, base, device, progress)
        found = min(probes, key=lambda probe: probe.distance)
        parameters = with_hidden(parameters, found.hidden)
        figures["matched_hidden"] = _chosen(base.parameters, probes, found)
    own = trained(parameters, training)
    agreement = max(own.agreement, base.agreement, key=lambda said: said["max_error"])
    progress(1, 2, f"hidden {parameters.hidden} beside {described(base.parameters)}")
    pairs = list(_rounds(own, base, device, ROUNDS))
    figures["match_ratio"] = Figure("timing", tuple(seconds / other for seconds, other in pairs))
    figures["iteration_time"] = Figure("timing", tuple(seconds for seconds, _ in pairs))
    figures["reference_iteration_time"] = Figure("timing", tuple(other for _, other in pairs))
    return Observation(figures, own.network.first_layer().selection.to_json(), agreement)


def trained(parameters: Parameters, training: Training) -> Trained:
    """Return a model at the start of its training."""
    task = parameters.task
    assert task is not None  # noqa: S101 - training needs a task: checked with the suite
    with training_threads(parameters, training):
        network, streams = untrained(parameters, training)
        agreement = verify(network.first_layer())
        update = Update(network, training, task.time_steps)
        go_backward = learner(network, task)
    drawn = batches(streams, training, network.readout)

    def iterate() -> None:
        go_backward(*next(drawn))
        update.step(0)

    return Trained(parameters, training, network, agreement, iterate)


def _unconstrained(training: Training) -> Training:
    """Return how the reference trains: what holds a diagonal's weights to bounds has no meaning for it."""
    return training.model_copy(update={"constraint": None})


def _probes(parameters: Parameters, training: Training, base: Trained, device: str, progress: Progress) -> list[Probe]:
    """Return the sizes that were tried."""
    start = nearest_size(parameters, parameters.hidden)
    assert start is not None  # noqa: S101 - checked with the suite

    def ratio(hidden: int) -> float:
        progress(0, 2, f"hidden {hidden} beside {described(base.parameters)}")
        own = trained(with_hidden(parameters, hidden), training)
        return median(seconds / other for seconds, other in _rounds(own, base, device, SEARCH_ROUNDS))

    return search(start, ratio, lambda size, step: next_size(parameters, size, step), LARGEST)


def _chosen(base: Parameters, probes: list[Probe], found: Probe) -> Figure:
    """Return the size that was found.

    Raises
    ------
    CaseFailure
        It takes more than twice, or less than half, of the reference's time.
    """
    if not 1 / FARTHEST <= found.ratio <= FARTHEST:
        raise CaseFailure(
            "error",
            f"no hidden size takes about as long as {described(base)}: the nearest of {len(probes)} takes "
            f"{found.ratio:.2f} times as long, with hidden {found.hidden}; change hidden, or leave match out",
        )
    flags = (NO_NEAR_MATCH,) if abs(found.ratio - 1) > OFF else ()
    details: dict[str, Any] = {
        "by": "time",
        "reference": described(base),
        "reference_hidden": base.hidden,
        "tolerance": TOLERANCE,
        "probes": [{"hidden": probe.hidden, "ratio": probe.ratio} for probe in probes],
    }
    return Figure("exact", (found.hidden,), flags, details)


def _rounds(own: Trained, base: Trained, device: str, rounds: int) -> Iterator[tuple[float, float]]:
    """Yield (seconds of the case, seconds of its reference), each in turn first."""
    for index in range(rounds):
        if index % 2:
            seconds = own.seconds(device)
            yield seconds, base.seconds(device)
        else:
            other = base.seconds(device)
            yield own.seconds(device), other
