"""What a kernel is: one implementation of the recurrence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from rnnbench.connectivity import Parameters
from rnnbench.kernels.recurrence import Recurrence

if TYPE_CHECKING:
    from torch import Tensor


class Support(NamedTuple):
    """Whether a kernel can serve a recurrence; if not, why."""

    ok: bool
    reason: str = ""


YES = Support(True)


class Kernel(ABC):
    """One implementation of the recurrence, forward and backward (through autograd).

    Shapes: ``*`` is nothing for one model and ``R`` for replicas. Sequences are time-major.
    """

    name: str

    @abstractmethod
    def supports(self, recurrence: Recurrence) -> Support:
        """Say whether this kernel can serve ``recurrence``."""

    @abstractmethod
    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: Tensor | None = None
    ) -> Tensor:
        """Return ``h_1 .. h_T`` ``[T, *, B, H]`` for ``z`` of that shape and ``h_0`` ``[*, B, H]`` (zero if None)."""

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: Tensor | None = None,
    ) -> Tensor:
        """Return ``h_1 .. h_T`` for inputs ``x`` ``[T, *, B, I]``, ``W`` ``[*, H, I]`` and ``b`` ``[*, H]``."""
        from rnnbench.kernels.projection import project

        return self.states(recurrence, project(x, input_weight, bias), parameters, initial)
