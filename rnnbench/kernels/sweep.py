"""What a compiled recurrence is to the ``fused`` kernel: a sweep forward and one backward over tensors in memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


class Sweep(ABC):
    """``h_t = f(z_t + U h_{t-1})`` for one connectivity and activation, without autograd.

    All tensors are on one device, contiguous unless said, and of one dtype; ``*`` is nothing or R. T, B and H are at
    least 1. The recurrent matrix is ``stored`` as its connectivity's one tensor.
    """

    @abstractmethod
    def forward(self, z: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None) -> None:
        """Write ``h_1 .. h_T`` ``[T, *, B, H]`` to ``states``, which may be ``z`` itself."""

    @abstractmethod
    def backward(
        self, gradient: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None, dz: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Write the gradient of z to ``dz`` and return those of ``stored`` and of the initial state.

        ``gradient`` is that of the states: contiguous, and then ``dz`` may be it; or one row of H expanded to all.
        """
