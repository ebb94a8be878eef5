"""All weights of a network side by side in one tensor, so that an update is one operation for all of them."""

from __future__ import annotations

from torch import Tensor, nn

from rnnbench.models.network import Network

_APART = 16
"""Weights begin at multiples of so many numbers: at a cache line, as memory of their own would."""


class FlatWeights:
    """Moves the weights of a network, and their gradients, into one tensor each.

    From then on every weight is a view of ``values`` and its ``grad``, to be written in place, one of ``values.grad``.

    Attributes
    ----------
    values
        ``[N]``: the weights in the order of ``network.parameters()``, with gaps that nothing reads.
    weights
        Those that have numbers in them.
    """

    def __init__(self, network: Network) -> None:
        self.weights = [weight for weight in network.parameters() if weight.numel()]
        ends = [0]
        for weight in self.weights:
            ends.append(ends[-1] + -(-weight.numel() // _APART) * _APART)
        like = self.weights[0].detach()
        self.values = nn.Parameter(like.new_zeros(ends[-1]))
        self.values.grad = gradient = like.new_zeros(ends[-1])
        for first, weight in zip(ends, self.weights, strict=False):
            here = _part(self.values.detach(), first, weight)
            here.copy_(weight.detach())
            weight.data = here
            weight.grad = _part(gradient, first, weight)


def _part(whole: Tensor, first: int, like: Tensor) -> Tensor:
    return whole[first : first + like.numel()].view(like.shape)
