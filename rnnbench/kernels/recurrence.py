"""What is asked of a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnbench.connectivity import Connectivity


@dataclass(frozen=True)
class Recurrence:
    """One recurrence to compute: ``z_t = W x_t + b``, ``h_t = f(z_t + U h_{t-1})``.

    Attributes
    ----------
    scope
        ``recurrence``: z is given; ``layer``: x is given and ``W x + b`` is part of the work.
    replicas
        R models side by side (tensors carry a replica dimension), or None for one model without it.
    gradient
        Whether a backward pass will follow.
    """

    cell: Literal["rnn"]
    connectivity: Connectivity
    activation: Literal["tanh", "sigmoid", "relu", "identity"]
    input: int
    hidden: int
    bias: bool
    time_steps: int
    batch: int
    replicas: int | None
    dtype: Literal["float32", "float64"]
    device: str
    scope: Literal["recurrence", "layer"]
    gradient: bool
