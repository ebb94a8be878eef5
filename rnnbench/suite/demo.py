"""What ``training.protocol: demo`` means: the binary-addition demo as published, whose draws fit nothing else.

The demo has one layer of Elman's sigmoid units without biases, sees one example per iteration, and takes plain gradient
steps (iamtrask.github.io, 2015-11-15). Size, connectivity, number of bits, learning rate and seeds may differ.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnbench.suite.initialisation import FanIn
from rnnbench.suite.optimizer import SGD
from rnnbench.suite.schema import Parameters, Training
from rnnbench.tasks import BinaryAddition


def demo_violations(parameters: Parameters, training: Training) -> Iterator[tuple[str, str]]:
    """Yield (key, what to write) for every parameter of a case that the demo's protocol cannot have."""
    if not isinstance(parameters.task, BinaryAddition):
        yield "task", "task: binary_addition"
    if parameters.cell != "rnn":
        yield "cell", "cell: rnn"
    if not parameters.connectivity.readable:
        found = parameters.connectivity.label()
        yield "connectivity", f"a connectivity whose weights can be read off the demo's dense matrix, not {found}"
    if parameters.layers != 1:
        yield "layers", "layers: 1"
    if parameters.bias:
        yield "bias", "bias: false"
    if parameters.activation != "sigmoid":
        yield "activation", "activation: sigmoid"
    if not isinstance(parameters.initialisation, FanIn):
        yield "initialisation", "no initialisation: the protocol brings its own"
    yield from _training_violations(training)


def _training_violations(training: Training) -> Iterator[tuple[str, str]]:
    if training.batch != 1:
        yield "training.batch", "training.batch: 1"
    for key in ("decay", "clip_norm", "clip_value", "constraint"):
        if getattr(training, key) is not None:
            yield f"training.{key}", f"no {key}: it takes plain gradient steps"
    if not isinstance(training.optimizer, SGD) or training.optimizer != SGD(lr=training.optimizer.lr):
        yield "training.optimizer", "training.optimizer: sgd, with no option but lr"
