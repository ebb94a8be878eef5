"""The Triton kernels of lstm and gru behind the :class:`Sweep` interface."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, WeightGradients, Weights
from rnnbench.kernels.whole_sweep import OnePiece


class TritonGatedSweep(OnePiece):
    """A diagonal recurrence of lstm or gru; tensors are as for :class:`TritonSweep`."""

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> None:
        """Sweep forward; see :meth:`Sweep.forward`."""
        from rnnbench.kernels import triton_gated_diagonal

        gates, inner, h = _parts(trace)
        h_0, c_0 = _before(h, start)
        stored = _stored(weights.stored)
        bias = stored.new_zeros(stored.shape[0], stored.shape[-1]) if weights.bias is None else weights.bias
        with torch.cuda.device_of(z):  # type: ignore[no-untyped-call]  # Triton launches on the current device
            triton_gated_diagonal.forward(z, gates, inner, h, stored, bias, h_0, c_0)

    def backward_whole_trace(
        self,
        gradient: Tensor,
        trace: Trace,
        weights: Weights,
        before: State | None,
        by_last_c: Tensor | None,
        dz: Tensor,
    ) -> WeightGradients:
        """Sweep backward; see :meth:`OnePiece.backward_whole_trace`."""
        from rnnbench.kernels import triton_gated_diagonal

        gates, inner, h = _parts(trace)
        h_0, c_0 = _before(h, before)
        by_c = torch.zeros_like(h_0) if by_last_c is None else by_last_c
        with torch.cuda.device_of(dz):  # type: ignore[no-untyped-call]
            found = triton_gated_diagonal.backward(
                gradient.contiguous(), gates, inner, h, _stored(weights.stored), h_0, c_0, by_c, dz
            )
        stored = found.bands.to(weights.stored.dtype).reshape(weights.stored.shape)
        bias = None
        if weights.bias is not None and found.bias is not None:
            bias = found.bias.to(weights.bias.dtype).reshape(weights.bias.shape)
        c = found.c.view(trace.h[0].shape) if dz.shape[-1] == 4 * h.shape[-1] else None
        return WeightGradients(stored, bias, State(found.h.view(trace.h[0].shape), c))


def _parts(trace: Trace) -> tuple[Tensor, Tensor, Tensor]:
    """Return (gates, inner, h) as ``[T, R, B, .]``."""
    assert trace.gates is not None  # noqa: S101 - lstm and gru have gates
    assert trace.inner is not None  # noqa: S101
    parts = trace.gates, trace.inner, trace.h
    gates, inner, h = (part if part.dim() == 4 else part.unsqueeze(1) for part in parts)
    return gates, inner, h


def _before(h: Tensor, start: State | None) -> tuple[Tensor, Tensor]:
    """Return h_0 and c_0 as ``[R, B, H]``, zero for None."""
    zero = torch.zeros_like(h[0])
    h_0, c_0 = (zero, None) if start is None else start
    return h_0.reshape(zero.shape), zero if c_0 is None else c_0.reshape(zero.shape)


def _stored(stored: Tensor) -> Tensor:
    """Return the bands as ``[R, G, 1, H]``."""
    return stored if stored.dim() == 4 else stored.unsqueeze(0)
