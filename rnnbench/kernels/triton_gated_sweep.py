"""The Triton kernels of lstm and gru behind the :class:`Sweep` interface."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnnbench.connectivity import Banded, Connectivity
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, WeightGradients, Weights
from rnnbench.kernels.triton_shapes import sequence, state, values
from rnnbench.kernels.whole_sweep import Given, OnePiece


class TritonGatedSweep(OnePiece):
    """A recurrence of lstm or gru; tensors are as for :class:`rnnbench.kernels.triton_sweep.TritonSweep`."""

    def __init__(self, connectivity: Connectivity) -> None:
        self._connectivity = connectivity
        self._kernel, self._form = _kernel(connectivity)

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        gates, inner, h = _parts(trace)
        h_0, c_0 = _before(trace.h, start)
        bias = h_0.new_zeros(h_0.shape[0], h_0.shape[-1]) if weights.bias is None else weights.bias
        with torch.cuda.device_of(z):  # type: ignore[no-untyped-call]  # Triton launches on the current device
            self._kernel.forward(
                *(sequence(z), gates, inner, h, self._values(weights, gates, h), bias, h_0, c_0), *self._form
            )

    def backward_whole_trace(self, gradient: Tensor, trace: Trace, given: Given, dz: Tensor) -> WeightGradients:
        """Sweep backward; see :meth:`OnePiece.backward_whole_trace`."""
        gates, inner, h = _parts(trace)
        h_0, c_0 = _before(trace.h, given.before)
        by_c = state(trace.h, given.by_last_c)
        stored, bias = given.weights.stored, given.weights.bias
        with torch.cuda.device_of(dz):  # type: ignore[no-untyped-call]
            found = self._kernel.backward(
                *(sequence(gradient.contiguous()), gates, inner, h, self._values(given.weights, gates, h)),
                *(h_0, c_0, by_c, sequence(dz), *self._form),
            )
        like_h = trace.h[0]
        return WeightGradients(
            found.stored.to(stored.dtype).view_as(stored),
            None if bias is None else found.bias.to(bias.dtype).view_as(bias),
            State(found.h.view_as(like_h), None if found.c is None else found.c.view_as(like_h)),
        )

    def _values(self, weights: Weights, gates: Tensor, h: Tensor) -> Tensor:
        """Return the weights of all gates as the kernel takes them."""
        H = h.shape[-1]
        return values(weights.stored, self._connectivity, H, gates.shape[-1] // H)


def _parts(trace: Trace) -> tuple[Tensor, Tensor, Tensor]:
    """Return (gates, inner, h) as ``[T, R, B, .]``."""
    assert trace.gates is not None  # noqa: S101 - lstm and gru have gates
    assert trace.inner is not None  # noqa: S101
    return sequence(trace.gates), sequence(trace.inner), sequence(trace.h)


def _before(h: Tensor, before: State | None) -> tuple[Tensor, Tensor]:
    """Return h_0 and c_0 as ``[R, B, H]``, zero for None."""
    return (state(h, None), state(h, None)) if before is None else (state(h, before.h), state(h, before.c))


def _kernel(connectivity: Connectivity) -> tuple[Any, tuple[Any, ...]]:
    """Return the module whose ``forward`` and ``backward`` serve, and the last arguments they take."""
    if not isinstance(connectivity, Banded):
        from rnnbench.kernels import triton_gated_blocks

        return triton_gated_blocks, ()
    if connectivity.lower + connectivity.upper > 0:
        from rnnbench.kernels import triton_gated_banded
        from rnnbench.kernels.triton_band_gradient import Band

        return triton_gated_banded, (Band(connectivity.lower, connectivity.upper, connectivity.circular),)
    from rnnbench.kernels import triton_gated_diagonal

    return triton_gated_diagonal, ()
