"""Sweeps as differentiable functions of torch: what is saved for backward, and who may overwrite what.

``states`` saves h alone. ``layer`` projects W x + b into one buffer, sweeps it in place and saves x, W and h; backward,
the gradient of W is one GEMM over all time.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from rnnbench.connectivity import Parameters
from rnnbench.kernels.arguments import checked, leading
from rnnbench.kernels.projection import project
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.rows import by_model, from_model
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Sweep

Gradients = tuple[Tensor | None, ...]


def states(
    sweep: Sweep, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None
) -> tuple[Tensor, State]:
    """Return the states and the last one; see :meth:`Kernel.states`."""
    z = checked("z", z, recurrence, ("T", *leading(recurrence), "B", recurrence.hidden))
    h, last = _States.apply(z, *_recurrent(recurrence, z, parameters, initial), sweep)  # type: ignore[no-untyped-call]
    return h, State(last)


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
    replicas, H, width = leading(recurrence), recurrence.hidden, recurrence.input
    x = checked("x", x, recurrence, ("T", *replicas, "B", width))
    weight = checked("input_weight", weight, recurrence, (*replicas, H, width))
    if bias is not None:
        bias = checked("bias", bias, recurrence, (*replicas, H))
    h, last = _Layer.apply(x, weight, bias, *_recurrent(recurrence, x, parameters, initial), sweep)  # type: ignore[no-untyped-call]
    return h, State(last)


def _recurrent(
    recurrence: Recurrence, sequence: Tensor, parameters: Parameters, initial: State | None
) -> tuple[Tensor, Tensor | None]:
    """Return the stored recurrent weights and h_0, checked against the ``sequence`` they will meet."""
    replicas = leading(recurrence)
    ((name, shape),) = recurrence.connectivity.parameter_shapes(recurrence.hidden).items()
    stored = checked(name, parameters[name], recurrence, (*replicas, *shape))
    if initial is None:
        return stored, None
    return stored, checked("initial.h", initial.h, recurrence, (*replicas, sequence.shape[-2], recurrence.hidden))


class _States(Function):
    @staticmethod
    def forward(ctx: Any, z: Tensor, stored: Tensor, initial: Tensor | None, sweep: Sweep) -> tuple[Tensor, Tensor]:
        return _forward(ctx, sweep, z, torch.empty_like(z), stored, initial, ())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> Gradients:
        dz, d_stored, d_initial = _backward(ctx, gradients)
        return dz, d_stored, d_initial, None


class _Layer(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, stored: Tensor, initial: Tensor | None, sweep: Sweep
    ) -> tuple[Tensor, Tensor]:
        z = project(x, weight, bias).contiguous()
        return _forward(ctx, sweep, z, z, stored, initial, (x, weight))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> Gradients:
        dz, d_stored, d_initial = _backward(ctx, gradients)
        x, weight = ctx.saved_tensors[3:]
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad[:3]
        rows = by_model(dz)
        return (
            from_model(rows @ weight, x) if needs_x else None,
            rows.mT @ by_model(x) if needs_weight else None,
            rows.sum(dim=-2) if needs_bias else None,
            d_stored,
            d_initial,
            None,
        )


def _forward(
    ctx: Any,
    sweep: Sweep,
    z: Tensor,
    h: Tensor,
    stored: Tensor,
    initial: Tensor | None,
    also_saved: tuple[Tensor, ...],
) -> tuple[Tensor, Tensor]:
    """Sweep from z to h, which may be one buffer, and return (h, the last state)."""
    if h.numel():
        sweep.forward(z, h, stored, initial)
    ctx.sweep = sweep
    ctx.save_for_backward(h, stored, initial, *also_saved)
    ctx.set_materialize_grads(False)
    if len(h):
        return h, h[-1].clone()
    return h, h.new_zeros(h.shape[1:]) if initial is None else initial.clone()


def _backward(ctx: Any, gradients: tuple[Tensor | None, ...]) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the gradients of z, of the stored weights and of h_0 (None if it was not given).

    Raises
    ------
    RuntimeError
        A derivative of the gradient is asked for.
    """
    if torch.is_grad_enabled():
        raise RuntimeError("the fused kernel has no second derivative (create_graph=True): use kernel 'eager'")
    h, stored, initial = ctx.saved_tensors[:3]
    by_states, by_last = gradients
    if not h.numel():
        through = by_last if by_last is not None and not len(h) else h.new_zeros(h.shape[1:])
        return torch.zeros_like(h), torch.zeros_like(stored), None if initial is None else through
    gradient = readable(by_states, by_last, h)
    dz = torch.empty_like(h)
    d_stored, d_initial = ctx.sweep.backward(gradient, h, stored, initial, dz)
    return dz, d_stored, None if initial is None else d_initial


def readable(by_states: Tensor | None, by_last: Tensor | None, h: Tensor) -> Tensor:
    """Return the whole gradient of h in a form that a sweep reads row by row.

    One number for all (the gradient of a sum) is not written out in full.
    """
    if by_states is None or by_last is not None:
        whole = torch.zeros_like(h) if by_states is None else by_states.clone(memory_format=torch.contiguous_format)
        if by_last is not None:
            whole[-1] += by_last
        return whole
    if not any(by_states.stride()):
        return by_states.as_strided((1,), (1,)).expand(h.shape[-1]).contiguous().expand(h.shape)
    return by_states.contiguous()
