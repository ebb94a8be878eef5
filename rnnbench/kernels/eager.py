"""What a user would write in torch by hand, well.

The input is unbound once (indexing ``z[t]`` under autograd costs O(T^2)), matrices are built once per pass and not
masked at every step, all gates share one product, neighbours come from one padded copy of the state instead of rolls.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad

from rnnbench.connectivity import BlockDiagonal, ComposedConnectivity, NoRecurrence, Parameters
from rnnbench.kernels.activations import ACTIVATIONS
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.disguise import disguise
from rnnbench.kernels.eager_blocks import block_matrices, join, split
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.recurrent_product import Product, by_factors, dense_product, recurrent_product
from rnnbench.kernels.state import State, starting_state

Step = Callable[[Tensor, State], State]
"""``(z_t, state before) -> state after``."""


class EagerKernel(Kernel):
    """A Python loop over torch operations, differentiated by autograd."""

    name = "eager"

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve everything."""
        return YES

    def remark(self, recurrence: Recurrence) -> str:
        """Say of a matrix that is a product whether it runs as one."""
        if not isinstance(recurrence.connectivity, ComposedConnectivity):
            return ""
        return "by what U is made of" if by_factors(recurrence) else "the dense view, one GEMM a step"

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last state; see :meth:`Kernel.states`."""
        if isinstance(recurrence.connectivity, ComposedConnectivity):
            return _states(recurrence, z, parameters, initial)
        there = disguise(recurrence)
        given = there.sequence(z), there.parameters(parameters), there.state(initial)
        return there.back(*_states(there.recurrence, *given))


def _states(recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None) -> tuple[Tensor, State]:
    connectivity = recurrence.connectivity
    if recurrence.cell == "rnn" and isinstance(connectivity, NoRecurrence):
        states = ACTIVATIONS[recurrence.activation](z)
        return states, State(states[-1])
    state = starting_state(recurrence, z, initial)
    base = _base(recurrence, z, parameters)
    if isinstance(connectivity, BlockDiagonal):
        return _run_blocks(recurrence, connectivity.blocks, z, parameters["blocks"], base, state)
    return _run(_step(recurrence, recurrent_product(recurrence, parameters), base), z, state)


def _base(recurrence: Recurrence, z: Tensor, parameters: Parameters) -> Tensor:
    """Return what is added to ``U h`` where z is not: gru's recurrent bias, as ``[*, 1, G H]``; zero elsewhere."""
    if recurrence.recurrent_bias:
        return pad(parameters[RECURRENT_BIAS].unsqueeze(-2), (2 * recurrence.hidden, 0))
    return z.new_zeros(*z.shape[1:-2], 1, z.shape[-1])


def _run(step: Step, z: Tensor, state: State) -> tuple[Tensor, State]:
    states = []
    for z_t in z.unbind(0):
        state = step(z_t, state)
        states.append(state.h)
    return torch.stack(states), state


def _run_blocks(
    recurrence: Recurrence, count: int, z: Tensor, blocks: Tensor, base: Tensor, state: State
) -> tuple[Tensor, State]:
    """Run the blocks as a batch of small dense recurrences; the state keeps them in front all along."""
    leading = tuple(z.shape[1:-2])
    product = dense_product(block_matrices(blocks, recurrence.gates))
    step = _step(recurrence, product, split(base.unsqueeze(0), count, recurrence.gates)[0])
    states, last = _run(
        step, split(z, count, recurrence.gates), state.map(lambda part: split(part.unsqueeze(0), count)[0])
    )
    return join(states, leading, count), last.map(lambda part: join(part.unsqueeze(0), leading, count)[0])


def _step(recurrence: Recurrence, product: Product, base: Tensor) -> Step:
    if recurrence.cell == "lstm":
        return lambda z_t, state: _lstm(product(z_t, state.h), state)
    if recurrence.cell == "gru":
        return lambda z_t, state: _gru(z_t, product(base, state.h), state)
    f = ACTIVATIONS[recurrence.activation]
    return lambda z_t, state: State(f(product(z_t, state.h)))


def _lstm(gates: Tensor, state: State) -> State:
    assert state.c is not None  # noqa: S101 - tells the type checker
    i, f, g, o = gates.chunk(4, dim=-1)
    c = torch.addcmul(f.sigmoid() * state.c, i.sigmoid(), g.tanh())
    return State(o.sigmoid() * c.tanh(), c)


def _gru(z_t: Tensor, listened: Tensor, state: State) -> State:
    z_r, z_u, z_n = z_t.chunk(3, dim=-1)
    listened_r, listened_u, listened_n = listened.chunk(3, dim=-1)
    r, u = (z_r + listened_r).sigmoid(), (z_u + listened_u).sigmoid()
    n = torch.addcmul(z_n, r, listened_n).tanh()
    return State(torch.lerp(n, state.h, u))
