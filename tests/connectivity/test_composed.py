"""Connectivities whose parameters are no entries of U, each against its definition in loops over units."""

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from rnnbench.connectivity import ConnectivityField

COMPOSED = [
    ("toeplitz(1,2)", 6),
    ("toeplitz(7,0)", 4),
    ("circulant", 6),
    ("circulant", 7),
    ("circulant", 1),
    ("low_rank(2)", 6),
    ("low_rank(5)", 5),
    ("low_rank_plus_diagonal(2)", 6),
    ("companion", 6),
    ("companion", 1),
    ("kronecker", 6),
    ("kronecker", 9),
    ("kronecker(4)", 8),
    ("monarch(2)", 6),
    ("monarch(3)", 12),
    ("monarch(1)", 4),
    ("butterfly", 8),
    ("butterfly", 2),
    ("orthogonal(3)", 6),
    ("orthogonal", 5),
    ("jordan(2)", 7),
    ("jordan", 6),
    ("jordan(0)", 4),
]


def read(written):
    return TypeAdapter(ConnectivityField).validate_python(written)


READABLE = [(written, H) for written, H in COMPOSED if read(written).readable]


def drawn(connectivity, H, leading=(), seed=0):
    """Return random parameters in float64, of standard normal numbers; what is padding stays zero."""
    generator = np.random.default_rng(seed)
    padding = {name: array == 0 for name, array in connectivity.draw(H, 1.0, 2.0, generator).items()}
    return {
        name: torch.from_numpy(np.where(padding[name], 0.0, generator.standard_normal((*leading, *shape))))
        for name, shape in connectivity.parameter_shapes(H).items()
    }


def entry(formula):
    """Return what makes the matrix whose entries are ``formula(connectivity, arrays, H, i, j)``."""
    return lambda *given: np.array([[formula(*given, i, j) for j in range(given[2])] for i in range(given[2])])


def toeplitz(connectivity, arrays, H, i, j):
    inside = -connectivity.lower <= j - i <= connectivity.upper
    return arrays["taps"][j - i + connectivity.lower] if inside else 0.0


def low_rank(connectivity, arrays, H, i, j):
    return sum(arrays["left"][i, k] * arrays["right"][j, k] for k in range(connectivity.rank))


def low_rank_plus_diagonal(connectivity, arrays, H, i, j):
    return low_rank(connectivity, arrays, H, i, j) + (arrays["diagonal"][i] if i == j else 0.0)


def companion(connectivity, arrays, H, i, j):
    return arrays["coefficients"][j] if i == 0 else float(j == i - 1)


def monarch(connectivity, arrays, H, i, j):
    s = H // connectivity.blocks
    return arrays["second"][i % s, i // s, j // s] * arrays["first"][j // s, i % s, j % s]


def butterfly(connectivity, arrays, H):
    U = np.eye(H)
    for k, (own, other) in enumerate(arrays["stages"]):
        stage = np.diag(own)
        for i in range(H):
            stage[i, i ^ 2**k] = other[i]
        U = stage @ U
    return U


def orthogonal(connectivity, arrays, H):
    U = np.eye(H)
    for v in arrays["vectors"]:
        U = U @ (np.eye(H) - 2 * np.outer(v, v) / (v @ v))
    return U


def jordan(connectivity, arrays, H):
    U = np.diag(np.concatenate((np.repeat(arrays["pairs"][:, 0], 2), arrays["singles"])))
    for p, b in enumerate(arrays["pairs"][:, 1]):
        U[2 * p, 2 * p + 1], U[2 * p + 1, 2 * p] = b, -b
    return U


DEFINITIONS = {
    "toeplitz": entry(toeplitz),
    "circulant": entry(lambda connectivity, arrays, H, i, j: arrays["taps"][(j - i) % H]),
    "low_rank": entry(low_rank),
    "low_rank_plus_diagonal": entry(low_rank_plus_diagonal),
    "companion": entry(companion),
    "kronecker": lambda connectivity, arrays, H: np.kron(arrays["left"], arrays["right"]),
    "monarch": entry(monarch),
    "butterfly": butterfly,
    "orthogonal": orthogonal,
    "jordan": jordan,
}


def by_definition(connectivity, parameters, H):
    """Return U, written out as the manual has it."""
    arrays = {name: tensor.numpy() for name, tensor in parameters.items()}
    return DEFINITIONS[connectivity.kind](connectivity, arrays, H)


@pytest.mark.parametrize(("written", "H"), COMPOSED)
@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_the_dense_view_is_the_definition(written, H, leading):
    connectivity = read(written)
    connectivity.check(H)
    parameters = drawn(connectivity, H, leading)
    dense = connectivity.to_dense(parameters, H)
    assert dense.shape == (*leading, H, H)
    for index in np.ndindex(*leading):
        one = {name: tensor[index] for name, tensor in parameters.items()}
        np.testing.assert_allclose(dense[index].numpy(), by_definition(connectivity, one, H), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("written", "H"), COMPOSED)
@pytest.mark.parametrize("leading", [(), (2,)])
def test_gradients_of_the_dense_view(written, H, leading):
    connectivity = read(written)
    parameters = drawn(connectivity, H, leading, seed=1)
    names = [name for name, tensor in parameters.items() if tensor.numel()]
    empty = {name: tensor for name, tensor in parameters.items() if not tensor.numel()}

    def dense(*tensors):
        return connectivity.to_dense({**dict(zip(names, tensors, strict=True)), **empty}, H)

    assert torch.autograd.gradcheck(dense, [parameters[name].requires_grad_() for name in names])


@pytest.mark.parametrize(("written", "H"), COMPOSED)
def test_every_parameter_counts_and_is_free(written, H):
    connectivity = read(written)
    parameters = {name: tensor.requires_grad_() for name, tensor in drawn(connectivity, H).items()}
    connectivity.to_dense(parameters, H).backward(torch.randn(H, H, dtype=torch.float64))
    reached = sum(int((tensor.grad != 0).sum()) for tensor in parameters.values() if tensor.numel())
    assert connectivity.recurrent_parameters(H) == reached


@pytest.mark.parametrize(
    ("written", "parameters", "operations"),
    [
        ("toeplitz(1,1)", 3, 2 * 3_070),
        ("circulant", 1_024, 2 * (5 * 1_024 * 10 // 2) + 6 * 513),
        ("low_rank(8)", 16_384, 32_768),
        ("low_rank(1000)", 2_048_000, 2 * 1_024**2),
        ("low_rank_plus_diagonal(8)", 17_408, 34_816),
        ("companion", 1_024, 2_048),
        ("kronecker", 2_048, 2 * 1_024 * 64),
        ("kronecker(2)", 4 + 512**2, 2 * 1_024 * 514),
        ("monarch(32)", 65_536, 2 * 1_024 * 64),
        ("butterfly", 20_480, 40_960),
        ("orthogonal(8)", 8_192, 32_768),
        ("orthogonal", 1_024**2, 2 * 1_024**2),
        ("jordan", 1_024, 4_096),
        ("jordan(10)", 1_024, 2 * 1_044),
        ("hub(4)", 4 * 2_044 + 1_020, 2 * (4 * 2_044 + 1_020)),
    ],
)
def test_closed_forms_at_1024(written, parameters, operations):
    connectivity = read(written)
    assert connectivity.recurrent_parameters(1024) == parameters
    assert connectivity.flops_per_step(1024) == operations


@pytest.mark.parametrize(("written", "H"), COMPOSED)
@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_the_product_is_that_of_the_dense_view(written, H, leading):
    connectivity = read(written)
    parameters = drawn(connectivity, H, leading)
    multiply = connectivity.multiplication(parameters, H)
    if multiply is None:
        assert connectivity.kind in ("toeplitz", "jordan"), "runs as a band"
        return
    shared = (*leading[:-1], 1) if leading else ()  # one state for all gates
    h = torch.randn(*shared, 4, H, dtype=torch.float64)
    expected = h @ connectivity.to_dense(parameters, H).mT
    torch.testing.assert_close(multiply(h), expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("written", "H"), COMPOSED)
def test_numbers_of_16_bits_are_enough(written, H):
    connectivity = read(written)
    exact = drawn(connectivity, H)
    parameters = {name: tensor.bfloat16() for name, tensor in exact.items()}
    dense = connectivity.to_dense({name: tensor.double() for name, tensor in parameters.items()}, H)
    found = connectivity.to_dense(parameters, H)
    h = torch.randn(4, H).bfloat16()
    multiply = connectivity.multiplication(parameters, H) or (lambda h: h @ found.mT)
    for got, expected in ((found, dense), (multiply(h), h.double() @ dense.mT)):
        assert got.dtype == torch.bfloat16
        assert (got.double() - expected).abs().max() <= 0.05 * expected.abs().max()


@pytest.mark.parametrize(("written", "H"), COMPOSED)
@pytest.mark.parametrize("leading", [(), (2,)])
def test_the_guise_holds_the_same_matrix(written, H, leading):
    connectivity = read(written)
    parameters = drawn(connectivity, H, leading)
    guise = connectivity.guise(H)
    there = connectivity.in_guise(parameters, H)
    assert guise.order is None
    assert {name: tuple(tensor.shape) for name, tensor in there.items()} == {
        name: (*leading, *shape) for name, shape in guise.connectivity.parameter_shapes(H).items()
    }
    torch.testing.assert_close(guise.connectivity.to_dense(there, H), connectivity.to_dense(parameters, H))


@pytest.mark.parametrize(("written", "H"), READABLE)
@pytest.mark.parametrize("leading", [(), (2,)])
def test_parameters_survive_the_dense_view_and_back(written, H, leading):
    connectivity = read(written)
    dense = connectivity.to_dense(drawn(connectivity, H, leading), H)
    found = connectivity.from_dense(dense)
    assert {name: tuple(tensor.shape) for name, tensor in found.items()} == {
        name: (*leading, *shape) for name, shape in connectivity.parameter_shapes(H).items()
    }
    torch.testing.assert_close(connectivity.to_dense(found, H), dense, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("written", ["toeplitz(2,2)", "circulant", "low_rank(2)", "kronecker", "monarch(2)", "jordan"])
def test_what_is_read_off_a_matrix_of_another_structure_is_the_nearest(written):
    connectivity, H = read(written), 6
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(H, H, generator=generator, dtype=torch.float64)
    if written == "toeplitz(2,2)":  # entries outside the band are dropped
        matrix = matrix.tril(2).triu(-2)

    def distance(parameters):
        return float((connectivity.to_dense(parameters, H) - matrix).norm())

    found = connectivity.from_dense(matrix)
    for _ in range(30):
        moved = {
            name: tensor + 0.02 * torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
            for name, tensor in found.items()
        }
        assert distance(moved) > distance(found)


@pytest.mark.parametrize("written", ["low_rank_plus_diagonal(2)", "butterfly", "orthogonal(2)"])
def test_what_cannot_be_read_off_a_matrix_says_so(written):
    with pytest.raises(ValueError, match=r"cannot be read off a dense matrix: there is no closed form"):
        read(written).from_dense(torch.eye(8))


@pytest.mark.parametrize(("written", "H"), COMPOSED)
def test_weights_are_drawn_from_their_seed_and_within_bounds(written, H):
    connectivity = read(written)
    for draw in (
        lambda generator: connectivity.draw(H, 1.0, 2.0, generator),
        lambda generator: connectivity.draw_fan_in(H, generator),
    ):
        first, again, other = (draw(np.random.default_rng(seed)) for seed in (0, 0, 1))
        for name, shape in connectivity.parameter_shapes(H).items():
            assert first[name].shape == shape
            assert np.array_equal(first[name], again[name])
            assert not shape[0] or not np.array_equal(first[name], other[name])
    uniform = connectivity.draw(H, 1.0, 2.0, np.random.default_rng(0))
    values = np.concatenate([array[array != 0].reshape(-1) for array in uniform.values()])
    assert len(values) == connectivity.recurrent_parameters(H)
    assert ((values >= 1) & (values < 2)).all()


@pytest.mark.parametrize(
    "written",
    ["circulant", "low_rank(3)", "low_rank_plus_diagonal(3)", "kronecker", "monarch(4)", "monarch(16)", "butterfly"],
)
def test_by_fan_in_a_product_has_the_variance_of_a_dense_one(written):
    connectivity, H, generator = read(written), 32, np.random.default_rng(0)
    squares = []
    for _ in range(600):
        parameters = {name: torch.from_numpy(array) for name, array in connectivity.draw_fan_in(H, generator).items()}
        squares.append((connectivity.to_dense(parameters, H) ** 2).sum(dim=-1).mean())
    assert float(torch.stack(squares).mean()) == pytest.approx(1 / 3, rel=0.06)


@pytest.mark.parametrize(("written", "H"), COMPOSED)
def test_the_identity_where_there_is_one(written, H):
    connectivity = read(written)
    for scale in (1.0, 0.5):
        if connectivity.has_identity(H, scale):
            found = connectivity.identity(H, scale, np.random.default_rng(0))
            tensors = {name: torch.from_numpy(array) for name, array in found.items()}
            np.testing.assert_allclose(connectivity.to_dense(tensors, H), scale * np.eye(H), atol=1e-12)


def test_where_there_is_an_identity():
    having = {written for written, H in COMPOSED if read(written).has_identity(H, 0.5)}
    assert having == {
        *("toeplitz(1,2)", "toeplitz(7,0)", "circulant", "low_rank(5)", "low_rank_plus_diagonal(2)", "companion"),
        *("kronecker", "kronecker(4)", "monarch(1)", "monarch(2)", "monarch(3)", "butterfly"),
        *("jordan(2)", "jordan", "jordan(0)"),
    }  # fmt: skip
    assert not read("companion").has_identity(6, 0.5), "but for H = 1"
    assert read("orthogonal(2)").has_identity(6, 1.0)
    assert not read("orthogonal(3)").has_identity(6, 1.0)


@pytest.mark.parametrize(("written", "H"), [one for one in COMPOSED if not one[0].startswith("orthogonal")])
def test_scaled_parameters_have_scaled_eigenvalues(written, H):
    connectivity = read(written)
    arrays = {name: tensor.numpy() for name, tensor in drawn(connectivity, H).items()}

    def eigenvalues(arrays):
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        return np.linalg.eigvals(connectivity.to_dense(tensors, H).numpy())

    scaled = eigenvalues(connectivity.scaled(arrays, H, 0.7))
    for value in 0.7 * eigenvalues(arrays):
        assert np.abs(scaled - value).min() < 1e-6


@pytest.mark.parametrize("reflections", [1, 4, 16])
def test_orthogonal_is_orthogonal_whatever_its_weights(reflections):
    connectivity = read(f"orthogonal({reflections})")
    vectors = drawn(connectivity, 16)["vectors"] * 100
    vectors[0] = 0
    U = connectivity.to_dense({"vectors": vectors}, 16)
    torch.testing.assert_close(U @ U.mT, torch.eye(16, dtype=torch.float64))


def test_the_eigenvalues_of_a_companion_matrix_are_the_roots_of_its_polynomial():
    coefficients = np.random.default_rng(0).standard_normal(5)
    U = read("companion").to_dense({"coefficients": torch.from_numpy(coefficients)}, 5).numpy()
    np.testing.assert_allclose(
        np.sort_complex(np.linalg.eigvals(U)), np.sort_complex(np.roots([1, *-coefficients])), atol=1e-10
    )


def test_the_eigenvalues_of_a_jordan_form_are_its_parameters():
    connectivity = read("jordan(1)")
    U = connectivity.to_dense({"pairs": torch.tensor([[0.3, 0.4]]), "singles": torch.tensor([0.2])}, 3).numpy()
    np.testing.assert_allclose(np.sort_complex(np.linalg.eigvals(U)), [0.2, 0.3 - 0.4j, 0.3 + 0.4j], atol=1e-6)


@pytest.mark.parametrize(
    ("written", "H", "message"),
    [
        ("low_rank(5)", 4, "rank 5 is too large for hidden size 4: use hidden 5, or rank 4"),
        ("low_rank_plus_diagonal(5)", 4, "rank 5 is too large for hidden size 4: use hidden 5, or rank 4"),
        ("orthogonal(5)", 4, "reflections 5 is too large for hidden size 4: use hidden 5, or reflections 4"),
        ("hub(5)", 4, "hubs 5 is too large for hidden size 4: use hidden 5, or hubs 4"),
        ("jordan(3)", 5, "blocks 3 is too large for hidden size 5: use hidden 6, or blocks 2"),
        ("jordan(3)", 1, "blocks 3 is too large for hidden size 1: use hidden 6"),
        ("kronecker", 17,
         "hidden size 17 is prime, and a Kronecker product has two factors above 1: use hidden 16 or 18"),
        ("kronecker", 2, "hidden size 2 is prime, and a Kronecker product has two factors above 1: use hidden 4"),
        ("kronecker", 3, "hidden size 3 is prime, and a Kronecker product has two factors above 1: use hidden 4"),
        ("kronecker(4)", 18, "hidden size 18 is not divisible by 4 rows of the left factor: "
                             "use hidden 16 or 20, or 3 or 6 rows of the left factor"),
        ("monarch(4)", 18, "hidden size 18 is not divisible by 4 blocks: use hidden 16 or 20, or 3 or 6 blocks"),
        ("butterfly", 24, "hidden size 24 is no power of two from 2 on, as a butterfly needs: use hidden 16 or 32"),
        ("butterfly", 1, "hidden size 1 is no power of two from 2 on, as a butterfly needs: use hidden 2"),
    ],
)  # fmt: skip
def test_sizes_at_which_a_structure_does_not_exist(written, H, message):
    with pytest.raises(ValueError) as caught:
        read(written).check(H)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "written",
    ["toeplitz(1)", "toeplitz(-1,0)", "circulant(3)", "low_rank", "low_rank(0)", "companion(2)", "kronecker(0)",
     "monarch", "monarch(0)", "butterfly(2)", "orthogonal(0)", "hub", "hub(0)", "arrow(2)", "jordan(-1)"],
)  # fmt: skip
def test_options_that_make_no_sense(written):
    with pytest.raises(ValidationError):
        read(written)


@pytest.mark.parametrize(("written", "H"), COMPOSED)
def test_labels_round_trip(written, H):
    connectivity = read(written)
    assert connectivity.label() == written
    assert read(connectivity.model_dump(mode="json")) == connectivity
