"""Where initial weights and training data come from: a stream per replica, so that company changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from rnnbench.models import weights
from rnnbench.models.weights import Weights
from rnnbench.suite.schema import Parameters, Training
from rnnbench.tasks import Examples

CHUNK_ITERATIONS = 500
"""Most iterations whose data is drawn at once. Part of the definition of the standard stream: draws come in chunks of
:func:`chunk_iterations`, whatever the number of iterations."""
CHUNK_STEPS = 2**20
"""Time steps of a replica's sequences that are drawn at once, unless a single iteration has more."""


class ReplicaStream(Protocol):
    """The randomness of one replica."""

    def initial_weights(self) -> Weights:
        """Return the replica's initial weights; called once, before any data is drawn."""

    def chunk(self) -> Examples:
        """Return the examples of the next iterations, ``[T, iterations * batch, .]``, as many as fit a chunk."""


def chunk_iterations(time_steps: int, batch: int) -> int:
    """Return how many iterations make a chunk of sequences of ``time_steps``, ``batch`` an iteration."""
    return max(1, min(CHUNK_ITERATIONS, CHUNK_STEPS // (time_steps * batch)))


class StandardStream:
    """Independent NumPy generators for weights and data, seeded by ``seed + replica``."""

    def __init__(self, parameters: Parameters, training: Training, replica: int) -> None:
        assert parameters.task is not None  # noqa: S101 - training needs a task: checked with the suite
        self._parameters = parameters
        self._task = parameters.task
        self._replica = replica
        self._count = training.batch * chunk_iterations(self._task.time_steps, training.batch)
        self._generator = np.random.default_rng([parameters.seed + replica, 1])

    def initial_weights(self) -> Weights:
        """Draw by the suite's initialisation."""
        return weights.draw(self._parameters, self._replica)

    def chunk(self) -> Examples:
        """Draw from the task."""
        return self._task.draw(self._count, self._generator)


def batches(streams: list[ReplicaStream], training: Training, like: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (inputs ``[T, R, B, .]``, targets ``[A, R, B, .]``) for each iteration, without end.

    Each is contiguous and as :func:`tensor` makes it; see :class:`~rnnbench.tasks.Examples` for their last dimension.
    """
    while True:
        drawn = [stream.chunk() for stream in streams]
        inputs = _by_iteration(np.stack([examples.inputs for examples in drawn], axis=1), training, like)
        targets = _by_iteration(np.stack([examples.targets for examples in drawn], axis=1), training, like)
        yield from zip(inputs.unbind(0), targets.unbind(0), strict=True)


def _by_iteration(sequences: np.ndarray, training: Training, like: Tensor) -> Tensor:
    """Turn ``[T, R, iterations * B, .]`` into ``[iterations, T, R, B, .]``."""
    T, R, _, width = sequences.shape
    split = sequences.reshape(T, R, -1, training.batch, width)
    return tensor(split.transpose(2, 0, 1, 3, 4), like)


def tensor(array: np.ndarray, like: Tensor) -> Tensor:
    """Return an array of examples on the device of ``like``: symbols and classes as they are, the rest in its dtype."""
    made = torch.from_numpy(np.ascontiguousarray(array)).to(like.device)
    return made.to(like.dtype) if made.is_floating_point() else made
