"""A layer forward and backward without autograd: for small models its bookkeeping takes longer than the arithmetic."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from rnnbench.connectivity import Parameters

if TYPE_CHECKING:
    from torch import Tensor


class LayerGradients(NamedTuple):
    """The gradients of one layer, of the shapes of what they belong to."""

    x: Tensor | None
    """None where it is not asked for."""
    weight: Tensor
    bias: Tensor | None
    recurrent: Parameters
    """By the names of the recurrent parameters."""


class LayerPass(ABC):
    """One layer, from a zero state, again and again on sequences of one shape: what it writes is kept in memory of its
    own and lasts until the next call of the same method.

    The weights are those it was made with, read where they lie: updated in place they count from the next call on.
    """

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Return the states ``[T, *, B, H]`` for ``x`` ``[T, *, B, I]``; both must stay until backward is done."""

    @abstractmethod
    def backward(self, by_states: Tensor | None, by_last: Tensor | None, *, needs_x: bool) -> LayerGradients:
        """Return the gradients, given those of the last forward: of its states and, besides, of the last one alone.

        Either may be None, which is zero; they are left as they are.
        """
