"""A layer without autograd that runs as one of another connectivity."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.connectivity import Parameters
from rnnbench.kernels.disguise import Disguise
from rnnbench.kernels.fused_pass import FusedPass
from rnnbench.kernels.layer_pass import LayerGradients, LayerPass
from rnnbench.kernels.sweep import Sweep


class DisguisedPass(LayerPass):
    """Brings the weights over at every forward, since updates in place count from the next one on."""

    def __init__(
        self, sweep: Sweep, worn: Disguise, input_weight: Tensor, bias: Tensor | None, parameters: Parameters
    ) -> None:
        self._disguise = worn
        self._weight = input_weight.detach()
        self._bias = None if bias is None else bias.detach()
        self._parameters = {name: tensor.detach() for name, tensor in parameters.items()}
        self._leaves: Parameters = {}
        self._views: Parameters = {}
        there = (worn.weight(self._weight), worn.bias(self._bias), self._over())
        self._there = (there[0].clone(), None if there[1] is None else there[1].clone(), there[2])
        self._pass = FusedPass(sweep, worn.recurrence, *self._there)

    def forward(self, x: Tensor) -> Tensor:
        """Return the states; see :meth:`LayerPass.forward`."""
        weight, bias, recurrent = self._there
        weight.copy_(self._disguise.weight(self._weight))
        given = self._disguise.bias(self._bias)
        if bias is not None and given is not None:
            bias.copy_(given)
        for name, tensor in self._over().items():
            recurrent[name].copy_(tensor)
        states = self._pass.forward(x)
        order = self._disguise.order
        return states if order is None else states.index_select(-1, order.back)

    def backward(self, by_states: Tensor | None, by_last: Tensor | None, *, needs_x: bool) -> LayerGradients:
        """Return the gradients; see :meth:`LayerPass.backward`."""
        order, rows = self._disguise.order, self._disguise.rows
        if order is not None:
            by_states = None if by_states is None else by_states.index_select(-1, order.there)
            by_last = None if by_last is None else by_last.index_select(-1, order.there)
        found = self._pass.backward(by_states, by_last, needs_x=needs_x)
        recurrent = self._own_gradients(found.recurrent)
        if rows is None:
            return found._replace(recurrent=recurrent)
        return LayerGradients(
            found.x,
            found.weight.index_select(-2, rows.back),
            None if found.bias is None else found.bias.index_select(-1, rows.back),
            recurrent,
        )

    def _over(self) -> Parameters:
        """Return the recurrent weights there, without a graph; keep the graph for :meth:`_own_gradients`."""
        # Training steps run in inference mode, in which nothing is differentiable.
        with torch.inference_mode(False), torch.enable_grad():
            self._leaves = {name: tensor.requires_grad_() for name, tensor in self._parameters.items()}
            self._views = self._disguise.parameters(self._leaves)
        return {name: tensor.detach().clone() for name, tensor in self._views.items()}

    def _own_gradients(self, there: Parameters) -> Parameters:
        names = list(self._views)
        found = torch.autograd.grad(
            [self._views[name] for name in names], list(self._leaves.values()), [there[name] for name in names]
        )
        return dict(zip(self._leaves, found, strict=True))
