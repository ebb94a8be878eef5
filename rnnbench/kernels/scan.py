"""The ``scan`` kernel: linear diagonal recurrences in a number of steps that grows with log T instead of T."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnbench.connectivity import Banded, Parameters
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Sweep

if TYPE_CHECKING:
    from torch import Tensor


class ScanKernel(Kernel):
    """An associative scan over time: what a device with more lanes than units makes of a linear recurrence.

    For study beside ``fused``: on a CPU the scan does log T times the work for no idle lanes to fill.
    """

    name = "scan"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve diagonal recurrences of the Elman cell with activation identity."""
        connectivity = recurrence.connectivity
        if recurrence.cell != "rnn" or recurrence.activation != "identity":
            found = recurrence.activation if recurrence.cell == "rnn" else f"cell {recurrence.cell}"
            return Support(False, f"a scan needs a linear recurrence: activation identity, not {found}")
        if not isinstance(connectivity, Banded) or connectivity.lower + connectivity.upper > 0:
            return Support(False, f"a scan needs units that feed only themselves: diagonal, not {connectivity.label()}")
        if recurrence.device.startswith("cuda"):
            from rnnbench.kernels.triton_sweep import supports

            return supports(recurrence)
        return YES

    def recomputes(self, recurrence: Recurrence) -> bool:
        """Say yes on CUDA, where the sweep is one of those of ``fused``."""
        return recurrence.device.startswith("cuda")

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last one; see :meth:`Kernel.states`.

        Raises
        ------
        ValueError
            An argument has the wrong shape, dtype or device.
        """
        from rnnbench.kernels.fused_autograd import states

        return states(_sweep_of(recurrence), recurrence, z, parameters, initial)


def _sweep_of(recurrence: Recurrence) -> Sweep:
    if recurrence.device.startswith("cuda"):
        from rnnbench.kernels.triton_sweep import sweep_of

        return sweep_of(recurrence)
    from rnnbench.kernels.doubling_sweep import DoublingSweep

    return DoublingSweep()
