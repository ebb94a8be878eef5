"""The model of a case: recurrent layers and a readout, for one model or for replicas side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnnbench.connectivity import Connectivity
from rnnbench.kernels.dispatch import Selection, select
from rnnbench.kernels.projection import project
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State
from rnnbench.models.weights import LayerWeights, Weights
from rnnbench.suite.schema import Parameters


class RecurrentLayer(nn.Module):
    """``W x_t + b`` and a cell's recurrence, with ``U`` of a connectivity, run by a selected kernel.

    Parameters
    ----------
    recurrence
        What the layer computes; its shape (T, B) is nominal, tensors decide.
    asked
        The suite's ``kernel``.
    """

    def __init__(self, recurrence: Recurrence, weights: LayerWeights, asked: str) -> None:
        super().__init__()
        self.recurrence = recurrence
        self.selection: Selection = select(recurrence, asked)
        self.input_weight = _parameter(weights.input, recurrence)
        self.bias = None if weights.bias is None else _parameter(weights.bias, recurrence)
        self.recurrent = nn.ParameterDict(
            {name: _parameter(array, recurrence) for name, array in weights.recurrent.items()}
        )

    @property
    def connectivity(self) -> Connectivity:
        """The structure of ``U``."""
        return self.recurrence.connectivity

    def forward(self, x: Tensor) -> Tensor:
        """Return the states ``[T, *, B, H]`` for inputs ``[T, *, B, I]``, from a zero state."""
        states, _ = self.run(x, None)
        return states

    def run(self, x: Tensor, states: Sequence[State] | None) -> tuple[Tensor, list[State]]:
        """Return the states of a piece of a sequence and the last one, from the state before it (None: zero)."""
        before = None if states is None else states[0]
        outputs, last = self.selection.kernel.layer(
            self.recurrence, x, self.input_weight, self.bias, dict(self.recurrent.items()), before
        )
        return outputs, [last]

    def recur(self, z: Tensor) -> Tensor:
        """Return the states for ``z = W x + b`` given, ``[T, *, B, G H]`` with G gates."""
        states, _ = self.selection.kernel.states(self.recurrence, z, dict(self.recurrent.items()))
        return states

    def recurrent_matrix(self) -> Tensor:
        """Return ``U`` ``[*, H, H]``, or of every gate ``[*, G, H, H]``."""
        return self.connectivity.to_dense(dict(self.recurrent.items()), self.recurrence.hidden)


class Network(nn.Module):
    """Stacked recurrent layers (dense between them) and a linear readout.

    Parameters
    ----------
    last_only
        Whether the readout is of the last step alone, or of every step.
    """

    def __init__(self, layers: list[RecurrentLayer], weights: Weights, *, last_only: bool = False) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.last_only = last_only
        first = layers[0].recurrence
        self.readout = _parameter(weights.readout, first)
        self.readout_bias = None if weights.readout_bias is None else _parameter(weights.readout_bias, first)

    def forward(self, x: Tensor) -> Tensor:
        """Return the readout ``[T, *, B, O]``, or ``[1, *, B, O]`` of the last step alone.

        Parameters
        ----------
        x
            Inputs ``[T, *, B, I]``, or symbols below I, ``[T, *, B, 1]`` unsigned integers, for their one-hot vectors.
        """
        readout, _ = self.run(x, None)
        return readout

    def run(self, x: Tensor, states: Sequence[State] | None) -> tuple[Tensor, list[State]]:
        """Return the readout of a piece of a sequence and every layer's last state, from the states before it."""
        if not x.is_floating_point():
            x = one_hot(x.squeeze(-1), self.first_layer().input_weight)
        after = []
        for index, layer in enumerate(self.layers):
            assert isinstance(layer, RecurrentLayer)  # noqa: S101 - tells the type checker
            x, (last,) = layer.run(x, None if states is None else [states[index]])
            after.append(last)
        # The last state by itself: through the states of all steps its gradient would be as long as the sequence.
        return self.read(after[-1].h.unsqueeze(0) if self.last_only else x), after

    def read(self, states: Tensor) -> Tensor:
        """Return the readout of the last layer's states ``[T, *, B, H]``: of every step, or of the last alone."""
        return project(states[-1:] if self.last_only else states, self.readout, self.readout_bias)

    def weights_of(self, replica: int) -> Weights:
        """Return the weights that one of several replicas has now."""

        def array(parameter: Tensor) -> np.ndarray:
            own: np.ndarray = parameter.detach()[replica].double().cpu().numpy()
            return own

        layers = []
        for layer in self.layers:
            assert isinstance(layer, RecurrentLayer)  # noqa: S101 - tells the type checker
            recurrent = {name: array(parameter) for name, parameter in layer.recurrent.items()}
            bias = None if layer.bias is None else array(layer.bias)
            layers.append(LayerWeights(array(layer.input_weight), recurrent, bias))
        bias = None if self.readout_bias is None else array(self.readout_bias)
        return Weights(tuple(layers), array(self.readout), bias)

    def first_layer(self) -> RecurrentLayer:
        """Return the layer that sees the input."""
        layer = self.layers[0]
        assert isinstance(layer, RecurrentLayer)  # noqa: S101 - tells the type checker
        return layer


def build(
    parameters: Parameters,
    weights: Weights,
    *,
    device: str,
    time_steps: int,
    batch: int,
    replicas: int | None = None,
    scope: str = "layer",
    gradient: bool = True,
) -> Network:
    """Return the network of a case with the given initial weights.

    Parameters
    ----------
    device
        Resolved (``cpu``, ``cuda:0``).
    scope
        ``recurrence`` where :meth:`RecurrentLayer.recur` will be called, else ``layer``.

    Raises
    ------
    rnnbench.kernels.dispatch.KernelUnavailable
        The kernel asked for cannot serve.
    """
    layers = []
    for index, layer_weights in enumerate(weights.layers):
        recurrence = Recurrence(
            cell=parameters.cell,
            connectivity=parameters.connectivity,
            activation=parameters.activation,
            input=parameters.input_size if index == 0 else parameters.hidden,
            hidden=parameters.hidden,
            bias=parameters.bias,
            time_steps=time_steps,
            batch=batch,
            replicas=replicas,
            dtype=parameters.dtype,
            device=device,
            scope="recurrence" if scope == "recurrence" else "layer",
            gradient=gradient,
            recompute=parameters.recompute.segment_steps(time_steps) if gradient else None,
        )
        layers.append(RecurrentLayer(recurrence, layer_weights, parameters.kernel))
    return Network(layers, weights, last_only=parameters.task is not None and parameters.task.last_only)


def one_hot(symbols: Tensor, input_weight: Tensor) -> Tensor:
    """Return the vectors ``[..., I]`` of symbols ``[...]``, in the dtype of ``W`` ``[*, G H, I]``."""
    size = input_weight.shape[-1]
    vectors = torch.eye(size, dtype=input_weight.dtype, device=input_weight.device)
    return vectors.index_select(0, symbols.reshape(-1).int()).view(*symbols.shape, size)


def _parameter(array: np.ndarray, recurrence: Recurrence) -> nn.Parameter:
    # Not torch.tensor: of an array without elements it takes NumPy's strides, zeros, which no gradient has.
    values = torch.empty(array.shape, dtype=getattr(torch, recurrence.dtype), device=recurrence.device)
    return nn.Parameter(values.copy_(torch.from_numpy(np.ascontiguousarray(array))))
