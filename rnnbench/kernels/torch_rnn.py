"""nn.RNN, nn.LSTM and nn.GRU: what a user would pick instead. They compute W x themselves and are dense."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.connectivity import Dense, Parameters
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.state import State, starting_state


class TorchKernel(Kernel):
    """One layer of torch's module (its functional form, so that the caller's parameters are used as they are)."""

    name = "torch"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve what the module can: a dense layer, one model, for cell rnn with tanh or relu."""
        module = f"nn.{recurrence.cell.upper()}"
        if not isinstance(recurrence.connectivity, Dense):
            return Support(False, f"{module} is dense, not {recurrence.connectivity.label()}")
        if recurrence.cell == "rnn" and recurrence.activation not in _ELMAN:
            return Support(False, f"{module} has tanh and relu, not {recurrence.activation}")
        if recurrence.scope == "recurrence":
            return Support(False, f"{module} always computes W x: it has no scope 'recurrence'")
        if recurrence.replicas is not None:
            return Support(False, f"{module} has no replica dimension")
        return YES

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Raise: torch's modules cannot be given z."""
        raise ValueError(self.supports(recurrence).reason)

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: State | None = None,
    ) -> tuple[Tensor, State]:
        """Return the states of one layer of the module and its last state."""
        weights = [input_weight, parameters["weight"].reshape(-1, recurrence.hidden)]
        if bias is not None:
            weights += [bias, _second_bias(recurrence, bias, parameters)]
        # cuDNN can only go backward through a call that was told it is training.
        options = (bias is not None, 1, 0.0, recurrence.gradient, False, False)
        start = starting_state(recurrence, x, initial).map(lambda part: part.unsqueeze(0))
        if start.c is not None:
            states, h, c = torch.lstm(x, (start.h, start.c), weights, *options)
            return states, State(h[0], c[0])
        run = torch.gru if recurrence.cell == "gru" else _ELMAN[recurrence.activation]
        states, h = run(x, start.h, weights, *options)
        return states, State(h[0])


_ELMAN = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}


def _second_bias(recurrence: Recurrence, bias: Tensor, parameters: Parameters) -> Tensor:
    """Return the module's bias beside ``U h``: zero but for gru's gate n, since the rest is in ``b``."""
    if not recurrence.recurrent_bias:
        return torch.zeros_like(bias)
    inside = parameters[RECURRENT_BIAS]
    return torch.cat((inside.new_zeros(2 * recurrence.hidden), inside))
