"""A sweep backward from the gradient of the last state alone: the same bits, and nothing as long as the sequence."""

import numpy as np
import pytest
import torch

from rnnbench.kernels import sweep as sweep_module
from rnnbench.kernels import traces
from rnnbench.kernels.dispatch import load
from rnnbench.kernels.run_backward import run_backward
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Weights
from rnnbench.kernels.traces import Job, Kept, run_forward
from tests.kernels.test_kernels import random_parameters, recurrence_of
from tests.kernels.test_replaying import outcome

STRUCTURES = ["diagonal", "tridiagonal", "banded(1,2,true)", "block_diagonal(2)", "dense", "random(9)", "none"]
T, B, H = 70, 3, 6


class Watched(Sweep):
    """Another sweep, of which the storage of every gradient that it is given is written down."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.seamless = sweep.seamless
        self.numbers: list[int] = []
        self.chunk_steps, self.forward = sweep.chunk_steps, sweep.forward

    def forward(self, z, trace, weights, start):
        raise AssertionError("the other one's is taken")

    def backward(self, weights, steps, shape, by_last_c):
        inner, numbers = self.sweep.backward(weights, steps, shape, by_last_c), self.numbers

        class Begun(BackwardSweep):
            def piece(self, first, gradient, trace, before, dz):
                numbers.append(gradient.untyped_storage().nbytes() // gradient.element_size())
                inner.piece(first, gradient, trace, before, dz)

            def finish(self):
                return inner.finish()

        return Begun()


def backward(structure, cell, replicas, by_states, by_last):
    """Return (the gradients of z, of the stored weights and of the initial state, what the sweep was given)."""
    recurrence = recurrence_of(structure, cell=cell, time_steps=T, batch=B, replicas=replicas)
    leading = () if replicas is None else (replicas,)
    generator = torch.Generator().manual_seed(5)
    sweep = Watched(load("fused").choose(recurrence).sweep)
    if cell == "rnn":
        (stored,) = random_parameters(recurrence, np.random.default_rng(2)).values()
    else:
        ((_, shape),) = recurrence.connectivity.parameter_shapes(H).items()
        stored = torch.rand(*leading, recurrence.gates, *shape, generator=generator, dtype=torch.float64)
    stored = 0.2 * stored.detach()
    job = Job(sweep, recurrence, Weights(stored), None, T, (*leading, B, H))
    room = job.room(T, stored, T)
    z = torch.randn(T, *job.gates_shape, generator=generator, dtype=torch.float64)
    run_forward(job, lambda first, last: z[first:last], room)
    dz = torch.full_like(z, torch.nan)
    gradients = None if by_states is None else by_states(room.h), None if by_last is None else by_last(room.h[-1])
    found = run_backward(job, Kept(job, room), gradients, room=lambda first, last: dz[first:last])
    return (dz, found.stored, found.initial.h), sweep.numbers


def ones_at_the_end(h):
    whole = torch.zeros_like(h)
    whole[-1] = 1
    return whole


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize(("cell", "replicas"), [("rnn", None), ("rnn", 2), ("lstm", None)])
def test_the_last_states_gradient_alone_gives_the_bits_of_one_that_is_zero_elsewhere(structure, cell, replicas):
    alone, given = backward(structure, cell, replicas, None, torch.ones_like)
    whole, _ = backward(structure, cell, replicas, ones_at_the_end, None)
    for one, other in zip(alone, whole, strict=True):
        assert torch.equal(one, other)
    if load("fused").choose(recurrence_of(structure, cell=cell)).sweep.seamless:
        # The last step's own, and one row of zeros for all others.
        assert given == [(replicas or 1) * B * H, H]


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_last_states_gradient_is_added_to_that_of_all(structure):
    both, _ = backward(structure, "rnn", None, torch.ones_like, torch.ones_like)
    once, _ = backward(structure, "rnn", None, lambda h: torch.ones_like(h) + ones_at_the_end(h), None)
    for one, other in zip(both, once, strict=True):
        assert torch.equal(one, other)


def test_one_step_is_one_piece():
    recurrence = recurrence_of("diagonal", time_steps=1)
    h = torch.randn(1, B, H, dtype=torch.float64, requires_grad=True)
    parameters = random_parameters(recurrence, np.random.default_rng(2))
    _, last = load("fused").states(recurrence, h, parameters)
    (gradient,) = torch.autograd.grad(last.h.sum(), [h])
    torch.testing.assert_close(gradient, 1 - last.h.detach().unsqueeze(0) ** 2)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_layer_in_eight_pieces_gives_the_bits_of_one(structure, monkeypatch):
    monkeypatch.setattr(sweep_module, "CHUNK_ROWS", 24)
    monkeypatch.setattr(sweep_module, "CHUNK_NUMBERS", 0)
    recurrence = recurrence_of(structure, scope="layer", time_steps=203, batch=B)
    eight = outcome(recurrence, "fused")
    monkeypatch.setattr(traces, "MOST_PIECES", 1)
    for name, tensor in outcome(recurrence, "fused").items():
        assert torch.equal(eight[name], tensor), name


def test_a_layer_holds_an_eighth_of_the_gradient_of_z():
    recurrence = recurrence_of("diagonal", scope="layer", hidden=64, batch=32)
    chosen = load("fused").choose(recurrence).sweep
    chunk = chosen.chunk_steps(32, 64)

    def longest(steps, **kind):
        return Job(chosen, recurrence, Weights(torch.empty(0)), None, steps, (32, 64), **kind).longest_piece

    assert longest(80 * chunk, projected=True) == 10 * chunk
    assert longest(80 * chunk + 1, projected=True) == 11 * chunk
    assert longest(chunk - 1, projected=True) == chunk - 1
    assert longest(80 * chunk) == 80 * chunk
