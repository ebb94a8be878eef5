"""What U starts as under each initialisation, and that replicas start as they would alone."""

import numpy as np
import pytest
import torch

from rnnbench.cell import CELLS
from rnnbench.models.weights import draw
from rnnbench.suite.initialisation import indrnn_bounds
from tests.cases import make_case


def parameters_of(**parameters):
    return make_case({"memory": {}}, **{"hidden": 12, "input": 3, **parameters}).parameters


def matrices(parameters, layer=0, replica=0):
    """Return U of every gate, ``[G, H, H]``."""
    stored = draw(parameters, replica).layers[layer].recurrent
    names = parameters.connectivity.parameter_shapes(parameters.hidden)
    tensors = {name: torch.from_numpy(np.ascontiguousarray(stored[name])) for name in names}
    dense = parameters.connectivity.to_dense(tensors, parameters.hidden).numpy()
    return dense[None] if parameters.cell == "rnn" else dense


DIAGONAL = ["dense", "diagonal", "tridiagonal", "banded(2,0,true)", "block_diagonal(3)", "upper_triangular",
            "permuted_band(1,1)", "small_world(4,0.5)", "arrow", "toeplitz(1,2)", "circulant", "kronecker",
            "monarch(3)", "low_rank_plus_diagonal(2)", "jordan(4)"]  # fmt: skip
EVERY = [*DIAGONAL, "banded(3,1)", "random(40)", "low_rank(2)", "companion"]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("connectivity", [*DIAGONAL, "random(144)"])
def test_identity(connectivity, cell):
    found = matrices(parameters_of(connectivity=connectivity, cell=cell, initialisation="identity(0.5)"))
    np.testing.assert_array_equal(found, np.tile(0.5 * np.eye(12), (len(CELLS[cell].gates), 1, 1)))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("connectivity", ["dense", "block_diagonal(3)", "diagonal"])
def test_orthogonal(connectivity, cell):
    parameters = parameters_of(connectivity=connectivity, cell=cell, initialisation="orthogonal(0.9)")
    found = matrices(parameters)
    for matrix in found:
        np.testing.assert_allclose(matrix @ matrix.T, 0.81 * np.eye(12), atol=1e-12)
    assert len(np.unique(found, axis=0)) == len(found), "every gate has its own"


def test_orthogonal_matrices_are_drawn_evenly():
    """Over the orthogonal group every entry has mean 0 and variance 1/H, and determinants are even-handed."""
    parameters = parameters_of(hidden=3, initialisation="orthogonal")
    drawn = np.array([matrices(parameters, replica=replica)[0] for replica in range(2000)])
    assert np.abs(drawn.mean(axis=0)).max() < 0.06
    assert drawn.var(axis=0) == pytest.approx(1 / 3, abs=0.04)
    assert np.linalg.det(drawn).mean() == pytest.approx(0, abs=0.1)
    assert {-1.0, 1.0} == set(np.unique(draw(parameters_of(connectivity="diagonal", initialisation="orthogonal"))
                                        .layers[0].recurrent["bands"]))  # fmt: skip


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
@pytest.mark.parametrize("connectivity", EVERY)
def test_spectral_radius(connectivity, cell):
    parameters = parameters_of(connectivity=connectivity, cell=cell, initialisation="spectral_radius(0.7)")
    for matrix in matrices(parameters):
        assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(0.7, rel=1e-6)


@pytest.mark.parametrize("initialisation", ["fan_in", "orthogonal", "spectral_radius(1)", "uniform(-1,1)"])
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_what_is_orthogonal_starts_so_however_it_is_drawn(initialisation, cell):
    for connectivity in ("orthogonal", "orthogonal(5)"):
        found = matrices(parameters_of(connectivity=connectivity, cell=cell, initialisation=initialisation))
        for matrix in found:
            np.testing.assert_allclose(matrix @ matrix.T, np.eye(12), atol=1e-12)
        assert len(np.unique(found, axis=0)) == len(found), "every gate has its own"


def test_a_butterfly_starts_with_a_given_radius():
    (matrix,) = matrices(parameters_of(connectivity="butterfly", hidden=16, initialisation="spectral_radius(0.7)"))
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(0.7, rel=1e-6)


@pytest.mark.parametrize(("task", "steps"), [(None, 128), ("adding(50)", 50), ("copying(30)", 50)])
def test_indrnn_keeps_within_a_factor_of_two_over_the_sequence(task, steps):
    size = {} if task is None else {"input": None}
    parameters = parameters_of(
        connectivity="diagonal", hidden=500, layers=3, initialisation="indrnn", task=task, **size
    )
    kept = [layer.recurrent["bands"] ** steps for layer in draw(parameters).layers]
    for layer in kept[:2]:
        assert layer.min() >= 0
        assert layer.max() <= 2 * (1 + 1e-9)
        assert layer.min() < 1e-3, "units of the first layers may forget"
    assert kept[2].min() >= 0.5 * (1 - 1e-9)
    assert kept[2].max() <= 2 * (1 + 1e-9)


def test_indrnn_bounds_are_roots_of_one_half_and_two():
    assert indrnn_bounds(7, last_layer=True) == pytest.approx((0.5 ** (1 / 7), 2 ** (1 / 7)))
    assert indrnn_bounds(7, last_layer=False)[0] == 0


@pytest.mark.parametrize("initialisation", ["orthogonal", "identity", "spectral_radius(1)", "fan_in"])
def test_other_weights_are_those_of_fan_in(initialisation):
    weights = draw(parameters_of(initialisation=initialisation, layers=2))
    for array in (weights.layers[0].input, weights.layers[1].bias, weights.readout):
        assert 0 < np.abs(array).max() <= 12**-0.5


@pytest.mark.parametrize("initialisation", ["orthogonal", "spectral_radius(1)", "indrnn", "uniform(0,1)"])
def test_a_replica_starts_as_it_would_alone(initialisation):
    def of(seed):
        return parameters_of(initialisation=initialisation, connectivity="diagonal", seed=seed, layers=2)

    for layer in range(2):
        np.testing.assert_array_equal(matrices(of(2), layer, replica=3), matrices(of(5), layer))
        assert not np.array_equal(matrices(of(2), layer), matrices(of(3), layer))


def test_a_forget_bias_changes_that_gate_alone():
    drawn, given = (draw(parameters_of(cell="lstm", layers=2, forget_bias=bias)) for bias in (None, 1.5))
    for before, after in zip(drawn.layers, given.layers, strict=True):
        np.testing.assert_array_equal(after.bias[12:24], 1.5)
        np.testing.assert_array_equal(after.bias[:12], before.bias[:12])
        np.testing.assert_array_equal(after.bias[24:], before.bias[24:])
        np.testing.assert_array_equal(after.input, before.input)
        np.testing.assert_array_equal(after.recurrent["weight"], before.recurrent["weight"])
