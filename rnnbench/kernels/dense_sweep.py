"""Dense recurrences as one GEMM per time step into memory that is there already; the weight gradient is one GEMM over
all time. Autograd records nothing on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from rnnbench.connectivity import Connectivity
from rnnbench.kernels.rows import by_model
from rnnbench.kernels.whole_sweep import WholeSweep

_aten: Any = torch.ops.aten

_IN_PLACE: dict[str, Callable[[Tensor], Tensor] | None] = {
    "tanh": torch.tanh_,
    "sigmoid": torch.sigmoid_,
    "relu": torch.relu_,
    "identity": None,
}


def _times_derivative(activation: str, gradient: Tensor, h: Tensor, out: Tensor) -> None:
    """Write ``gradient f'(z)`` to ``out``, which may be ``gradient``, from ``h = f(z)``."""
    if activation == "tanh":
        _aten.tanh_backward.grad_input(gradient, h, grad_input=out)
    elif activation == "sigmoid":
        _aten.sigmoid_backward.grad_input(gradient, h, grad_input=out)
    elif activation == "relu":
        _aten.threshold_backward.grad_input(gradient, h, 0, grad_input=out)
    elif gradient is not out:
        out.copy_(gradient)


class DenseSweep(WholeSweep):
    """The recurrence on the dense view of any connectivity, in GEMMs."""

    def __init__(self, connectivity: Connectivity, activation: str) -> None:
        self._connectivity = connectivity
        self._activation = activation

    def forward_whole(self, z: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None) -> None:
        """Sweep forward; see :class:`WholeSweep`."""
        transposed = self._matrix(stored, z).mT
        multiply = torch.addmm if transposed.dim() == 2 else torch.baddbmm
        activate = _IN_PLACE[self._activation]
        h = initial
        for z_t, out in zip(z.unbind(0), states.unbind(0), strict=True):
            if h is not None:
                multiply(z_t, h, transposed, out=out)
            elif z.data_ptr() != states.data_ptr():
                out.copy_(z_t)
            if activate is not None:
                activate(out)
            h = out

    def backward_whole(
        self, gradient: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None, dz: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sweep backward; see :class:`WholeSweep`."""
        matrix = self._matrix(stored, states)
        multiply = torch.addmm if matrix.dim() == 2 else torch.baddbmm
        later = None
        for g_t, h_t, out in zip(*(tuple(reversed(s.unbind(0))) for s in (gradient, states, dz)), strict=True):
            if later is None:
                _times_derivative(self._activation, g_t, h_t, out)
            else:
                multiply(g_t, later, matrix, out=out)
                _times_derivative(self._activation, out, h_t, out)
            later = out
        by_matrix = by_model(dz[1:]).mT @ by_model(states[:-1])
        if initial is not None:
            by_matrix += dz[0].mT @ initial
        (by_stored,) = self._connectivity.from_dense(by_matrix).values()
        return by_stored, dz[0] @ matrix

    def _matrix(self, stored: Tensor, sequence: Tensor) -> Tensor:
        H = sequence.shape[-1]
        ((name, _),) = self._connectivity.parameter_shapes(H).items()
        return self._connectivity.to_dense({name: stored}, H)
