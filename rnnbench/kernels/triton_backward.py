"""The sweep backward of the Triton kernels, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Trace, WeightGradients, Weights
from rnnbench.kernels.triton_shapes import sequence, sequences, state
from rnnbench.kernels.triton_spans import Spans, span_steps
from rnnbench.kernels.triton_walk import Carried, Span, SpanWalk, Sums, UnitWalk

if TYPE_CHECKING:
    from rnnbench.kernels.triton_sweep import TritonSweep


class TritonBackward(BackwardSweep):
    """Carries gradients and sums from piece to piece in float32; what is stored in less rounds at the end."""

    def __init__(
        self, sweep: TritonSweep, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None
    ) -> None:
        self._sweep, self._given, self._shape = sweep, weights, shape
        self._walk, self._gates = sweep.walk, sweep.gates
        step = shape if len(shape) == 3 else (1, *shape)
        self._weights = recurrent = sweep.recurrent(weights, shape)
        through_u = weights.stored.new_zeros(step, dtype=torch.float32)
        past_u = through_u if sweep.gates == 1 else state(by_last_c, through_u, torch.float32).clone()
        walk, self._spans = self._walk, None
        if isinstance(walk, SpanWalk):
            length = span_steps(through_u.numel() * sweep.gates)
            self._spans = Spans(lambda span: walk.of_span(span, recurrent), steps, length)
        sums = walk.sums if isinstance(walk, UnitWalk) else 0
        self._carried = Carried(through_u, past_u, through_u.new_zeros(sums, *through_u.shape))

    def piece(self, first: int, gradient: Tensor, trace: Trace, before: State | None, dz: Tensor) -> None:
        """Sweep the steps of a piece; see :meth:`BackwardSweep.piece`."""
        if not gradient.is_contiguous():
            gradient = dz.copy_(gradient) if self._gates == 1 else gradient.contiguous()
        there, dz = sequences(trace), sequence(dz)
        known = self._sweep.state(before, there, dz.dtype)
        with torch.cuda.device_of(dz):  # type: ignore[no-untyped-call]  # Triton launches on the current device
            self._walk.backward(sequence(gradient), there, self._weights, known, self._carried, dz)
            if self._spans is not None:
                self._spans.take(first, Span(dz, there.h, there.gates if self._gates == 3 else None, known.h))

    def finish(self) -> WeightGradients:
        """Return the other gradients; see :meth:`BackwardSweep.finish`."""
        sums = self._summed_by_row() if self._spans is None else self._spans.sums()
        stored, bias = self._given.stored, self._given.bias
        initial = State(
            self._walk.by_state(self._carried, self._weights), self._carried.past_u if self._gates == 4 else None
        )
        return WeightGradients(
            sums.stored.to(stored.dtype).view_as(stored),
            None if bias is None or sums.bias is None else sums.bias.to(bias.dtype).view_as(bias),
            initial.map(lambda part: part.to(stored.dtype).view(self._shape)),
        )

    def _summed_by_row(self) -> Sums:
        """Return the sums of all rows of a replica."""
        total = self._carried.sums.sum(-2).transpose(0, 1)
        return Sums(total[:, : self._gates].contiguous(), total[:, 3] if self._gates == 3 else None)
