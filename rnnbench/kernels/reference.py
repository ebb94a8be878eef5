"""The oracle: the recurrence in the fewest lines, on the dense view of ``U``.

Every other kernel is held against this one, in float64. It is written to be read, not to be fast.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.connectivity import Parameters
from rnnbench.kernels.activations import ACTIVATIONS
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.recurrence import Recurrence


class ReferenceKernel(Kernel):
    """``h_t = f(z_t + U h_{t-1})``, step by step."""

    name = "reference"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve everything."""
        return YES

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: Tensor | None = None
    ) -> Tensor:
        """Return the states; see :meth:`Kernel.states`."""
        f = ACTIVATIONS[recurrence.activation]
        U = recurrence.connectivity.to_dense(parameters, recurrence.hidden)
        h = torch.zeros_like(z[0]) if initial is None else initial
        states = []
        for z_t in z:
            h = f(z_t + h @ U.transpose(-1, -2))
            states.append(h)
        return torch.stack(states)
