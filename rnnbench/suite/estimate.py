"""How long a job will take, roughly: for ``--dry-run``, and to weigh the jobs of a progress display.

The constants are those of two cores of a server of 2023 on compiled kernels, and only say what is long and what is
short; a factor of three either way is to be expected. A process's start is not counted.
"""

from __future__ import annotations

from rnnbench.suite.case import Case
from rnnbench.suite.equivalence_weights import TrainedWeights
from rnnbench.suite.schema import Equivalence, MaxLength, Parameters, Storage, Throughput, Training
from rnnbench.suite.size import weight_bytes
from rnnbench.tasks import EVALUATION_LIMIT

_SECONDS_PER_STEP_OF_A_LAYER = 15e-6
"""What a time step costs whatever its size, forward and backward."""
_GATED_CELL = 2.5
"""A step of lstm or gru costs so many times as much."""
_SECONDS_PER_ITERATION = 300e-6
"""Dispatch of drawing, loss and update."""
_FLOPS_PER_SECOND = 30e9
_FLOPS_PER_WEIGHT = 6
"""Per time step and example: a multiplication and an addition forward, twice that backward."""
_FORWARD_SHARE = 1 / 3
_EVALUATIONS = 11
"""Points of the learning curve, at the default interval."""
_SAMPLING_FACTOR = 1.6
"""Sampling and warm-up, relative to the cap on sampling."""
_TIMING_SECONDS = 1.5
"""Building a model and checking its kernel against the reference."""
_SLOTS = 4
_SLOT_SECONDS = 0.1
"""Of each form, in each of two scopes, in every round."""
_MEMORY_SECONDS = 2.0
_BYTES_SAVED_PER_SECOND = 50e6
"""Drawing the weights takes longer than writing them."""
_MATCH_SECONDS = 2.0
"""Of each launch: the first takes several times as long, and finds the size."""
_PROBES = 9
_LENGTHS = 6
"""Of a task, tried until the longest that is learnt is known; some are longer than the first, and some end early."""
_PROBE_SECONDS = 2.0
"""A process of its own, and two steps."""


def estimate_seconds(case: Case, measurement: str) -> float:
    """Return about how many seconds one job of ``measurement`` of ``case`` takes on a CPU.

    Raises
    ------
    ValueError
        The case does not take this measurement.
    """
    settings = getattr(case.measure, measurement, None)
    if measurement == "match" and case.timed_match:
        return _MATCH_SECONDS
    if isinstance(settings, Training):
        return _training_seconds(case.parameters, settings)
    if isinstance(settings, Throughput):
        timings = len(settings.passes) * len(settings.scopes)
        return timings * _SAMPLING_FACTOR * settings.max_seconds + _TIMING_SECONDS
    if isinstance(settings, MaxLength):
        return _max_length_seconds(case.parameters, settings)
    if isinstance(settings, Equivalence):
        trained = settings.training if isinstance(settings.weights, TrainedWeights) else None
        learning = 0.0 if trained is None else _training_seconds(case.parameters, trained)
        return learning + _TIMING_SECONDS + _SLOTS * settings.rounds * _SLOT_SECONDS
    if isinstance(settings, Storage):
        return weight_bytes(case.parameters) / _BYTES_SAVED_PER_SECOND
    if settings is None:
        raise ValueError(f"case {case.name} does not take the measurement {measurement}")
    return _MEMORY_SECONDS


def _max_length_seconds(parameters: Parameters, settings: MaxLength) -> float:
    seconds = _PROBES * _PROBE_SECONDS if "memory" in settings.limits else _MEMORY_SECONDS
    if settings.training is not None and {"gradient", "task"} & set(settings.limits):
        lengths = _LENGTHS if "task" in settings.limits else 1
        seconds += lengths * _training_seconds(parameters, settings.training)
    return seconds


def _training_seconds(parameters: Parameters, training: Training) -> float:
    task = parameters.task
    if task is None:
        raise ValueError("training needs a task")
    T = task.time_steps
    step = _SECONDS_PER_STEP_OF_A_LAYER * (_GATED_CELL if parameters.gates > 1 else 1.0)
    dispatch = T * parameters.layers * step + _SECONDS_PER_ITERATION
    arithmetic = T * _weights(parameters) * training.replicas * _FLOPS_PER_WEIGHT / _FLOPS_PER_SECOND
    evaluations = _EVALUATIONS if training.log_every is None else training.iterations / training.log_every + 1
    evaluation = task.evaluation_count(EVALUATION_LIMIT) * arithmetic * _FORWARD_SHARE
    return training.iterations * (dispatch + training.batch * arithmetic) + evaluations * evaluation


def _weights(parameters: Parameters) -> int:
    """Return the number of weights of a model, biases aside."""
    H = parameters.hidden
    recurrent = parameters.layers * parameters.connectivity.recurrent_parameters(H)
    inputs = parameters.input_size * H + (parameters.layers - 1) * H * H
    return parameters.gates * (recurrent + inputs) + H * parameters.output_size
