"""A kernel that says which phase it is in, around any other.

Forward, a kernel that says so itself is asked; one that takes the default layer is taken apart into ``W x + b`` and the
states; of any other, forward and backward are one phase each. Backward, autograd tells when the gradient of the states
is there, and when that of z is.
"""

from __future__ import annotations

from torch import Tensor

from rnnbench import phases
from rnnbench.connectivity import Parameters
from rnnbench.kernels.base import Kernel, Support
from rnnbench.kernels.projection import project
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State
from rnnbench.measure.phase_clock import PhaseClock


class ObservedKernel(Kernel):
    """Runs ``kernel`` and tells ``clock``; while nothing is timed, it runs it and does nothing else."""

    def __init__(self, kernel: Kernel, clock: PhaseClock) -> None:
        self._kernel = kernel
        self._clock = clock
        self.name = kernel.name

    @property
    def whole(self) -> bool:
        """Whether the kernel's layer is one phase each way."""
        return not self._kernel.phased and type(self._kernel).layer is not Kernel.layer

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve what the kernel can."""
        return self._kernel.supports(recurrence)

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last one; see :meth:`Kernel.states`."""
        return self._kernel.states(recurrence, z, parameters, initial)

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: State | None = None,
    ) -> tuple[Tensor, State]:
        """Return what the kernel's layer does."""
        given = recurrence, x, input_weight, bias, parameters, initial
        if not self._clock.active:
            return self._kernel.layer(*given)
        if self.whole:
            with self._clock.phase(phases.LAYER_FORWARD):
                states, last = self._kernel.layer(*given)
            self._backward_begins(states, last, phases.LAYER_BACKWARD)
            return states, last
        if self._kernel.phased:
            with self._clock.phase(phases.RECURRENCE_FORWARD):
                states, last = self._kernel.layer(*given)
        else:
            with self._clock.phase(phases.INPUT_PROJECTION):
                z = project(x, input_weight, bias)
            with self._clock.phase(phases.RECURRENCE_FORWARD):
                states, last = self._kernel.states(recurrence, z, parameters, initial)
            self._switch_backward(z, phases.WEIGHT_GRADIENT)
        self._backward_begins(states, last, phases.RECURRENCE_BACKWARD)
        return states, last

    def _backward_begins(self, states: Tensor, last: State, phase: str) -> None:
        """Switch to ``phase`` when the gradient of the states, or of the last one, is there."""
        for tensor in (states, last.h):
            self._switch_backward(tensor, phase)

    def _switch_backward(self, tensor: Tensor, phase: str) -> None:
        """Switch to ``phase`` when the gradient of ``tensor`` is there."""
        if tensor.requires_grad:
            tensor.register_hook(lambda _: self._clock.switch(phase))  # type: ignore[no-untyped-call]
