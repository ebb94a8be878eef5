"""A module with torch's weights and shapes around rnnbench's kernels: what RNN, LSTM and GRU have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnbench.cell import CELLS, CellName
from rnnbench.connectivity import Connectivity, Dense
from rnnbench.connectivity import Parameters as Recurrent
from rnnbench.kernels.dispatch import Selection, select
from rnnbench.kernels.gates import draw_gates
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.state import State
from rnnbench.suite.explain import explain
from rnnbench.suite.initialisation import FanIn
from rnnbench.suite.problem import written
from rnnbench.suite.schema import Parameters

WrittenConnectivity = str | Mapping[str, Any] | Connectivity
"""A connectivity as suites write it (``"banded(1,1)"``, ``{"banded": {"lower": 1, "upper": 1}}``), or its value."""


class RecurrentModule(nn.Module):
    """What RNN, LSTM and GRU have in common; see :class:`rnnbench.models.modules.RNN` for the arguments."""

    cell: ClassVar[CellName]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        nonlinearity: str,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        connectivity: WrittenConnectivity,
        kernel: str,
        recompute: int | None,
        device: torch.device | str | int | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        for name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
            if size < 1:
                raise ValueError(f"{name} is {size}: use 1 or more")
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout is {dropout}: it is a probability, 0 to 1")
        if recompute is not None and recompute < 1:
            raise ValueError(f"recompute is {recompute}: it is a number of time steps, or None to keep all states")
        self._checked = _parameters(
            connectivity=connectivity, kernel=kernel, activation=nonlinearity, hidden=hidden_size
        )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        self.nonlinearity, self.kernel, self.recompute = nonlinearity, kernel, recompute
        for layer, suffix in self._places():
            width = input_size if layer == 0 else hidden_size * self._directions
            for name, shape in self._shapes(width).items():
                self.register_parameter(name + suffix, nn.Parameter(torch.empty(shape, device=device, dtype=dtype)))
        self.reset_parameters()

    @property
    def connectivity(self) -> Connectivity:
        """Which entries of every gate's recurrent matrix may be non-zero."""
        return self._checked.connectivity

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _gates(self) -> int:
        return len(CELLS[self.cell].gates)

    def _places(self) -> Iterator[tuple[int, str]]:
        """Yield (layer, what its weights' names end in) of every layer and direction, in torch's order."""
        for layer in range(self.num_layers):
            for direction in ("", "_reverse")[: self._directions]:
                yield layer, f"_l{layer}{direction}"

    def _shapes(self, width: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the weights of one layer and direction that sees inputs of size ``width``."""
        rows = self._gates * self.hidden_size
        shapes = {"weight_ih": (rows, width), **self._recurrent_shapes()}
        return {**shapes, "bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else shapes

    def _recurrent_shapes(self) -> dict[str, tuple[int, ...]]:
        stored = self.connectivity.parameter_shapes(self.hidden_size)
        if isinstance(self.connectivity, Dense):
            return {"weight_hh": (self._gates * self.hidden_size, self.hidden_size)}
        gates = () if self._gates == 1 else (self._gates,)
        return {f"{name}_hh": (*gates, *shape) for name, shape in stored.items()}

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw the weights anew with torch's generator.

        All are uniform on +-1/sqrt(H) as torch's are, and for ``dense`` the same numbers; the recurrent weights of
        another connectivity are drawn as a suite's ``initialisation: fan_in`` does.
        """
        low, high = FanIn().bounds(self.hidden_size)
        dense = isinstance(self.connectivity, Dense)
        for _, suffix in self._places():
            for name in self._shapes(1):
                if dense or name not in self._recurrent_shapes():
                    nn.init.uniform_(self._weight(name, suffix), low, high)
            if not dense:
                self._draw_recurrent(suffix)

    def _draw_recurrent(self, suffix: str) -> None:
        generator = np.random.default_rng(int(torch.randint(2**63 - 1, ())))
        drawn = draw_gates(self.cell, lambda: self.connectivity.draw_fan_in(self.hidden_size, generator))
        for name, array in drawn.items():
            self._weight(f"{name}_hh", suffix).copy_(torch.from_numpy(np.ascontiguousarray(array)))

    def recurrent_matrix(self, layer: int = 0, *, reverse: bool = False) -> Tensor:
        """Return ``U`` of a layer ``[H, H]``, or of each gate ``[G, H, H]``, zeros where nothing is connected.

        It is differentiable in the stored weights.
        """
        return self.connectivity.to_dense(
            self._recurrent(f"_l{layer}{'_reverse' if reverse else ''}"), self.hidden_size
        )

    def selection(self, time_steps: int, batch: int, *, gradient: bool = True) -> Selection:
        """Return which kernel serves sequences of that shape, and why not the others."""
        return select(self._recurrence(self.input_size, time_steps, batch, gradient), self.kernel)

    def extra_repr(self) -> str:
        """Return the arguments that are not at their defaults."""
        said = [str(self.input_size), str(self.hidden_size), f"connectivity={self.connectivity.label()}"]
        for name, default in _DEFAULTS.items():
            value = getattr(self, name)
            if value != default:
                said.append(f"{name}={value}")
        return ", ".join(said)

    def _weight(self, name: str, suffix: str) -> nn.Parameter:
        weight: nn.Parameter = getattr(self, name + suffix)
        return weight

    def _recurrent(self, suffix: str) -> Recurrent:
        """Return the recurrent weights of a layer and direction in the form of the connectivity."""
        if isinstance(self.connectivity, Dense):
            gates = () if self._gates == 1 else (self._gates,)
            stacked = self._weight("weight_hh", suffix)
            return {"weight": stacked.view(*gates, self.hidden_size, self.hidden_size)}
        names = self.connectivity.parameter_shapes(self.hidden_size)
        return {name: self._weight(f"{name}_hh", suffix) for name in names}

    def _biases(self, suffix: str) -> tuple[Tensor | None, Recurrent]:
        """Return (what is added to W x, what is added inside the recurrence) out of torch's two biases."""
        if not self.bias:
            return None, {}
        outside, beside = self._weight("bias_ih", suffix), self._weight("bias_hh", suffix)
        if not CELLS[self.cell].recurrent_bias:
            return outside + beside, {}
        added, inside = beside[: 2 * self.hidden_size], beside[2 * self.hidden_size :]
        return outside + nn.functional.pad(added, (0, self.hidden_size)), {RECURRENT_BIAS: inside}

    def _recurrence(self, width: int, time_steps: int, batch: int, gradient: bool) -> Recurrence:
        """Return what is asked of a kernel; T and B count as the next power of two, so that few choices are made."""
        weight = self._weight("weight_ih", "_l0")
        return Recurrence(
            cell=self.cell,
            connectivity=self.connectivity,
            activation=self._checked.activation,
            input=width,
            hidden=self.hidden_size,
            bias=self.bias,
            time_steps=_power_of_two(time_steps),
            batch=_power_of_two(batch),
            replicas=None,
            dtype=str(weight.dtype).removeprefix("torch."),  # type: ignore[arg-type]  # kernels refuse others
            device=str(weight.device),
            scope="layer",
            gradient=gradient,
            recompute=self.recompute if gradient else None,
        )

    def run(self, inputs: Tensor, initial: tuple[Tensor, ...] | None) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the outputs, and the last state's tensors stacked over layers and directions, as torch does."""
        self._check_inputs(inputs)
        batched = inputs.dim() == 3
        x = inputs if batched else inputs.unsqueeze(1)
        if self.batch_first and batched:
            x = x.transpose(0, 1)
        states = self._initial_states(initial, x.shape[1], batched)
        x, last = self._run_layers(x, states)
        after = tuple(torch.stack(parts) for parts in zip(*last, strict=True))
        if not batched:
            return x.squeeze(1), tuple(part.squeeze(1) for part in after)
        return x.transpose(0, 1) if self.batch_first else x, after

    def _run_layers(self, x: Tensor, states: list[State] | None) -> tuple[Tensor, list[tuple[Tensor, ...]]]:
        last: list[tuple[Tensor, ...]] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = nn.functional.dropout(x, self.dropout, self.training)
            found = []
            for direction in range(self._directions):
                before = None if states is None else states[len(last)]
                h, after = self._sweep(layer, direction == 1, x, before)
                found.append(h)
                last.append(tuple(part for part in after if part is not None))
            x = found[0] if len(found) == 1 else torch.cat(found, dim=-1)
        return x, last

    def _sweep(self, layer: int, reverse: bool, x: Tensor, before: State | None) -> tuple[Tensor, State]:
        """Run one layer in one direction of time; its states are in the order of ``x``."""
        suffix = f"_l{layer}{'_reverse' if reverse else ''}"
        weight = self._weight("weight_ih", suffix)
        bias, inside = self._biases(suffix)
        recurrent = {**self._recurrent(suffix), **inside}
        tensors = [x, weight, *recurrent.values(), *(before or ())]
        gradient = torch.is_grad_enabled() and any(part is not None and part.requires_grad for part in tensors)
        recurrence = self._recurrence(weight.shape[1], x.shape[0], x.shape[1], gradient)
        kernel = select(recurrence, self.kernel).kernel
        h, after = kernel.layer(recurrence, x.flip(0) if reverse else x, weight, bias, recurrent, before)
        return h.flip(0) if reverse else h, after

    def _check_inputs(self, inputs: Tensor) -> None:
        if isinstance(inputs, PackedSequence):
            raise TypeError(
                f"{type(self).__name__} takes no PackedSequence: give it padded sequences (pad_packed_sequence), and "
                "leave what follows a sequence's end out of the loss"
            )
        if inputs.dim() not in (2, 3) or inputs.shape[-1] != self.input_size:
            order = "[B, T, I]" if self.batch_first else "[T, B, I]"
            raise ValueError(
                f"the input is {list(inputs.shape)}: expected {order}, or [T, I] for one sequence, with I = "
                f"{self.input_size}"
            )
        if 0 in inputs.shape:
            raise ValueError(f"the input is {list(inputs.shape)}: give at least one sequence of at least one step")
        self._check_like_weights("the input", inputs)

    def _check_like_weights(self, name: str, tensor: Tensor) -> None:
        weight = self._weight("weight_ih", "_l0")
        if tensor.dtype != weight.dtype or tensor.device != weight.device:
            raise ValueError(
                f"{name} is {tensor.dtype} on {tensor.device}, the weights are {weight.dtype} on {weight.device}: "
                "move one of them with .to()"
            )

    def _initial_states(self, initial: tuple[Tensor, ...] | None, batch: int, batched: bool) -> list[State] | None:
        """Return the state before the first step of every layer and direction; None: zero."""
        if initial is None:
            return None
        count = self.num_layers * self._directions
        expected = [count, batch, self.hidden_size] if batched else [count, self.hidden_size]
        for name, part in zip(("h_0", "c_0"), initial, strict=False):
            if list(part.shape) != expected:
                raise ValueError(f"{name} is {list(part.shape)}: expected {expected}")
            self._check_like_weights(name, part)
        given = [part if batched else part.unsqueeze(1) for part in initial]
        return [State(*(part[index] for part in given)) for index in range(count)]


_DEFAULTS = {
    "num_layers": 1,
    "nonlinearity": "tanh",
    "bias": True,
    "batch_first": False,
    "dropout": 0.0,
    "bidirectional": False,
    "kernel": "auto",
    "recompute": None,
}


def _parameters(**given: Any) -> Parameters:
    """Return a case's parameters out of arguments; what a suite would refuse is a ValueError in the same words."""
    try:
        parameters = Parameters.model_validate(given)
    except ValidationError as error:
        said = (f"{written(why.path)}: {why.message}" for why in explain(error, Parameters))
        raise ValueError("; ".join(said).replace("activation: ", "nonlinearity: ")) from error
    parameters.connectivity.check(parameters.hidden)
    return parameters


def _power_of_two(count: int) -> int:
    """Return the smallest power of two that is at least ``count``."""
    return 1 << (count - 1).bit_length()
