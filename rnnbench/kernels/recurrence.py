"""What is asked of a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnbench.cell import CELLS, CellName
from rnnbench.connectivity import Connectivity

RECURRENT_BIAS = "bias"
"""Name of gru's recurrent bias ``b_n`` ``[*, H]`` among the recurrent parameters."""


@dataclass(frozen=True)
class Recurrence:
    """One recurrence to compute: ``z_t = W x_t + b``, then the cell's equations on ``z_t`` and ``U h_{t-1}``.

    Cell ``rnn`` is ``h_t = f(z_t + U h_{t-1})``. Cells ``lstm`` and ``gru`` have G = 4 and 3 gates: W is
    ``[*, G H, I]`` and z ``[T, *, B, G H]``, gate after gate, and each recurrent parameter of the connectivity has a
    gate dimension ``[*, G, ...]``. nn.LSTM and nn.GRU have a second bias, beside ``U h``. Where ``U h`` is simply added
    to z it is one with ``b``; only in gru's gate ``n = tanh(z + r * (U h + b_n))`` it is not, and there it is the
    recurrent parameter :data:`RECURRENT_BIAS` (if there is a ``bias``).

    Attributes
    ----------
    activation
        ``f``; cells other than rnn have their own.
    scope
        ``recurrence``: z is given; ``layer``: x is given and ``W x + b`` is part of the work.
    dtype
        What everything is stored in.
    replicas
        R models side by side (tensors carry a replica dimension), or None for one model without it.
    gradient
        Whether a backward pass will follow.
    recompute
        The states of so many steps are computed again, backward, from the one before them; None: all are kept.
    """

    cell: CellName
    connectivity: Connectivity
    activation: Literal["tanh", "sigmoid", "relu", "identity"]
    input: int
    hidden: int
    bias: bool
    time_steps: int
    batch: int
    replicas: int | None
    dtype: Literal["float32", "float64", "bfloat16", "float16"]
    device: str
    scope: Literal["recurrence", "layer"]
    gradient: bool
    recompute: int | None = None

    @property
    def gates(self) -> int:
        """The number of gates G; 1 for rnn."""
        return len(CELLS[self.cell].gates)

    @property
    def recurrent_bias(self) -> bool:
        """Whether :data:`RECURRENT_BIAS` is among the recurrent parameters."""
        return self.bias and CELLS[self.cell].recurrent_bias
