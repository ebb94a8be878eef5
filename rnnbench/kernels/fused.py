"""The ``fused`` kernel: recurrences in compiled loops, at the speed of memory. It chooses the sweep by connectivity and
hands it to autograd."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rnnbench.connectivity import Banded, Connectivity, NoRecurrence, Parameters
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Sweep

if TYPE_CHECKING:
    from torch import Tensor


class FusedKernel(Kernel):
    """One pass over memory per sweep: W x in one GEMM, then all time steps in one compiled function."""

    name = "fused"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve the Elman cell, on the CPU and on CUDA, where there is a sweep for its connectivity."""
        if recurrence.device.startswith("cuda"):
            from rnnbench.kernels import triton_sweep

            return triton_sweep.supports(recurrence)
        if recurrence.device != "cpu":
            return Support(False, f"compiled for the CPU and for CUDA, not for {recurrence.device}")
        if recurrence.cell != "rnn":
            return Support(False, f"has no sweep for cell '{recurrence.cell}'")
        if not isinstance(recurrence.connectivity, (Banded, NoRecurrence)):
            return Support(False, f"has no sweep for {recurrence.connectivity.label()}")
        return YES

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last one; see :meth:`Kernel.states`. ``z`` is left as it is.

        Raises
        ------
        ValueError
            An argument has the wrong shape, dtype or device.
        """
        from rnnbench.kernels.fused_autograd import states

        return states(_sweep_of(recurrence), recurrence, z, parameters, initial)

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: State | None = None,
    ) -> tuple[Tensor, State]:
        """Return the states of a layer and the last one; see :meth:`Kernel.layer`.

        Raises
        ------
        ValueError
            An argument has the wrong shape, dtype or device.
        """
        from rnnbench.kernels.fused_autograd import layer

        return layer(_sweep_of(recurrence), recurrence, x, input_weight, bias, parameters, initial)


def _sweep_of(recurrence: Recurrence) -> Sweep:
    if recurrence.device.startswith("cuda"):
        from rnnbench.kernels.triton_sweep import TritonSweep

        return TritonSweep(recurrence.connectivity, recurrence.activation)
    return _sweep(recurrence.connectivity, recurrence.activation, recurrence.dtype)


@lru_cache(maxsize=64)
def _sweep(connectivity: Connectivity, activation: str, dtype: str) -> Sweep:
    from rnnbench.kernels.banded_sweep import BandedSweep

    assert isinstance(connectivity, (Banded, NoRecurrence))  # noqa: S101 - supports() said so
    return BandedSweep(connectivity, activation, dtype)
