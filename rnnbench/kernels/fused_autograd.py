"""Sweeps as differentiable functions of torch: what is saved for backward, and what is computed again.

rnn saves h alone; lstm and gru save their gates, and c or gru's ``U_n h + b_n``. With recompute, only the state at the
beginning of every segment is saved. ``layer`` projects W x + b and its gradients chunk by chunk, so that neither z nor
its gradient exists for all time steps, beyond what is saved.

Nothing writes into the gradient that comes in: autograd does not say who else holds it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function

from rnnbench.connectivity import Parameters
from rnnbench.kernels.arguments import checked, leading
from rnnbench.kernels.chunked_projection import ProjectedDriver, ProjectionGradients
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.run_backward import run_backward
from rnnbench.kernels.state import State, starting_state
from rnnbench.kernels.sweep import Sweep, Trace, WeightGradients, Weights
from rnnbench.kernels.traces import Driver, Job, Kept, Replayed, Traces, run_forward

Gradients = tuple[Tensor | None, ...]


class _Recurrent(NamedTuple):
    """The tensors of a recurrence beside its sequence, as autograd sees them."""

    stored: Tensor
    bias: Tensor | None
    h: Tensor | None
    c: Tensor | None

    def job(
        self, sweep: Sweep, recurrence: Recurrence, steps: int, shape: tuple[int, ...], *, projected: bool = False
    ) -> Job:
        """Return the sweep over ``steps`` time steps of states of ``shape``."""
        start = None if self.h is None else State(self.h, self.c)
        return Job(sweep, recurrence, Weights(self.stored, self.bias), start, steps, shape, projected)


def states(
    sweep: Sweep, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None
) -> tuple[Tensor, State]:
    """Return the states and the last one; see :meth:`Kernel.states`."""
    z = checked("z", z, recurrence, ("T", *leading(recurrence), "B", recurrence.gates * recurrence.hidden))
    recurrent = _recurrent(recurrence, z, parameters, initial)
    h, *last = _States.apply(z, *recurrent, sweep, recurrence)  # type: ignore[no-untyped-call]
    return h, State(*last)


def layer(
    sweep: Sweep,
    recurrence: Recurrence,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    parameters: Parameters,
    initial: State | None,
) -> tuple[Tensor, State]:
    """Return the states and the last one; see :meth:`Kernel.layer`."""
    replicas, rows, width = leading(recurrence), recurrence.gates * recurrence.hidden, recurrence.input
    x = checked("x", x, recurrence, ("T", *replicas, "B", width))
    weight = checked("input_weight", weight, recurrence, (*replicas, rows, width))
    if bias is not None:
        bias = checked("bias", bias, recurrence, (*replicas, rows))
    recurrent = _recurrent(recurrence, x, parameters, initial)
    h, *last = _Layer.apply(x, weight, bias, *recurrent, sweep, recurrence)  # type: ignore[no-untyped-call]
    return h, State(*last)


def _recurrent(recurrence: Recurrence, sequence: Tensor, parameters: Parameters, initial: State | None) -> _Recurrent:
    """Return the recurrent weights and the initial state, checked against the ``sequence`` they will meet."""
    replicas, hidden = leading(recurrence), recurrence.hidden
    gates = () if recurrence.gates == 1 else (recurrence.gates,)
    ((name, shape),) = recurrence.connectivity.parameter_shapes(hidden).items()
    stored = checked(name, parameters[name], recurrence, (*replicas, *gates, *shape))
    bias = None
    if recurrence.recurrent_bias:
        bias = checked(RECURRENT_BIAS, parameters[RECURRENT_BIAS], recurrence, (*replicas, hidden))
    if initial is None:
        return _Recurrent(stored, bias, None, None)
    state = (*replicas, sequence.shape[-2], hidden)
    h = checked("initial.h", initial.h, recurrence, state)
    if recurrence.cell != "lstm" or initial.c is None:
        return _Recurrent(stored, bias, h, None)
    return _Recurrent(stored, bias, h, checked("initial.c", initial.c, recurrence, state))


class _States(Function):
    @staticmethod
    def forward(
        ctx: Any,
        z: Tensor,
        stored: Tensor,
        bias: Tensor | None,
        h: Tensor | None,
        c: Tensor | None,
        sweep: Sweep,
        recurrence: Recurrence,
    ) -> tuple[Tensor, ...]:
        recurrent = _Recurrent(stored, bias, h, c)
        job = recurrent.job(sweep, recurrence, len(z), (*z.shape[1:-1], recurrence.hidden))
        also_saved = () if recurrence.recompute is None else (z,)
        return _forward(ctx, job, lambda first, last: z[first:last], _room(ctx, job, z), recurrent, also_saved)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> Gradients:
        job, recurrent, traces, also_saved = _begin(ctx)
        dz = recurrent.stored.new_empty(job.steps, *job.gates_shape)
        found = run_backward(
            job,
            traces(lambda: lambda first, last: also_saved[0][first:last]),
            gradients,
            room=lambda first, last: dz[first:last],
        )
        return dz, *_returned(recurrent, found), None, None


class _Layer(Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        input_bias: Tensor | None,
        stored: Tensor,
        bias: Tensor | None,
        h: Tensor | None,
        c: Tensor | None,
        sweep: Sweep,
        recurrence: Recurrence,
    ) -> tuple[Tensor, ...]:
        recurrent = _Recurrent(stored, bias, h, c)
        job = recurrent.job(sweep, recurrence, len(x), (*x.shape[1:-1], recurrence.hidden), projected=True)
        room = _room(ctx, job, x)
        # z is written where the sweep will replace it: by the gates, or by h.
        driver = ProjectedDriver(x, weight, input_bias, job.chunk, room.h if room.gates is None else room.gates)
        also_saved = (x, weight) if recurrence.recompute is None or input_bias is None else (x, weight, input_bias)
        return _forward(ctx, job, driver, room, recurrent, also_saved)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> Gradients:
        job, recurrent, traces, (x, weight, *input_bias) = _begin(ctx)
        dz = x.new_empty(job.longest_piece, *job.gates_shape)
        projection = ProjectionGradients(x, weight, ctx.needs_input_grad[:3], job.chunk, dz)

        def driver() -> Driver:
            room = x.new_empty(job.longest_piece, *job.gates_shape)
            return ProjectedDriver(x, weight, input_bias[0] if input_bias else None, job.chunk, room)

        found = run_backward(job, traces(driver), gradients, room=projection.room, done=projection.done)
        return projection.x, projection.weight, projection.bias, *_returned(recurrent, found), None, None


def _room(ctx: Any, job: Job, like: Tensor) -> Trace:
    """Return memory for all states, and for the rest of the trace of all steps if backward will read it."""
    keep = any(ctx.needs_input_grad) and job.recurrence.recompute is None
    return job.room(job.steps, like, job.steps if keep else job.longest_piece)


def _forward(
    ctx: Any, job: Job, driver: Driver, room: Trace, recurrent: _Recurrent, also_saved: tuple[Tensor, ...]
) -> tuple[Tensor, ...]:
    """Sweep, save what backward needs, and return (h, the tensors of the last state)."""
    if room.h.numel():
        last, boundaries = run_forward(job, driver, room)
    else:
        last, boundaries = starting_state(job.recurrence, room.h, job.start).map(torch.clone), room.h
    ctx.sweep, ctx.recurrence, ctx.steps, ctx.shape = job.sweep, job.recurrence, job.steps, job.shape
    ctx.projected = job.projected
    kept: tuple[Tensor | None, ...] = room if job.recurrence.recompute is None else (boundaries, None, None)
    ctx.save_for_backward(*recurrent, *kept, *also_saved)
    ctx.set_materialize_grads(False)
    return room.h, *(part for part in last if part is not None)


def _begin(
    ctx: Any,
) -> tuple[Job, _Recurrent, Callable[[Callable[[], Driver]], Traces], tuple[Tensor, ...]]:
    """Return (the job, its tensors, what makes its traces when it is told what makes z, what else was saved).

    Raises
    ------
    RuntimeError
        A derivative of the gradient is asked for.
    """
    if torch.is_grad_enabled():
        raise RuntimeError("the fused kernel has no second derivative (create_graph=True): use kernel 'eager'")
    saved = ctx.saved_tensors
    recurrent, (h, gates, inner), also_saved = _Recurrent(*saved[:4]), saved[4:7], saved[7:]
    job = recurrent.job(ctx.sweep, ctx.recurrence, ctx.steps, ctx.shape, projected=ctx.projected)

    def traces(driver: Callable[[], Driver]) -> Traces:
        if job.recurrence.recompute is None:
            return Kept(job, Trace(h, gates, inner))
        return Replayed(job, h, driver())

    return job, recurrent, traces, also_saved


def _returned(recurrent: _Recurrent, found: WeightGradients) -> Gradients:
    """Return the gradients of the stored weights, the recurrent bias, h_0 and c_0, as far as these were given."""
    h = None if recurrent.h is None else found.initial.h
    return found.stored, found.bias, h, None if recurrent.c is None else found.initial.c
