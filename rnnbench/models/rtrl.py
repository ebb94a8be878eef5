"""Real-time recurrent learning of one diagonal layer: the exact gradient, forward in time, in constant memory.

What a weight did to a state is carried along instead of what happened: ``P_t = dh_t / dw = f'(a_t) (u P_{t-1} + e_t)``,
with e_t = h_{t-1} for u, x_t for W, 1 for b (Williams and Zipser, Neural Computation 1, 1989). In general that is a
number for every pair of a unit and a weight. Where units feed only themselves, only a unit's own weights touch it:
B H (I + 2) numbers, which is why a diagonal layer alone can be learnt like this.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnbench.kernels.pieces import spans
from rnnbench.kernels.state import State
from rnnbench.models.network import Network, RecurrentLayer
from rnnbench.models.streaming import Inputs, Loss

SEGMENT = 64
"""Steps whose inputs, states and readouts exist at a time."""

_DERIVATIVES: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": lambda h: 1 - h * h,
    "sigmoid": lambda h: h * (1 - h),
    "relu": lambda h: (h > 0).to(h.dtype),
    "identity": torch.ones_like,
}
"""f'(a) by h = f(a)."""


def accumulate_gradients(module: Network | RecurrentLayer, inputs: Inputs, loss: Loss, steps: int) -> Tensor:
    """Do what :func:`rnnbench.models.streaming.accumulate_gradients` does, for one diagonal layer of cell rnn.

    Raises
    ------
    ValueError
        No segment has a loss.
    """
    layer = module.first_layer() if isinstance(module, Network) else module
    total: Tensor | None = None
    influence: _Influence | None = None
    state: State | None = None
    for first, last in spans(0, steps, SEGMENT):
        x = inputs(first, last)
        with torch.no_grad():
            h, (after,) = layer.run(x, None if state is None else [state])
        if influence is None:
            influence = _Influence(layer, h[0])
        by_h = h.clone().requires_grad_()
        outputs = module.read(by_h) if isinstance(module, Network) else by_h
        value = loss(first, last, outputs)
        if value is not None:
            torch.autograd.backward(value)
            total = value.detach() if total is None else total + value.detach()
        influence.advance(x, h, None if state is None else state.h, by_h.grad)
        state = after
    if total is None or influence is None:
        raise ValueError("no segment has a loss")
    influence.add_to_weights()
    return total


class _Influence:
    """``dh/du``, ``dh/db`` ``[*, B, H]`` and ``dh/dW`` ``[*, H, B, I]`` at one time step, and the gradients so far.

    Everything that a step needs is there from the start: what a step allocated and gave back would, over many steps,
    let the process grow.
    """

    def __init__(self, layer: RecurrentLayer, like: Tensor) -> None:
        self._layer = layer
        self._u = layer.recurrent["bands"].detach()  # [*, 1, H]: broadcasts over the batch
        self._derivative = _DERIVATIVES[layer.recurrence.activation]
        self._by_u, self._by_b, self._passed = torch.zeros_like(like), torch.zeros_like(like), torch.empty_like(like)
        self._scaled = torch.empty_like(like)
        size = layer.input_weight.shape[-1]
        self._by_weight = like.new_zeros(*like.shape[:-2], like.shape[-1], like.shape[-2], size)
        self._d_u = torch.zeros_like(self._u)
        self._d_weight = torch.zeros_like(layer.input_weight)
        self._d_bias = None if layer.bias is None else torch.zeros_like(layer.bias)

    def advance(self, x: Tensor, h: Tensor, before: Tensor | None, by_h: Tensor | None) -> None:
        """Go through the steps of a segment; ``by_h`` is what its own loss says of its states (None: nothing)."""
        with torch.no_grad():
            slopes = self._derivative(h)
            for t, (x_t, h_t, slope) in enumerate(zip(x.unbind(0), h.unbind(0), slopes.unbind(0), strict=True)):
                torch.mul(slope, self._u, out=self._passed)
                self._by_u.mul_(self._passed)
                if before is not None:
                    self._by_u.addcmul_(slope, before)
                self._by_b.mul_(self._passed).add_(slope)
                self._by_weight.mul_(_per_unit(self._passed)).addcmul_(_per_unit(slope), x_t.unsqueeze(-3))
                if by_h is not None:
                    self._learn(by_h[t])
                before = h_t

    def _learn(self, by_h: Tensor) -> None:
        self._d_u += torch.mul(by_h, self._by_u, out=self._scaled).sum(dim=-2, keepdim=True)
        B, size = self._by_weight.shape[-2:]
        sums = self._d_weight.view(-1, 1, size)
        sums.baddbmm_(by_h.transpose(-1, -2).reshape(-1, 1, B), self._by_weight.view(-1, B, size))
        if self._d_bias is not None:
            self._d_bias += torch.mul(by_h, self._by_b, out=self._scaled).sum(dim=-2)

    def add_to_weights(self) -> None:
        """Add the gradients to ``.grad`` of the layer's weights."""
        found = [(self._layer.recurrent["bands"], self._d_u), (self._layer.input_weight, self._d_weight)]
        if self._layer.bias is not None and self._d_bias is not None:
            found.append((self._layer.bias, self._d_bias))
        for weight, gradient in found:
            weight.grad = gradient if weight.grad is None else weight.grad + gradient


def _per_unit(values: Tensor) -> Tensor:
    """Return ``[*, H, B, 1]`` for ``[*, B, H]``."""
    return values.transpose(-1, -2).unsqueeze(-1)
