"""How far back gradients reach: the lag at which the gradient of a loss at the last step has vanished or exploded.

For a loss at step T, the gradient by z_{T-k} is held against the one by z_T. Both go through the same steps but for
the k between them, so that their ratio is what these steps do to a gradient (Pascanu, Mikolov and Bengio,
arXiv:1211.5063). For a diagonal recurrence with activation identity it is u^k.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import torch

from rnnbench.kernels.projection import project
from rnnbench.models.network import Network
from rnnbench.results.figure import Figure

if TYPE_CHECKING:
    from rnnbench.suite.schema import Parameters

SMALLEST = 1e-6
"""A gradient that has shrunk to this share, or grown to its inverse, no longer reaches: beside rounding and noise of
the gradients of nearer steps nothing is left of it."""
FIRST_STEPS = 64
LONGEST = 4096
"""Lags beyond are not tried: the gradient then reaches as far as anything is trained."""
BATCH = 8
"""Sequences over which norms are taken."""
CURVE_POINTS = 64


def gradient_limit(networks: Iterable[Network], parameters: Parameters) -> Figure:
    """Return the lag at which the ratio leaves [1e-6, 1e6] in the first layer of each network; None: it never does."""
    curves = [_curve(network, parameters) for network in networks]
    longest = max(map(len, curves))
    lags = _points(longest)
    details = {
        "never": "beyond_longest_lag",
        "smallest_ratio": SMALLEST,
        "longest_lag": longest - 1,
        "lags": lags,
        "curve": [[_finite(curve[lag]) if lag < len(curve) else None for lag in lags] for curve in curves],
    }
    return Figure("censored", tuple(map(reach, curves)), (), details)


def _curve(network: Network, parameters: Parameters) -> list[float]:
    """Return the ratio for each lag, up to one at which it has left the range, or to the longest."""
    steps = FIRST_STEPS
    while True:
        ratios = decay(network, parameters, steps)
        if reach(ratios) is not None or steps >= LONGEST:
            return ratios
        steps = min(LONGEST, 2 * steps)


def decay(network: Network, parameters: Parameters, steps: int) -> list[float]:
    """Return ``|dL/dz_{T-k}| / |dL/dz_T|`` for k = 0 .. steps - 1.

    L is the sum of the last state; z is what inputs of variance 1 give.
    """
    layer = network.first_layer()
    weight = layer.input_weight
    generator = torch.Generator().manual_seed(parameters.seed)
    x = torch.randn(steps, BATCH, weight.shape[-1], generator=generator, dtype=weight.dtype)
    with torch.no_grad():
        z = project(x.to(weight.device), weight, layer.bias)
    z.requires_grad_()
    states = layer.recur(z)
    (gradient,) = torch.autograd.grad(states[-1].sum(), [z])
    norms = gradient.double().square().flatten(-2).sum(dim=-1).sqrt()
    ratios: list[float] = (norms.flip(0) / norms[-1]).tolist()
    return ratios


def reach(ratios: list[float]) -> float | None:
    """Return the lag at which ratios leave [1e-6, 1e6] for the first time, None if they never do.

    Between two lags the logarithm is taken as linear, which it is for a pure decay.

    Examples
    --------
    >>> reach([1.0, 1e-4, 1e-8])
    1.5
    """
    limit = -math.log(SMALLEST)
    before = 0.0
    for lag, ratio in enumerate(ratios):
        if not math.isfinite(ratio) or ratio == 0:
            return float(max(0, lag - 1))
        here = abs(math.log(ratio))
        if here > limit:
            return max(0.0, lag - (here - limit) / (here - before))
        before = here
    return None


def _points(steps: int) -> list[int]:
    """Return at most :data:`CURVE_POINTS` lags, dense at first."""
    grown = {round(math.expm1(math.log(steps) * i / (CURVE_POINTS - 1))) for i in range(CURVE_POINTS)}
    return sorted({*range(min(8, steps)), *(lag for lag in grown if lag < steps)})


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
