"""The block sweeps (compiled loops) and the dense sweep (GEMMs) against a float64 loop over the dense view."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from rnnbench.connectivity import ConnectivityField
from rnnbench.kernels import blocks
from rnnbench.kernels.block_sweep import BlockSweep, block_size
from rnnbench.kernels.dense_sweep import DenseSweep
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from rnnbench.kernels.tiled_block_sweep import TiledBlockSweep

TOLERANCE = {"float32": 2e-5, "float64": 1e-12}
STRUCTURES = ["dense", "block_diagonal(2)", "upper_triangular", "random(density=0.3)", "tridiagonal"]
FUNCTIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "identity": lambda z: z}


def connectivity_of(text):
    return TypeAdapter(ConnectivityField).validate_python(text)


def sweeps(connectivity, activation, dtype):
    dense = DenseSweep("rnn", connectivity, activation, dtype)
    return *(kind(connectivity, activation, dtype) for kind in COMPILED), dense


def small(connectivity, activation="tanh", dtype="float32"):
    return BlockSweep(connectivity, activation, dtype)


def tiled(connectivity, activation="tanh", dtype="float32"):
    return TiledBlockSweep("rnn", connectivity, activation, dtype)


COMPILED = [small, tiled]


def forward(sweep, z, states, stored, initial):
    """Run a sweep over all steps at once."""
    sweep.forward(z, Trace(states), Weights(stored), None if initial is None else State(initial))


def backward(sweep, gradient, states, stored, initial, dz):
    """Run a sweep over all steps at once; return the gradients of the stored weights and of the initial state."""
    session = sweep.backward(Weights(stored), len(states), tuple(states.shape[1:]), None)
    session.piece(0, gradient, Trace(states), None if initial is None else State(initial), dz)
    found = session.finish()
    return found.stored, found.initial.h


class Problem:
    """Random data of a recurrence, and its float64 answer by autograd."""

    def __init__(self, structure, activation, dtype, T, R, B, H, with_initial=True, seed=0):
        self.connectivity = connectivity_of(structure)
        generator = torch.Generator().manual_seed(seed)
        leading = () if R is None else (R,)

        def random(*shape):
            return torch.randn(*shape, generator=generator, dtype=torch.float64).to(getattr(torch, dtype))

        self.z, self.gradient = random(T, *leading, B, H), random(T, *leading, B, H)
        self.initial = random(*leading, B, H) if with_initial else None
        (self.stored,) = self.connectivity.from_dense(random(*leading, H, H) / H**0.5).values()
        self.expected = self._by_autograd(FUNCTIONS[activation])

    def _by_autograd(self, f):
        z, stored = (tensor.double().clone().requires_grad_() for tensor in (self.z, self.stored))
        h0 = torch.zeros_like(z[0]) if self.initial is None else self.initial.double()
        h0 = h0.detach().clone().requires_grad_()
        (name,) = self.connectivity.parameter_shapes(z.shape[-1])
        matrix = self.connectivity.to_dense({name: stored}, z.shape[-1])
        h, states = h0, []
        for z_t in z:
            h = f(z_t + h @ matrix.mT)
            states.append(h)
        h = torch.stack(states)
        return h.detach(), *torch.autograd.grad((h * self.gradient.double()).sum(), [z, stored, h0])

    def run(self, sweep, in_place=False):
        """Return (states, dz, gradient of the stored weights, gradient of h_0); outputs start as NaN."""
        z, gradient = self.z.clone(), self.gradient.clone()
        states = z if in_place else torch.full_like(z, torch.nan)
        forward(sweep, z, states, self.stored, self.initial)
        dz = gradient if in_place else torch.full_like(z, torch.nan)
        d_stored, d_initial = backward(sweep, gradient, states, self.stored, self.initial, dz)
        return states, dz, d_stored, d_initial


def deviation(got, expected):
    scale = max(float(expected.abs().max()), 1e-30) if expected.numel() else 1.0
    return float((got.double() - expected).abs().max()) / scale if expected.numel() else 0.0


@settings(max_examples=80, deadline=None)
@given(
    structure=st.sampled_from(STRUCTURES),
    activation=st.sampled_from(sorted(FUNCTIONS)),
    dtype=st.sampled_from(["float32", "float64"]),
    T=st.integers(1, 9),
    R=st.sampled_from([None, 1, 3]),
    B=st.integers(1, 11),
    H=st.sampled_from([2, 4, 10, 16, 18, 34, 50]),
    with_initial=st.booleans(),
    in_place=st.booleans(),
)
def test_states_and_all_gradients_are_the_references(structure, activation, dtype, T, R, B, H, with_initial, in_place):
    problem = Problem(structure, activation, dtype, T, R, B, H, with_initial)
    for sweep in sweeps(problem.connectivity, activation, dtype):
        for name, got, expected in zip(
            ("h", "dz", "dU", "dh0"), problem.run(sweep, in_place), problem.expected, strict=True
        ):
            # A relu of a float32 number near zero may fall on the other side in float64: its data has none that near.
            assert deviation(got, expected) <= TOLERANCE[dtype], (type(sweep).__name__, name)


def test_the_smallest_recurrence():
    problem = Problem("dense", "tanh", "float64", 1, None, 1, 1)
    for sweep in sweeps(problem.connectivity, "tanh", "float64"):
        for got, expected in zip(problem.run(sweep), problem.expected, strict=True):
            assert deviation(got, expected) <= 1e-14


@pytest.mark.parametrize("kind", COMPILED)
@pytest.mark.parametrize("structure", ["dense", "block_diagonal(4)"])
@pytest.mark.parametrize("replicas", [None, 3])
def test_threads_share_the_work_and_agree_and_each_count_is_reproducible(kind, structure, replicas, monkeypatch):
    monkeypatch.setattr(blocks, "ALONE_UP_TO", 0)
    problem = Problem(structure, "tanh", "float32", 70, replicas, 7, 16)
    sweep = kind(problem.connectivity)
    threads = torch.get_num_threads()
    outcomes = {}
    try:
        for count in (1, 2, 5):
            torch.set_num_threads(count)
            outcomes[count] = problem.run(sweep)
            for first, second in zip(outcomes[count], problem.run(sweep), strict=True):
                assert torch.equal(first, second)
    finally:
        torch.set_num_threads(threads)
    for count in (2, 5):
        for alone, shared in zip(outcomes[1], outcomes[count], strict=True):
            torch.testing.assert_close(alone, shared, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("structure", ["dense", "block_diagonal(2)"])
def test_one_number_as_the_gradient_of_everything_is_read_by_its_strides(structure):
    problem = Problem(structure, "tanh", "float64", 6, None, 5, 18)
    problem.gradient = torch.full_like(problem.gradient, 0.25)
    expected = problem._by_autograd(torch.tanh)
    for sweep in sweeps(problem.connectivity, "tanh", "float64"):
        states, dz = torch.empty_like(problem.z), torch.full_like(problem.z, torch.nan)
        forward(sweep, problem.z, states, problem.stored, problem.initial)
        row = torch.full((18,), 0.25, dtype=torch.float64).expand(problem.z.shape)
        d_stored, d_initial = backward(sweep, row, states, problem.stored, problem.initial, dz)
        for got, wanted in zip((states, dz, d_stored, d_initial), expected, strict=True):
            assert deviation(got, wanted) <= 1e-12


@pytest.mark.parametrize("kind", COMPILED)
def test_rounding_of_the_weight_gradient_does_not_grow_with_time(kind):
    problem = Problem("dense", "sigmoid", "float32", 2000, None, 4, 4)
    problem.gradient = torch.ones_like(problem.gradient)
    expected = problem._by_autograd(torch.sigmoid)
    sweep = kind(problem.connectivity, activation="sigmoid")
    assert deviation(problem.run(sweep)[2], expected[2]) <= 2e-6


def test_nan_and_inf_propagate_as_in_the_loop():
    problem = Problem("dense", "identity", "float64", 4, None, 6, 6)
    problem.z[1, 0, 2], problem.z[2, 5, 4] = torch.nan, torch.inf
    expected = problem._by_autograd(FUNCTIONS["identity"])
    for sweep in sweeps(problem.connectivity, "identity", "float64"):
        states = problem.run(sweep)[0]
        assert torch.equal(states.isnan(), expected[0].isnan())
        assert torch.equal(states.isinf(), expected[0].isinf())


@pytest.mark.parametrize("kind", COMPILED)
def test_nan_stays_in_its_block_and_its_row(kind):
    problem = Problem("block_diagonal(2)", "tanh", "float64", 4, None, 6, 64)
    problem.z[1, 0, 2] = torch.nan
    reached = torch.zeros(4, 6, 64, dtype=torch.bool)
    reached[1, 0, 2] = True
    reached[2:, 0, :32] = True
    states = problem.run(kind(problem.connectivity, dtype="float64"))[0]
    assert torch.equal(states.isnan(), reached)


def test_blocks_much_smaller_than_a_vector_run_as_one_block():
    assert block_size(connectivity_of("block_diagonal(4)"), 16, 16) == 16
    assert block_size(connectivity_of("block_diagonal(8)"), 512, 16) == 64
    assert block_size(connectivity_of("block_diagonal(256)"), 512, 16) == 2
    assert block_size(connectivity_of("dense"), 100, 16) == 100
