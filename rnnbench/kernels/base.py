"""What a kernel is: one implementation of the recurrence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from rnnbench.connectivity import Parameters
from rnnbench.kernels.layer_pass import LayerPass
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State

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
    phased: bool = False
    """Whether :meth:`layer` says by :mod:`rnnbench.phases` what it is at, for who profiles it."""

    @abstractmethod
    def supports(self, recurrence: Recurrence) -> Support:
        """Say whether this kernel can serve ``recurrence``."""

    def remark(self, recurrence: Recurrence) -> str:
        """Say how this kernel will run ``recurrence`` where it has several ways; else nothing."""
        return ""

    def recomputes(self, recurrence: Recurrence) -> bool:
        """Say whether this kernel itself keeps no more than ``recurrence.recompute`` asks for."""
        return False

    @abstractmethod
    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return (``h_1 .. h_T`` ``[T, *, B, H]``, the last state) for ``z`` ``[T, *, B, G H]``, G gates.

        ``initial`` is the state before the first step (zero if None), so that a sequence can be run in pieces, each
        from the last state of the one before it. All of it is differentiable.
        """

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: State | None = None,
    ) -> tuple[Tensor, State]:
        """Return what :meth:`states` does, for ``x`` ``[T, *, B, I]``, ``W`` ``[*, G H, I]`` and ``b`` ``[*, G H]``."""
        from rnnbench.kernels.projection import project

        return self.states(recurrence, project(x, input_weight, bias), parameters, initial)

    def layer_pass(
        self, recurrence: Recurrence, input_weight: Tensor, bias: Tensor | None, parameters: Parameters
    ) -> LayerPass | None:
        """Return a layer with these weights that needs no autograd; None where there is none."""
        return None
