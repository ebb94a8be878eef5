"""The least that each phase of a training step has to do: :mod:`rnnbench.suite.work`, taken apart.

Symbols as there, with S = T B and I the width of a layer's input (H above the first). Operations add up to those of the
whole pass. Numbers moved do not: each phase reads what it needs from memory and writes what it makes, as if the phase
before had left nothing in the caches::

                                operations    numbers
    input projection            2 S G H I     S I + S G H + G H I
    recurrence forward          2 S G n       S G H + S H + G n
    recurrence backward         2 S G n       S G H + 2 S H + G n      (S G H more to read gates: lstm, gru)
    recurrent weight gradient   2 S G n       S G H + S H + G n        (within the recurrence backward: G n alone)
    input weight gradient       2 S G H I     S G H + S I + G H I
    input gradient              2 S G H I     S G H + S I + G H I      (layers above the first)
    readout and loss forward    2 A B H O     A B (H + O) + H O
    readout and loss backward   4 A B H O     A B (2 H + O) + 2 H O
    recomputation               as both forward phases, but what is kept
    optimizer                   -             3 N + 2 N for each number that it remembers of a weight
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from rnnbench import phases
from rnnbench.suite.optimizer import SGD, Optimizer
from rnnbench.suite.schema import Parameters
from rnnbench.suite.size import ITEM_BYTES

_REMEMBERED = {"sgd": 0, "adam": 2, "adamw": 2, "rmsprop": 1, "adagrad": 1, "nadam": 2}
"""Numbers that an optimizer keeps for each weight and updates in each step, without options that add to it."""


class PhaseWork(NamedTuple):
    """The least work of a phase."""

    flops: int
    numbers: int

    def __add__(self, other: PhaseWork) -> PhaseWork:  # type: ignore[override]  # work adds up
        return PhaseWork(self.flops + other.flops, self.numbers + other.numbers)


_NONE = PhaseWork(0, 0)


def bytes_of(work: PhaseWork, parameters: Parameters) -> int:
    """Return the bytes of a work's numbers."""
    return work.numbers * ITEM_BYTES[parameters.dtype]


def phase_work(
    parameters: Parameters, scope: str, seen: Collection[str], optimizer: Optimizer, weights: int
) -> dict[str, PhaseWork]:
    """Return the work of each phase that was seen in a training step.

    Parameters
    ----------
    scope
        ``layer`` or ``model``.
    seen
        The phases. Work whose own phase is not among them is part of the one in which it then happens: the gradients
        by U and x in the recurrence backward and with the input weights', or all of a layer in its two calls.
    optimizer, weights
        What updates how many numbers.
    """
    p = parameters
    found = dict.fromkeys(seen, _NONE)

    def add(phase: str, work: PhaseWork, *instead: str) -> None:
        place = next((name for name in (phase, *instead) if name in found), None)
        if place is not None:
            found[place] += work

    for layer in range(p.layers if scope == "model" else 1):
        width = p.input_size if layer == 0 else p.hidden
        project, recur = _projection(p, width), _recurrence(p)
        add(phases.INPUT_PROJECTION, project, phases.LAYER_FORWARD)
        add(phases.RECURRENCE_FORWARD, recur, phases.LAYER_FORWARD)
        if phases.RECOMPUTATION in found:
            add(phases.RECOMPUTATION, project + recur)
        add(phases.RECURRENCE_BACKWARD, _recurrence_backward(p), phases.LAYER_BACKWARD)
        alone = phases.RECURRENT_GRADIENT in found
        add(phases.RECURRENT_GRADIENT, _recurrent_gradient(p, alone), phases.RECURRENCE_BACKWARD, phases.LAYER_BACKWARD)
        add(phases.WEIGHT_GRADIENT, project, phases.LAYER_BACKWARD)
        if layer:
            add(phases.INPUT_GRADIENT, project, phases.WEIGHT_GRADIENT, phases.LAYER_BACKWARD)
    if scope == "model":
        rows = (1 if p.task is not None and p.task.last_only else p.time_steps) * p.batch
        H, O = p.hidden, p.output_size  # noqa: E741 - output size
        add(phases.READOUT_FORWARD, PhaseWork(2 * rows * H * O, rows * (H + O) + H * O))
        add(phases.READOUT_BACKWARD, PhaseWork(4 * rows * H * O, rows * (2 * H + O) + 2 * H * O))
    add(phases.OPTIMIZER, PhaseWork(0, weights * (3 + 2 * _remembered(optimizer))))
    return found


def _steps(p: Parameters) -> int:
    return p.time_steps * p.batch


def _free(p: Parameters) -> int:
    return p.gates * p.connectivity.recurrent_parameters(p.hidden)


def _projection(p: Parameters, width: int) -> PhaseWork:
    """Return the work of a product of S rows with W; its two gradients take as much."""
    S, rows = _steps(p), p.gates * p.hidden
    return PhaseWork(2 * S * rows * width, S * (width + rows) + rows * width)


def _recurrence(p: Parameters) -> PhaseWork:
    S = _steps(p)
    flops = S * p.gates * p.connectivity.flops_per_step(p.hidden)
    return PhaseWork(flops, S * (p.gates + 1) * p.hidden + _free(p))


def _recurrence_backward(p: Parameters) -> PhaseWork:
    gates = p.gates if p.gates > 1 else 0
    return PhaseWork(_recurrence(p).flops, _steps(p) * (p.gates + 2 + gates) * p.hidden + _free(p))


def _recurrent_gradient(p: Parameters, alone: bool) -> PhaseWork:
    """Return the work of the gradient by U; in one loop with the recurrence it finds all it reads in the processor."""
    read = _steps(p) * (p.gates + 1) * p.hidden if alone else 0
    return PhaseWork(_recurrence(p).flops, read + _free(p))


def _remembered(optimizer: Optimizer) -> int:
    if isinstance(optimizer, SGD) and optimizer.momentum:
        return 1
    return _REMEMBERED[optimizer.kind]
