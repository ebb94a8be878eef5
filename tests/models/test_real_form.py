"""The real Jordan form, and Schur's where there is none."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.models.real_form import real_form
from rnnbench.models.weights import LayerWeights


def dense(form):
    """Return J or S."""
    tensors = {name: torch.from_numpy(array) for name, array in form.recurrent.items()}
    return form.connectivity.to_dense(tensors, len(form.basis)).numpy()


def with_eigenvalues(values, seed=0):
    """Return a matrix with these eigenvalues; complex ones stand for themselves and their conjugates."""
    blocks = [
        np.array([[v.real, v.imag], [-v.imag, v.real]]) if np.iscomplexobj(v) else np.array([[v]]) for v in values
    ]
    H = sum(len(block) for block in blocks)
    form, at = np.zeros((H, H)), 0
    for block in blocks:
        form[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    basis = np.random.default_rng(seed).standard_normal((H, H))
    return basis @ form @ np.linalg.inv(basis)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 12), st.integers(0, 1000))
def test_the_form_is_the_matrix_in_another_basis(H, seed):
    matrix = np.random.default_rng(seed).standard_normal((H, H))
    form = real_form(matrix)
    assert form.kind == "jordan"
    np.testing.assert_allclose(
        form.basis @ dense(form) @ np.linalg.inv(form.basis), matrix, atol=1e-12 * form.condition * H
    )
    assert form.nonzeros == np.count_nonzero(dense(form)) <= 2 * H
    assert form.connectivity.recurrent_parameters(H) == H
    assert form.radius == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max())
    assert form.condition == pytest.approx(np.linalg.cond(form.basis))


def test_eigenvalues_that_repeat_but_have_eigenvectors_enough_make_a_jordan_form():
    form = real_form(0.5 * np.eye(4))
    assert (form.kind, form.condition, form.nonzeros) == ("jordan", 1.0, 4)
    turned = real_form(with_eigenvalues([0.5 + 0.2j, -0.3, 0.9]))
    assert sorted(turned.recurrent["singles"]) == pytest.approx([-0.3, 0.9])
    assert turned.recurrent["pairs"] == pytest.approx(np.array([[0.5, 0.2]]))


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(5) * 0.5 + np.eye(5, k=1),  # a single eigenvector
        np.kron(np.eye(2), [[0.3, 0.4], [-0.4, 0.3]]) + np.kron(np.eye(2, k=1), np.eye(2)),  # a pair, twice
        np.zeros((3, 3)) + np.eye(3, k=-1),
    ],
)
def test_without_eigenvectors_enough_there_is_a_schur_form(matrix):
    form = real_form(matrix)
    assert form.kind == "schur"
    assert form.eigenvector_condition > 1e10
    assert form.condition == pytest.approx(1)
    np.testing.assert_allclose(form.basis @ dense(form) @ form.basis.T, matrix, atol=1e-14)
    assert form.connectivity.kind == "banded"
    assert form.nonzeros == np.count_nonzero(dense(form))


def test_what_counts_as_too_near_is_asked():
    matrix = np.array([[0.5, 1.0], [0.0, 0.5 + 1e-6]])
    assert real_form(matrix).kind == "jordan"
    assert real_form(matrix, most_condition=1e5).kind == "schur"
    assert real_form(matrix, most_condition=1e5).eigenvector_condition == real_form(matrix).condition


@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_in_the_form_has_the_states_of_the_layer(bias):
    generator = np.random.default_rng(3)
    H, matrix = 6, generator.standard_normal((6, 6)) * 0.3
    form = real_form(matrix)
    weights = LayerWeights(generator.standard_normal((H, 2)), {"weight": matrix}, generator.random(H) if bias else None)
    there = form.layer(weights)
    h, g = np.zeros(H), np.zeros(H)
    for x in generator.standard_normal((50, 2)):
        h = weights.input @ x + (weights.bias if bias else 0) + matrix @ h
        g = there.input @ x + (there.bias if bias else 0) + dense(form) @ g
    np.testing.assert_allclose(form.basis @ g, h, rtol=1e-11)
