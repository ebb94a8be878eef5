"""nn.RNN: what a user would pick instead. It computes W x itself and knows dense recurrences only."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.connectivity import Dense, Parameters
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.recurrence import Recurrence


class TorchKernel(Kernel):
    """One layer of ``torch.nn.RNN`` (its functional form, so that the caller's parameters are used as they are)."""

    name = "torch"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve what nn.RNN can: a dense tanh or relu layer, one model."""
        if not isinstance(recurrence.connectivity, Dense):
            return Support(False, f"nn.RNN is dense, not {recurrence.connectivity.label()}")
        if recurrence.activation not in ("tanh", "relu"):
            return Support(False, f"nn.RNN has tanh and relu, not {recurrence.activation}")
        if recurrence.scope == "recurrence":
            return Support(False, "nn.RNN always computes W x: it has no scope 'recurrence'")
        if recurrence.replicas is not None:
            return Support(False, "nn.RNN has no replica dimension")
        return YES

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: Tensor | None = None
    ) -> Tensor:
        """Raise: nn.RNN cannot be given z."""
        raise ValueError(self.supports(recurrence).reason)

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: Tensor | None = None,
    ) -> Tensor:
        """Return the states of one nn.RNN layer; its second bias is absent (zero)."""
        run = torch.rnn_tanh if recurrence.activation == "tanh" else torch.rnn_relu
        weights = [input_weight, parameters["weight"]]
        if bias is not None:
            weights += [bias, torch.zeros_like(bias)]
        if initial is None:
            initial = x.new_zeros(x.shape[1], recurrence.hidden)
        states, _ = run(x, initial.unsqueeze(0), weights, bias is not None, 1, 0.0, False, False, False)
        return states
