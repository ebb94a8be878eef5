"""Rules across the parameters of one case, which no single value can break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rnnbench.connectivity import Banded, Dense
from rnnbench.suite.demo import demo_violations
from rnnbench.suite.equal_size import check_reference, check_some_size, size_of_equal_parameters
from rnnbench.suite.equivalence_weights import GivenWeights, TrainedWeights
from rnnbench.suite.initialisation import FanIn
from rnnbench.suite.match import MatchParameters, MatchTime, reference
from rnnbench.suite.recompute import NoRecompute, Stream
from rnnbench.suite.schema import Equivalence, MaxLength, Measure, Parameters, Training
from rnnbench.suite.size import weight_bytes
from rnnbench.suite.storage import refused_by_device, refused_by_use


class Violation(NamedTuple):
    """A broken rule."""

    keys: tuple[str, ...]
    """The parameters that break it together, the one to look at first before the others."""
    message: str


def violations(parameters: Parameters, measure: Measure) -> Iterator[Violation]:
    """Yield every rule that a case breaks."""
    try:
        parameters.connectivity.check(parameters.hidden)
    except ValueError as error:
        yield Violation(("connectivity", "hidden"), str(error))
    else:
        yield from _initial_violations(parameters, measure)
    yield from _own_activations(parameters, measure)
    yield from _memory_violations(parameters, measure)
    yield from _storage_violations(parameters, measure)
    if measure.training is not None:
        yield from _training_violations(parameters, measure.training)
    if measure.equivalence is not None:
        yield from _equivalence_violations(parameters, measure.equivalence)
    if measure.max_length is not None:
        yield from _learnt_length_violations(parameters, measure.max_length)


def match_violations(written: Parameters, measure: Measure) -> Iterator[Violation]:
    """Yield why a case with the hidden size that the suite gives cannot be matched to its reference."""
    match = written.match
    if isinstance(match, MatchTime) and measure.training is None:
        message = "time is that of an iteration of training: add `training` under measure, or use `match: parameters`"
        yield Violation(("match",), message)
    try:
        if isinstance(match, MatchParameters):
            size_of_equal_parameters(written)
        elif isinstance(match, MatchTime):
            check_reference(reference(written))
            check_some_size(written)
    except ValueError as error:
        yield Violation(("match", "connectivity", "hidden"), str(error))


def _own_activations(parameters: Parameters, measure: Measure) -> Iterator[Violation]:
    cell, activation = parameters.cell, parameters.activation
    default = Parameters.model_fields["activation"].default
    # The demo needs another cell: of its activation there is nothing to say then.
    demo = measure.training is not None and measure.training.protocol == "demo"
    if cell != "rnn" and activation != default and not demo:
        yield Violation(
            ("activation", "cell"),
            f"'{activation}' is for cell rnn: {cell} has sigmoid and tanh of its own, "
            f"leave activation at '{default}' where the cell is {cell}",
        )


def _storage_violations(parameters: Parameters, measure: Measure) -> Iterator[Violation]:
    # What auto means is known where the suite runs.
    refused = None if parameters.device == "auto" else refused_by_device(parameters, parameters.device)
    if refused is not None:
        yield Violation(("dtype", "device"), refused)
    used = refused_by_use(parameters, measure)
    if used is not None:
        key, message = used
        yield Violation(("dtype", key), message)


def _memory_violations(parameters: Parameters, measure: Measure) -> Iterator[Violation]:
    if measure.throughput is not None and isinstance(parameters.recompute, Stream):
        yield Violation(
            ("recompute", "throughput"),
            "stream runs a whole training step a segment at a time, throughput times single passes: use every or auto",
        )
    if parameters.gradient == "rtrl":
        yield from _rtrl_violations(parameters, measure)
    if measure.training is not None:
        for key, said in _segmented(parameters):
            yield Violation(
                (key, "training"),
                f"{said} has the same gradients as without, so that what is learnt is the same: leave out {key}, "
                "or train with `recompute: auto` where memory is short; memory and max_length say what "
                f"{said} needs",
            )
    budget = None if measure.max_length is None else measure.max_length.budget
    needed = weight_bytes(parameters)
    if isinstance(budget, int) and budget < needed:
        yield Violation(
            ("max_length.budget", "hidden"),
            f"{budget:,} bytes are fewer than the weights alone take, {needed:,}: give a larger budget",
        )


def _segmented(parameters: Parameters) -> Iterator[tuple[str, str]]:
    """Yield the keys, and their values, that let a training step run a segment at a time."""
    if parameters.gradient == "rtrl":
        yield "gradient", "rtrl"
    if isinstance(parameters.recompute, Stream):
        yield "recompute", "stream"


def _rtrl_violations(parameters: Parameters, measure: Measure) -> Iterator[Violation]:
    connectivity = parameters.connectivity
    diagonal = isinstance(connectivity, Banded) and connectivity.lower == connectivity.upper == 0
    if parameters.cell != "rnn" or parameters.layers > 1 or not diagonal:
        found = f"{parameters.layers} layers" if parameters.layers > 1 else f"{parameters.cell}, {connectivity.label()}"
        yield Violation(
            ("gradient", "layers" if parameters.layers > 1 else "connectivity"),
            f"rtrl is for one diagonal layer of cell rnn, not for {found}: elsewhere every weight touches every unit, "
            "and what is carried along is as large as H times all weights",
        )
    if measure.throughput is not None or not isinstance(parameters.recompute, NoRecompute):
        key = "throughput" if measure.throughput is not None else "recompute"
        yield Violation(("gradient", key), f"rtrl has no backward pass: leave out {key}")


def _initial_violations(parameters: Parameters, measure: Measure) -> Iterator[Violation]:
    cell, connectivity, hidden = parameters.cell, parameters.connectivity, parameters.hidden
    try:
        parameters.initialisation.check(connectivity, hidden, cell)
    except ValueError as error:
        yield Violation(("initialisation", "connectivity", "cell"), str(error))
    if parameters.forget_bias is not None and (cell != "lstm" or not parameters.bias):
        yield Violation(
            ("forget_bias", "cell"),
            f"only lstm has a forget gate, not {cell}: leave forget_bias out where the cell is {cell}"
            if cell != "lstm"
            else "forget_bias needs `bias: true`",
        )
    if cell != "rnn" or connectivity.equal_blocks(hidden) != hidden:
        message = "constraint indrnn is for cell rnn with connectivity diagonal"
        for key, training in _trainings(measure):
            if training.constraint is not None:
                yield Violation((key, "connectivity", "cell"), message)


def _trainings(measure: Measure) -> Iterator[tuple[str, Training]]:
    """Yield every way of training that a case has, with the key of its constraint."""
    if measure.training is not None:
        yield "training.constraint", measure.training
    if measure.max_length is not None and measure.max_length.training is not None:
        yield "max_length.training", measure.max_length.training
    if measure.equivalence is not None and measure.equivalence.training is not None:
        yield "equivalence.training", measure.equivalence.training


def _training_violations(parameters: Parameters, training: Training) -> Iterator[Violation]:
    task = parameters.task
    if task is None:
        yield Violation(
            ("task", "training"), "training needs a task: add one to defaults, such as `task: binary_addition`"
        )
    elif parameters.input not in (None, task.input_size):
        message = (
            f"input size {parameters.input} is not that of the task: {task.kind} has {task.input_size}, remove 'input'"
        )
        yield Violation(("input", "task"), message)
    if training.protocol == "demo":
        for key, remedy in demo_violations(parameters, training):
            if key != "task" or task is not None:
                yield Violation((key, "training.protocol"), f"`training.protocol: demo` needs {remedy}")


def _equivalence_violations(parameters: Parameters, settings: Equivalence) -> Iterator[Violation]:
    if parameters.cell != "rnn" or parameters.activation != "identity":
        key, found = ("cell", parameters.cell) if parameters.cell != "rnn" else ("activation", parameters.activation)
        remedy = "use `cell: rnn` and `activation: identity`"
        yield Violation(
            (key, "equivalence"), f"only a linear recurrence has an equal in another basis, not {found}: {remedy}"
        )
    if parameters.layers > 1:
        message = f"equivalence is of one layer, not of {parameters.layers}: use `layers: 1`"
        yield Violation(("layers", "equivalence"), message)
    if isinstance(settings.weights, GivenWeights):
        yield from _given_violations(parameters, settings.weights)
    if not isinstance(settings.weights, TrainedWeights):
        return
    if settings.training is None:
        message = "trained weights need to know how they are learnt: add `training`, such as `training: {}`"
        yield Violation(("equivalence.weights",), message)
    elif settings.training.protocol == "demo":
        yield Violation(("equivalence.training",), "the demo is not linear: leave out protocol")
    if parameters.task is None:
        yield Violation(("task", "equivalence.weights"), "training needs a task: add one, such as `task: adding(50)`")


def _given_violations(parameters: Parameters, weights: GivenWeights) -> Iterator[Violation]:
    rows = len(weights.matrix())
    if rows != parameters.hidden:
        message = f"the matrix has {rows} rows, hidden size is {parameters.hidden}: use hidden {rows}"
        yield Violation(("equivalence.weights", "hidden"), message)
    if not isinstance(parameters.connectivity, Dense):
        label = parameters.connectivity.label()
        message = f"a given matrix is taken as it is, which {label} does not say: use `connectivity: dense`"
        yield Violation(("equivalence.weights", "connectivity"), message)
    if not isinstance(parameters.initialisation, FanIn):
        message = "a given matrix starts as it is: leave initialisation at fan_in, which is for the other weights"
        yield Violation(("equivalence.weights", "initialisation"), message)


def _learnt_length_violations(parameters: Parameters, settings: MaxLength) -> Iterator[Violation]:
    training = settings.training
    if training is None and "task" in settings.limits:
        message = "limit task needs to know how it is learnt: add `training`, such as `training: {iterations: 500}`"
        yield Violation(("max_length.limits",), message)
    if training is None or set(settings.limits) == {"memory"}:
        return
    if parameters.task is None:
        yield Violation(("task", "max_length.training"), "training needs a task: add one, such as `task: adding(50)`")
    if training.protocol == "demo":
        yield Violation(("max_length.training",), "the demo has one length: leave out protocol")
    for key, said in _segmented(parameters):
        yield Violation(
            (key, "max_length.limits"),
            f"{said} has the same gradients as without, so that what is learnt is the same: ask for limit memory alone",
        )
