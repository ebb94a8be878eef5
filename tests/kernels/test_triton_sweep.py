"""The Triton kernels, interpreted on a CPU, against the float64 reference; and what they say they serve."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnbench.kernels import agreement, fused_autograd, scan, triton_sweep
from rnnbench.kernels.base import Kernel
from rnnbench.kernels.dispatch import load
from rnnbench.kernels.reference import ReferenceKernel
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Trace, Weights
from tests.kernels import interpreted
from tests.kernels.test_kernels import recurrence_of

TOLERANCE = 64 * torch.finfo(torch.float32).eps
ACTIVATIONS = ["identity", "relu", "sigmoid", "tanh"]


@pytest.fixture(autouse=True)
def interpreting(monkeypatch):
    """Interpret, and round as a GPU does: the interpreter itself cuts off what bfloat16 has no room for."""
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    monkeypatch.setattr("triton.runtime.interpreter._convert_float", interpreted.convert_as_a_gpu_does)


@pytest.fixture(autouse=True)
def poisoned():
    """Fill what torch.empty returns with NaN: an element that no kernel writes shows."""
    torch.use_deterministic_algorithms(True)
    assert torch.empty(3).isnan().all()
    yield
    torch.use_deterministic_algorithms(False)


def tensors_of(recurrence, seed=0):
    """Return (z, recurrent parameters, h0, gradient of the states)."""
    generator = torch.Generator().manual_seed(seed)
    leading = () if recurrence.replicas is None else (recurrence.replicas,)
    T, B, H = recurrence.time_steps, recurrence.batch, recurrence.hidden
    dtype = getattr(torch, recurrence.dtype)
    draw = lambda *shape: torch.randn(*shape, generator=generator).to(dtype)  # noqa: E731
    matrix = draw(*leading, H, H) / max(recurrence.connectivity.fan_in(H), 1) ** 0.5
    parameters = recurrence.connectivity.from_dense(matrix)
    return draw(T, *leading, B, H), parameters, draw(*leading, B, H), draw(T, *leading, B, H)


def by_reference(recurrence, z, parameters, initial, gradient):
    """Return the states and every gradient by name, in float64."""
    leaves = {"z": z, "h0": initial, **parameters}
    leaves = {name: tensor.double().requires_grad_() for name, tensor in leaves.items()}
    given = {name: leaves[name] for name in parameters}
    states, _ = ReferenceKernel().states(recurrence, leaves["z"], given, State(leaves["h0"]))
    states.backward(gradient.double())
    return {"states": states.detach(), **{name: leaf.grad for name, leaf in leaves.items()}}


def by_triton(recurrence, z, parameters, initial, gradient):
    """Return the same by the Triton kernels."""
    states, dz = torch.full_like(z, torch.nan), torch.full_like(z, torch.nan)
    ((name, stored),) = parameters.items()
    found = swept(recurrence, (z, states), stored, State(initial), (gradient, dz))
    return {"states": states, "z": dz, "h0": found.initial.h, name: found.stored}


def swept(recurrence, forward, stored, initial, backward):
    """Sweep from z to the states and from their gradient to that of z, and return the other gradients."""
    (z, states), (gradient, dz), weights = forward, backward, Weights(stored)
    sweep = triton_sweep.sweep_of(recurrence)
    sweep.forward(z, Trace(states), weights, initial)
    begun = sweep.backward(weights, len(z), tuple(z.shape[1:]), None)
    begun.piece(0, gradient, Trace(states), initial, dz)
    return begun.finish()


def in_place(recurrence, z, stored, gradient):
    """Return what :func:`by_triton` does, from no initial state, with the states where z was, and so their gradient."""
    found = swept(recurrence, (z, z), stored, None, (gradient, gradient))
    return {"states": z, "z": gradient, "h0": found.initial.h, "stored": found.stored}


def errors_of(recurrence, seed=0):
    """Return the deviation of states and gradients, relative to the largest magnitude of each, or to 0.1 if that is
    more: the derivative of a saturated unit, 1 - h^2, is as exact as h is, and no more."""
    tensors = tensors_of(recurrence, seed)
    expected, got = by_reference(recurrence, *tensors), by_triton(recurrence, *tensors)
    assert got.keys() == expected.keys()
    for name in expected:
        assert got[name].shape == expected[name].shape
        assert got[name].dtype == getattr(torch, recurrence.dtype)
    return {
        name: float((got[name] - expected[name]).abs().max() / expected[name].abs().max().clamp(min=0.1))
        for name in expected
    }


STRUCTURES = ["diagonal", "tridiagonal", "banded(2,0)", "banded(0,3)", "banded(1,2,true)", "block_diagonal(2)", "dense"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("structure", STRUCTURES)
def test_states_and_every_gradient_are_those_of_the_reference(structure, activation):
    recurrence = recurrence_of(structure, activation=activation, dtype="float32", replicas=2)
    errors = errors_of(recurrence)
    assert max(errors.values()) < TOLERANCE, errors


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    structure=st.sampled_from(STRUCTURES),
    activation=st.sampled_from(ACTIVATIONS),
    T=st.integers(1, 5),
    B=st.integers(1, 18),
    H=st.sampled_from([4, 6, 10, 34]),
    replicas=st.sampled_from([None, 1, 3]),
    seed=st.integers(0, 99),
)
def test_odd_shapes_agree_with_the_reference(structure, activation, T, B, H, replicas, seed):
    recurrence = recurrence_of(
        structure, activation=activation, time_steps=T, batch=B, hidden=H, replicas=replicas, dtype="float32"
    )
    errors = errors_of(recurrence, seed)
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("activation", ["tanh", "identity"])
@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "block_diagonal(2)", "dense"])
@pytest.mark.parametrize("replicas", [None, 2])
def test_sweeping_in_place_from_no_initial_state_is_the_same(structure, activation, replicas):
    recurrence = recurrence_of(structure, activation=activation, replicas=replicas, dtype="float32")
    z, parameters, initial, gradient = tensors_of(recurrence)
    expected = by_triton(recurrence, z, parameters, torch.zeros_like(initial), gradient)
    ((name, stored),) = parameters.items()
    got = in_place(recurrence, z, stored, gradient)
    for each in expected:
        assert torch.equal(got["stored" if each == name else each], expected[each])


@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "dense"])
def test_the_gradient_of_a_sum_needs_no_memory_of_its_own(structure):
    recurrence = recurrence_of(structure, dtype="float32")
    z, parameters, initial, _ = tensors_of(recurrence)
    expected = by_reference(recurrence, z, parameters, initial, torch.ones_like(z))
    got = by_triton(recurrence, z, parameters, initial, torch.ones(()).expand_as(z))
    for name in expected:
        torch.testing.assert_close(got[name].double(), expected[name], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("structure", ["diagonal", "banded(3,1)", "dense"])
def test_one_step_of_one_row_of_one_unit(structure):
    errors = errors_of(recurrence_of(structure, hidden=1, time_steps=1, batch=1, dtype="float32"))
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("structure", ["banded(9,0)", "banded(0,7)", "banded(5,5)"])
def test_bands_wider_than_the_matrix(structure):
    errors = errors_of(recurrence_of(structure, hidden=3, dtype="float32"))
    assert max(errors.values()) < TOLERANCE, errors


def test_a_band_whose_gradient_is_summed_in_several_chunks():
    steps = 2 * interpreted.triton_band_gradient.ROWS // 40 + 2
    errors = errors_of(recurrence_of("tridiagonal", hidden=5, time_steps=steps, batch=40, dtype="float32"))
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("tiles", [1, 2, 3])
@pytest.mark.parametrize("more", [0, 1])
def test_a_scan_over_whole_and_broken_tiles(tiles, more):
    steps = tiles * interpreted.triton_scan.STEPS + more
    recurrence = recurrence_of("diagonal", activation="identity", time_steps=steps, dtype="float32")
    z, parameters, initial, gradient = tensors_of(recurrence)
    # |u| near 1: what happened long ago still counts.
    parameters = {"bands": parameters["bands"].sign() * (1 - parameters["bands"].abs() / 64).clamp(0.9, 1)}
    tensors = (z, parameters, initial, gradient)
    expected, got = by_reference(recurrence, *tensors), by_triton(recurrence, *tensors)
    for name in expected:
        torch.testing.assert_close(got[name].double(), expected[name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "block_diagonal(2)"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_nan_stays_in_its_row_and_does_not_vanish(structure, activation):
    recurrence = recurrence_of(structure, activation=activation, dtype="float32")
    z, parameters, initial, gradient = tensors_of(recurrence)
    clean = by_triton(recurrence, z, parameters, initial, gradient)["states"]
    z[1, 0, 2] = torch.nan
    states = by_triton(recurrence, z, parameters, initial, gradient)["states"]
    assert states[1:, 0, 2].isnan().all()
    torch.testing.assert_close(states[0], clean[0])
    torch.testing.assert_close(states[:, 1], clean[:, 1])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_lies_outside_a_band_does_not_matter():
    recurrence = recurrence_of("tridiagonal", dtype="float32")
    z, parameters, initial, gradient = tensors_of(recurrence)
    expected = by_triton(recurrence, z, parameters, initial, gradient)
    z[0, 0, 5] = torch.inf  # the last unit: no neighbour of the first ones
    states = by_triton(recurrence, z, parameters, initial, gradient)["states"]
    torch.testing.assert_close(states[0, 0, :5], expected["states"][0, 0, :5])
    assert by_triton(recurrence, z, parameters, initial, gradient)["bands"][0, 0] == 0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the interpreter is made of NumPy, which tells of overflow
def test_tanh_is_exact_to_three_units_in_the_last_place_everywhere():
    magnitudes = torch.cat([torch.logspace(-44, 38, 2000), torch.linspace(0.5, 0.75, 1500), torch.linspace(0, 12, 580)])
    special = torch.tensor([0.0, -0.0, torch.inf, -torch.inf, torch.nan, 1e-45, 88.8, 89.0])
    a = torch.cat([magnitudes, -magnitudes, special])
    a = torch.cat([a, torch.zeros(8192 - len(a))])
    got = torch.full_like(a, torch.nan)
    interpreted.activate_all[(1,)](a, got, 8192, "tanh")
    expected = torch.tanh(a.double())
    spacing = (torch.nextafter(expected.float().abs(), torch.tensor(torch.inf)) - expected.float().abs()).double()
    off = (got.double() - expected).abs() / spacing
    assert off[~a.isnan()].max() <= 3
    assert got[a.isnan()].isnan().all()
    assert got.nan_to_num(0).abs().max() <= 1


class OnTheCpu(Kernel):
    """The fused kernel as it is on a GPU, on CPU tensors."""

    name = "fused"

    def supports(self, recurrence):
        raise NotImplementedError

    def states(self, recurrence, z, parameters, initial=None):
        return fused_autograd.states(triton_sweep.sweep_of(recurrence), recurrence, z, parameters, initial)

    def layer(self, recurrence, x, input_weight, bias, parameters, initial=None):
        return fused_autograd.layer(
            triton_sweep.sweep_of(recurrence), recurrence, x, input_weight, bias, parameters, initial
        )


@pytest.mark.parametrize("scope", ["layer", "recurrence"])
@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("replicas", [None, 2])
def test_the_agreement_check_lets_them_pass(structure, scope, replicas):
    found = agreement.check(OnTheCpu(), recurrence_of(structure, scope=scope, replicas=replicas, dtype="float32"))
    assert found.ok, found


# What is served


@pytest.fixture
def gpu(monkeypatch):
    """Stand in for torch's questions about a device: an A100."""
    device = SimpleNamespace(shared_memory_per_block=48 * 1024, shared_memory_per_block_optin=163 * 1024)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (8, 0))
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: device)
    return device


def asked(structure, **changes):
    return recurrence_of(structure, device="cuda:0", **{"dtype": "float32", **changes})


@pytest.mark.parametrize(
    ("structure", "hidden"),
    [
        ("diagonal", 100_000),
        ("tridiagonal", 2048),
        ("banded(32,32)", 2048),
        ("block_diagonal(8)", 1024),
        ("dense", 128),
    ],
)
def test_served(gpu, structure, hidden):
    assert triton_sweep.supports(asked(structure, hidden=hidden)).ok


@pytest.mark.parametrize(
    ("recurrence", "reason"),
    [
        (asked("diagonal", dtype="float64"), "the Triton kernels compute in float32, not float64"),
        (
            asked("dense", cell="lstm", hidden=65),
            "dense blocks of 65 units in cell lstm need 540672 bytes of shared memory, cuda:0 has 166912",
        ),
        (
            asked("diagonal", cell="lstm", hidden=2**20, batch=2**9),
            "a time step of 2147483648 elements is more than the Triton kernels' 2147483647",
        ),
        (asked("random(5)"), "there is no Triton kernel for random(5)"),
        (asked("dense", hidden=129), "the Triton kernels take dense blocks of up to 128 units, not 129"),
        (asked("block_diagonal(2)", hidden=512), "the Triton kernels take dense blocks of up to 128 units, not 256"),
        (
            asked("tridiagonal", hidden=2049),
            "the Triton kernels take bands of up to 65 diagonals and 2048 units, not tridiagonal at 2049",
        ),
        (
            asked("banded(33,32)", hidden=512),
            "the Triton kernels take bands of up to 65 diagonals and 2048 units, not banded(33,32) at 512",
        ),
        (
            asked("diagonal", hidden=2**20, batch=2**11),
            "a time step of 2147483648 elements is more than the Triton kernels' 2147483647",
        ),
    ],
)
def test_not_served_and_why(gpu, recurrence, reason):
    assert triton_sweep.supports(recurrence) == (False, reason)


@pytest.mark.parametrize("structure", ["diagonal", "tridiagonal", "block_diagonal(2)", "dense"])
def test_fused_runs_them_on_cuda(gpu, structure):
    recurrence = asked(structure)
    assert load("fused").supports(recurrence) == (True, "")
    assert isinstance(load("fused").choose(recurrence).sweep, triton_sweep.TritonSweep)


def test_scan_runs_them_on_cuda(gpu):
    recurrence = asked("diagonal", activation="identity")
    assert load("scan").supports(recurrence) == (True, "")
    sweep = scan._sweep_of(recurrence)
    assert isinstance(sweep.walk, interpreted.triton_scan.ScanWalk)
    assert load("scan").recomputes(recurrence)


def test_an_older_gpu_is_not_served(gpu, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (7, 5))
    reason = "the Triton kernels need compute capability 8.0, cuda:0 has 7.5"
    assert triton_sweep.supports(asked("diagonal")) == (False, reason)


def test_a_block_must_fit_the_shared_memory_of_the_device(gpu):
    gpu.shared_memory_per_block_optin = 99 * 1024
    reason = "dense blocks of 128 units in cell rnn need 147456 bytes of shared memory, cuda:0 has 101376"
    assert triton_sweep.supports(asked("dense", hidden=128)) == (False, reason)
    assert triton_sweep.supports(asked("dense", hidden=64)).ok


def test_without_triton_the_reason_says_what_to_install(gpu, monkeypatch):
    monkeypatch.setattr(triton_sweep, "find_spec", lambda _: None)
    reason = "triton is not installed: pip install 'rnnbench[gpu]'"
    assert triton_sweep.supports(asked("diagonal")) == (False, reason)
