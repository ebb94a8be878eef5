"""What U starts as, by the suite's initialisation."""

from __future__ import annotations

import numpy as np
import torch

from rnnbench.connectivity import Arrays, Connectivity
from rnnbench.connectivity.entrywise import EntrywiseConnectivity
from rnnbench.kernels.gates import draw_gates
from rnnbench.suite.initialisation import (
    Identity,
    IndRNN,
    Orthogonal,
    SpectralRadius,
    Uniform,
    indrnn_bounds,
)
from rnnbench.suite.schema import Parameters


def draw_recurrent(parameters: Parameters, generator: np.random.Generator, *, last_layer: bool) -> Arrays:
    """Return the connectivity's initial parameters in a layer, float64; for lstm and gru with a gate dimension."""
    return draw_gates(parameters.cell, lambda: _draw_matrix(parameters, generator, last_layer))


def _draw_matrix(parameters: Parameters, generator: np.random.Generator, last_layer: bool) -> Arrays:
    initialisation, connectivity, H = parameters.initialisation, parameters.connectivity, parameters.hidden
    if isinstance(initialisation, Uniform):
        return connectivity.draw(H, initialisation.low, initialisation.high, generator)
    if isinstance(initialisation, Identity):
        return connectivity.identity(H, initialisation.scale, generator)
    if isinstance(initialisation, IndRNN):
        assert isinstance(connectivity, EntrywiseConnectivity)  # noqa: S101 - checked with the suite
        bounds = indrnn_bounds(parameters.sequence_steps, last_layer=last_layer)
        return connectivity.from_diagonal(generator.uniform(*bounds, H))
    if isinstance(initialisation, Orthogonal) and not connectivity.always_orthogonal:
        return _orthogonal(connectivity, H, initialisation.gain, generator)
    drawn = connectivity.draw_fan_in(H, generator)
    if not isinstance(initialisation, SpectralRadius) or connectivity.always_orthogonal:
        return drawn
    return connectivity.scaled(drawn, H, initialisation.radius / spectral_radius(connectivity, drawn, H))


def _orthogonal(connectivity: Connectivity, hidden: int, gain: float, generator: np.random.Generator) -> Arrays:
    """Return blocks uniform among all orthogonal ones: Q of a Gaussian's QR, R's diagonal positive (Mezzadri, 2007)."""
    blocks = connectivity.equal_blocks(hidden)
    assert blocks is not None  # noqa: S101 - checked with the suite
    size = hidden // blocks
    q, r = np.linalg.qr(generator.standard_normal((blocks, size, size)))
    signs = np.sign(np.diagonal(r, axis1=-2, axis2=-1))
    ((name, shape),) = connectivity.parameter_shapes(hidden).items()
    return {name: (gain * q * signs[:, None, :]).reshape(shape)}


def spectral_radius(connectivity: Connectivity, parameters: Arrays, hidden: int) -> float:
    """Return the largest modulus of an eigenvalue of the matrix U with these parameters."""
    blocks = connectivity.equal_blocks(hidden)
    if blocks is not None:
        (stored,) = parameters.values()
        matrix = stored.reshape(blocks, hidden // blocks, hidden // blocks)
    else:
        tensors = {name: torch.from_numpy(array) for name, array in parameters.items()}
        matrix = connectivity.to_dense(tensors, hidden).numpy()
    return float(np.abs(np.linalg.eigvals(matrix)).max())
