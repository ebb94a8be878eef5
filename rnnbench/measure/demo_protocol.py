"""The binary-addition demo's own stream of random numbers (iamtrask.github.io, 2015-11-15), one per replica.

The demo seeds NumPy's legacy generator once and draws from it, in this order: ``synapse_0`` ``[2, H]``, ``synapse_1``
``[H, 1]``, ``synapse_h`` ``[H, H]``, each ``2 random - 1``; then for each iteration ``a = randint(2^(bits-1))`` and
``b = randint(2^(bits-1))``. Replica r uses seed + r. Other connectivities keep the allowed entries of the same matrix.
"""

from __future__ import annotations

import numpy as np
import torch

from rnnbench.measure.protocol import CHUNK_ITERATIONS
from rnnbench.models.weights import LayerWeights, Weights
from rnnbench.suite.schema import Parameters
from rnnbench.tasks import BinaryAddition, Examples


class DemoStream:
    """The demo's generator: weights first, then one pair of numbers per iteration."""

    def __init__(self, parameters: Parameters, replica: int) -> None:
        assert isinstance(parameters.task, BinaryAddition)  # noqa: S101 - checked with the suite
        self._task = parameters.task
        self._parameters = parameters
        self._generator = np.random.RandomState(parameters.seed + replica)

    def initial_weights(self) -> Weights:
        """Draw the three matrices; stored transposed, since the demo multiplies from the left."""
        H = self._parameters.hidden
        synapse_0, synapse_1, synapse_h = (
            2 * self._generator.random_sample(shape) - 1 for shape in ((2, H), (H, 1), (H, H))
        )
        matrix = torch.from_numpy(np.ascontiguousarray(synapse_h.T))
        recurrent = self._parameters.connectivity.from_dense(matrix)
        arrays = {name: tensor.numpy() for name, tensor in recurrent.items()}
        return Weights((LayerWeights(synapse_0.T, arrays, None),), synapse_1.T, None)

    def chunk(self) -> Examples:
        """Draw the next pairs: one call per chunk continues the stream exactly as single calls would."""
        pairs = self._generator.randint(self._task.largest, size=(CHUNK_ITERATIONS, 2))
        return self._task.encode(pairs[:, 0], pairs[:, 1])
