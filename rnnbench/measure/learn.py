"""What an iteration learns from: the readout of a batch and, in every weight's ``grad``, the gradient.

This is the one place that says who goes backward: the network's own passes where all its layers have them (``fused`` on
the CPU, keeping all states), else autograd. The figures are the same but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnbench.models.network import Network
from rnnbench.models.network_pass import NetworkPass, network_pass
from rnnbench.tasks import Task

Learn = Callable[[Tensor, Tensor], Tensor]
"""Takes inputs ``[T, R, B, .]`` and targets ``[A, R, B, .]``, leaves the gradient of every replica's mean loss in
``grad``, and returns the readout ``[A, R, B, O]``, detached."""


def learner(network: Network, task: Task) -> Learn:
    """Return what computes the gradients of ``network``, whose weights must stay where they are from then on."""
    passes = network_pass(network)
    return by_autograd(network, task) if passes is None else by_passes(passes, task)


def by_passes(passes: NetworkPass, task: Task) -> Learn:
    """Return the network's own way."""

    @torch.inference_mode()  # saves each operation its part of autograd's bookkeeping
    def learn(x: Tensor, target: Tensor) -> Tensor:
        readout = passes.forward(x)
        passes.backward(task.loss_gradient(readout, target))
        return readout

    return learn


def by_autograd(network: Network, task: Task) -> Learn:
    """Return autograd's way."""

    def learn(x: Tensor, target: Tensor) -> Tensor:
        readout: Tensor = network(x)
        network.zero_grad(set_to_none=False)  # an update reads the gradient where it lies
        # The sum keeps replicas independent: no replica's gradient is scaled by how many there are.
        torch.autograd.backward(task.loss(readout, target).mean(dim=-1).sum())
        return readout.detach()

    return learn
