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
"""Iterations whose data is drawn at once. Part of the definition of the standard stream: draws come in such chunks,
whatever the number of iterations."""


class ReplicaStream(Protocol):
    """The randomness of one replica."""

    def initial_weights(self) -> Weights:
        """Return the replica's initial weights; called once, before any data is drawn."""

    def chunk(self) -> Examples:
        """Return the next :data:`CHUNK_ITERATIONS` x batch examples, ``[T, iterations * batch, .]``."""


class StandardStream:
    """Independent NumPy generators for weights and data, seeded by ``seed + replica``."""

    def __init__(self, parameters: Parameters, training: Training, replica: int) -> None:
        self._parameters = parameters
        self._replica = replica
        self._count = CHUNK_ITERATIONS * training.batch
        self._generator = np.random.default_rng([parameters.seed + replica, 1])

    def initial_weights(self) -> Weights:
        """Draw by the suite's initialisation."""
        return weights.draw(self._parameters, self._replica)

    def chunk(self) -> Examples:
        """Draw from the task."""
        assert self._parameters.task is not None  # noqa: S101 - training needs a task: checked with the suite
        return self._parameters.task.draw(self._count, self._generator)


def batches(streams: list[ReplicaStream], training: Training, like: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (inputs ``[T, R, B, I]``, targets ``[T, R, B, O]``) for each iteration, without end.

    Tensors have the dtype and device of ``like``; each is contiguous.
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
    return torch.from_numpy(np.ascontiguousarray(split.transpose(2, 0, 1, 3, 4))).to(like.device, like.dtype)
