"""One sweep backward over a whole sequence, piece by piece, whoever asks for it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import WeightGradients
from rnnbench.kernels.traces import Job, Traces
from rnnbench.phases import RECURRENCE_BACKWARD, in_phase


@in_phase(RECURRENCE_BACKWARD)
def run_backward(
    job: Job,
    traces: Traces,
    gradients: tuple[Tensor | None, ...],
    room: Callable[[int, int], Tensor],
    done: Callable[[int], None] = lambda _: None,
) -> WeightGradients:
    """Sweep backward, piece by piece, and return the gradients of the weights and of the initial state.

    ``room`` says where the gradient of z of a piece goes; ``done`` is told when it is there.
    """
    by_states, by_h, by_c = (*gradients, None)[:3]
    stored, bias = job.weights.stored, job.weights.bias
    if not job.steps or 0 in job.shape:
        by_last = State(*(stored.new_zeros(job.shape) if part is None else part for part in (by_h, by_c)))
        return WeightGradients(torch.zeros_like(stored), None if bias is None else torch.zeros_like(bias), by_last)
    # A sum's gradient is one number for all: a sweep reads memory.
    sweep = job.sweep.backward(job.weights, job.steps, job.shape, None if by_c is None else by_c.contiguous())
    for first, last in reversed(_cuts(job, apart=by_h is not None)):
        trace, before = traces.read(first, last)
        gradient = readable(by_states, by_h if last == job.steps else None, trace.h, first)
        sweep.piece(first, gradient, trace, before, room(first, last))
        done(first)
    return sweep.finish()


def _cuts(job: Job, *, apart: bool) -> list[tuple[int, int]]:
    """Return the pieces in the order of time; with ``apart`` the last step is one, where a sweep may stop anywhere.

    The gradient of the last state alone is then as long as that step (or the few that are not parted), and not as a
    piece.
    """
    *pieces, (first, last) = job.cuts(0, job.steps)
    edge = (last - 1) // job.sweep.grain * job.sweep.grain
    if apart and job.sweep.seamless and edge > first:
        return [*pieces, (first, edge), (edge, last)]
    return [*pieces, (first, last)]


def readable(by_states: Tensor | None, by_last: Tensor | None, h: Tensor, first: int) -> Tensor:
    """Return the gradient of a piece's ``h`` in a form that a sweep reads row by row: contiguous, or one row for all.

    One number for all (the gradient of a sum) is not written out in full.
    """
    piece = None if by_states is None else by_states[first : first + len(h)]
    if by_last is not None:
        whole = torch.zeros_like(h) if piece is None else piece.clone(memory_format=torch.contiguous_format)
        whole[-1] += by_last
        return whole
    if piece is None:
        return h.new_zeros(h.shape[-1]).expand(h.shape)
    if not any(piece.stride()):
        return piece.as_strided((1,), (1,)).expand(h.shape[-1]).contiguous().expand(h.shape)
    return piece.contiguous()
