"""``W x + b`` and its gradients, chunk by chunk of time, beside a sweep that takes or gives them while they are in the
caches. No tensor of T times G H numbers need exist."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnbench.kernels.projection import project
from rnnbench.kernels.rows import by_model, from_model
from rnnbench.phases import INPUT_GRADIENT, INPUT_PROJECTION, WEIGHT_GRADIENT, in_phase


class ProjectedDriver:
    """z of a piece, out of the chunks that it lies in, each of which is projected at once.

    Parameters
    ----------
    room
        Where z of all steps goes, or of one chunk, if that is all there is room for: then no piece lies in two.
    """

    def __init__(self, x: Tensor, weight: Tensor, bias: Tensor | None, chunk: int, room: Tensor) -> None:
        self._x, self._weight, self._bias = x, weight, bias
        self._steps = chunk
        self._room = room
        self._chunk = -1

    def __call__(self, first: int, last: int) -> Tensor:
        """Return z ``[t, *, B, G H]``."""
        for start in range(first - first % self._steps, last, self._steps):
            if start != self._chunk:
                x = self._x[start : start + self._steps]
                at = start % len(self._room)
                project_into(self._room[at : at + len(x)], x, self._weight, self._bias)
                self._chunk = start
        at = first % len(self._room)
        return self._room[at : at + last - first]


@in_phase(INPUT_PROJECTION)
def project_into(z: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    """Write ``x W^T + b`` to ``z``; shapes as in :func:`rnnbench.kernels.projection.project`."""
    if weight.dim() > 2:
        z.copy_(project(x, weight, bias))
    elif bias is None:
        torch.mm(by_model(x), weight.mT, out=by_model(z))
    else:
        torch.addmm(bias, by_model(x), weight.mT, out=by_model(z))


class ProjectionGradients:
    """The gradients of x, W and b, from those of z, chunk by chunk from the last to the first.

    Parameters
    ----------
    needs
        Which of the three are wanted.
    room
        Where the gradient of z goes, of all steps or of one chunk.
    """

    def __init__(self, x: Tensor, weight: Tensor, needs: tuple[bool, bool, bool], chunk: int, room: Tensor) -> None:
        self._x, self._weight = x, weight
        self._steps = chunk
        self._room = room
        self._left = len(x)
        # Of 16 bits, what is added to a large sum would be lost.
        summed = torch.float32 if weight.itemsize == 2 else weight.dtype
        self.x = torch.empty_like(x) if needs[0] else None
        self._by_weight = torch.zeros_like(weight, dtype=summed) if needs[1] else None
        self._by_bias = weight.new_zeros(weight.shape[:-1], dtype=summed) if needs[2] else None

    @property
    def weight(self) -> Tensor | None:
        """That of W, when all is done."""
        return None if self._by_weight is None else self._by_weight.to(self._weight.dtype)

    @property
    def bias(self) -> Tensor | None:
        """That of b, when all is done."""
        return None if self._by_bias is None else self._by_bias.to(self._weight.dtype)

    def room(self, first: int, last: int) -> Tensor:
        """Return where the gradient of z of a piece goes."""
        at = first % len(self._room)
        return self._room[at : at + last - first]

    def done(self, first: int) -> None:
        """Take notice that the gradient of z is there from step ``first`` on, and take what is a chunk."""
        complete = range(-(-first // self._steps) * self._steps, self._left, self._steps)
        for start in reversed(complete):
            self._add_to_weights(start)
            if self.x is not None:
                self._write_x(self.x, start)
            self._left = start

    @in_phase(WEIGHT_GRADIENT)
    def _add_to_weights(self, first: int) -> None:
        x = self._x[first : first + self._steps]
        at = first % len(self._room)
        dz = by_model(self._room[at : at + len(x)])
        total = self._by_weight
        if total is not None and total.dtype != dz.dtype:
            total += dz.mT @ by_model(x)
        elif total is not None:
            multiply = torch.addmm if self._weight.dim() == 2 else torch.baddbmm
            multiply(total, dz.mT, by_model(x), out=total)
        if self._by_bias is not None:
            self._by_bias += dz.sum(dim=-2, dtype=self._by_bias.dtype)

    @in_phase(INPUT_GRADIENT)
    def _write_x(self, by_x: Tensor, first: int) -> None:
        x = self._x[first : first + self._steps]
        at = first % len(self._room)
        dz = by_model(self._room[at : at + len(x)])
        if self._weight.dim() == 2:
            torch.mm(dz, self._weight, out=by_model(by_x[first : first + self._steps]))
        else:
            by_x[first : first + self._steps] = from_model(dz @ self._weight, x)
