"""A recurrence as one of another connectivity that kernels know: its tensors there, and what comes of them back.

The weights go through :meth:`Connectivity.in_guise`. Where the units stand in another order there, z is reordered once
before all time steps, and h once after them; W and b in its place where there are any, which are smaller.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function

from rnnbench.connectivity import Parameters
from rnnbench.kernels.arguments import checked, leading
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.state import State


class Disguise:
    """The way there and back of one recurrence.

    Attributes
    ----------
    recurrence
        The one to run.
    order
        Which unit stands at each place there, and at which place each unit stands; None: all stay in place.
    rows
        The same for the G H rows of all gates.
    """

    def __init__(self, recurrence: Recurrence) -> None:
        guise = recurrence.connectivity.guise(recurrence.hidden)
        self._worn = recurrence
        self.recurrence = recurrence if guise is None else replace(recurrence, connectivity=guise.connectivity)
        self.order: Order | None = None
        self.rows: Order | None = None
        if guise is not None and guise.order is not None:
            gates = recurrence.hidden * np.arange(recurrence.gates)[:, None]
            self.order = Order(guise.order, recurrence.device)
            self.rows = Order((gates + guise.order).reshape(-1), recurrence.device)

    @property
    def remark(self) -> str:
        """What the recurrence runs as; nothing if as itself."""
        if self.recurrence is self._worn:
            return ""
        return f"as {self.recurrence.connectivity.label()}{' of reordered units' if self.order else ''}"

    def parameters(self, parameters: Parameters) -> Parameters:
        """Return the recurrent weights there."""
        if self.recurrence is self._worn:
            return parameters
        own = {name: tensor for name, tensor in parameters.items() if name != RECURRENT_BIAS}
        there = self._worn.connectivity.in_guise(own, self._worn.hidden)
        if RECURRENT_BIAS in parameters:
            there = {**there, RECURRENT_BIAS: self._there(parameters[RECURRENT_BIAS], self.order)}
        return there

    def sequence(self, z: Tensor) -> Tensor:
        """Return z ``[T, *, B, G H]`` there."""
        if self.rows is not None:
            worn = self._worn
            z = checked("z", z, worn, ("T", *leading(worn), "B", worn.gates * worn.hidden))
        return self._there(z, self.rows)

    def weight(self, weight: Tensor) -> Tensor:
        """Return W ``[*, G H, I]`` there."""
        if self.rows is None:
            return weight
        worn = self._worn
        weight = checked("input_weight", weight, worn, (*leading(worn), worn.gates * worn.hidden, worn.input))
        return weight.index_select(-2, self.rows.there)

    def bias(self, bias: Tensor | None) -> Tensor | None:
        """Return b ``[*, G H]`` there."""
        return None if bias is None else self._there(bias, self.rows)

    def state(self, state: State | None) -> State | None:
        """Return a state there."""
        return None if state is None else state.map(lambda part: self._there(part, self.order))

    def back(self, states: Tensor, last: State) -> tuple[Tensor, State]:
        """Return what a kernel gave, its units in their own order."""
        order = self.order
        if order is None:
            return states, last
        return order.back_of(states), last.map(order.back_of)

    @staticmethod
    def _there(tensor: Tensor, order: Order | None) -> Tensor:
        return tensor if order is None else order.there_of(tensor)


class Order:
    """A permutation of the last dimension, on one device."""

    def __init__(self, order: np.ndarray, device: str) -> None:
        self.there = torch.from_numpy(order.copy()).to(device)
        self.back = torch.from_numpy(np.argsort(order)).to(device)

    def there_of(self, tensor: Tensor) -> Tensor:
        """Return ``tensor`` with ``there[i]`` at place i."""
        reordered: Tensor = _Reordered.apply(tensor, self.there, self.back)  # type: ignore[no-untyped-call]
        return reordered

    def back_of(self, tensor: Tensor) -> Tensor:
        """Undo :meth:`there_of`."""
        reordered: Tensor = _Reordered.apply(tensor, self.back, self.there)  # type: ignore[no-untyped-call]
        return reordered


class _Reordered(Function):
    """A reordering whose gradient is one, too: autograd's own adds element by element, as if places could repeat."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, places: Tensor, inverse: Tensor) -> Tensor:
        ctx.save_for_backward(inverse, places)
        return tensor.index_select(-1, places)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        if not any(gradient.stride()):  # one number for all: the gradient of a sum
            return gradient, None, None
        reordered: Tensor = _Reordered.apply(gradient, *ctx.saved_tensors)  # type: ignore[no-untyped-call]
        return reordered, None, None


@lru_cache(maxsize=256)
def disguise(recurrence: Recurrence) -> Disguise:
    """Return the disguise of a recurrence; of one without, the recurrence itself and nothing to do."""
    return Disguise(recurrence)
