"""Each connectivity against its definition as a mask: counts, the dense view and its inverse, gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rnnbench.connectivity import CONNECTIVITIES, ConnectivityField

ADAPTER = TypeAdapter(ConnectivityField)


def read(written):
    return ADAPTER.validate_python(written)


def mask(written, H):
    """Return which entries of U (H x H) are free, from the definitions of the manual."""
    connectivity = read(written)
    distance = np.arange(H)[None, :] - np.arange(H)[:, None]
    if connectivity.kind == "dense":
        return np.ones((H, H), bool)
    if connectivity.kind == "none":
        return np.zeros((H, H), bool)
    if connectivity.kind == "hub":
        hub = np.arange(H) < connectivity.hubs
        return hub[:, None] | hub[None, :] | (distance == 0)
    if connectivity.kind == "upper_triangular":
        return distance >= 0
    if connectivity.kind in ("banded", "permuted_band"):
        if connectivity.kind == "permuted_band":
            place = np.argsort(connectivity.order(H))
            distance = place[None, :] - place[:, None]
        around = (-H, 0, H) if connectivity.circular else (0,)
        wraps = [
            (distance + shift >= -connectivity.lower) & (distance + shift <= connectivity.upper) for shift in around
        ]
        return np.logical_or.reduce(wraps)
    size = H // connectivity.blocks
    block = np.arange(H) // size
    return block[None, :] == block[:, None]


MASKED = [
    ("dense", 5),
    ("diagonal", 5),
    ("tridiagonal", 6),
    ("banded(2,0)", 6),
    ("banded(0,3)", 6),
    ("banded(1,2,circular=true)", 6),
    ("banded(2,3,circular=true)", 6),
    ("banded(7,9)", 4),
    ("banded(0,9)", 1),
    ("ring", 5),
    ("ring", 3),
    ("permuted_band(1,1)", 7),
    ("permuted_band(0,3,4)", 6),
    ("permuted_band(9,0)", 4),
    ("permuted_band(1,2,circular=true)", 7),
    ("block_diagonal(1)", 4),
    ("block_diagonal(3)", 6),
    ("block_diagonal(6)", 6),
    ("upper_triangular", 5),
    ("arrow", 5),
    ("arrow", 1),
    ("hub(3)", 6),
    ("hub(4)", 4),
    ("none", 4),
]
ALL = [
    *MASKED,
    ("random(7)", 5),
    ("random(density=0.3,seed=2)", 6),
    ("random(25)", 5),
    ("small_world(2,0.5)", 7),
    ("small_world(4,1,3)", 9),
    ("small_world(4,1)", 5),
]


@pytest.mark.parametrize(("written", "H"), MASKED)
def test_the_dense_view_has_the_defined_entries(written, H):
    connectivity = read(written)
    ones = {name: torch.ones(shape) for name, shape in connectivity.parameter_shapes(H).items()}
    assert np.array_equal(connectivity.to_dense(ones, H).numpy() != 0, mask(written, H))
    assert connectivity.recurrent_parameters(H) == mask(written, H).sum()


@pytest.mark.parametrize(("written", "H"), ALL)
@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_parameters_survive_the_dense_view_and_back(written, H, leading):
    connectivity = read(written)
    matrix = torch.randn(*leading, H, H, dtype=torch.float64)
    parameters = connectivity.from_dense(matrix)
    assert {name: tuple(value.shape) for name, value in parameters.items()} == {
        name: (*leading, *shape) for name, shape in connectivity.parameter_shapes(H).items()
    }
    dense = connectivity.to_dense(parameters, H)
    free = dense != 0
    assert torch.equal(dense[free], matrix[free])
    assert free.sum() == connectivity.recurrent_parameters(H) * max(1, np.prod(leading, dtype=int))
    again = connectivity.from_dense(dense)
    assert all(torch.equal(again[name], parameters[name]) for name in parameters)


@pytest.mark.parametrize(("written", "H"), ALL)
def test_gradients_reach_free_entries_only(written, H):
    connectivity = read(written)
    parameters = {
        name: torch.randn(shape, dtype=torch.float64, requires_grad=True)
        for name, shape in connectivity.parameter_shapes(H).items()
    }
    gradient = torch.randn(H, H, dtype=torch.float64)
    connectivity.to_dense(parameters, H).backward(gradient)
    expected = connectivity.from_dense(gradient)
    for name, value in parameters.items():
        assert torch.equal(value.grad, expected[name]), "the gradient of an entry, and zero in padding"


@pytest.mark.parametrize(("written", "H"), ALL)
def test_initial_weights_are_uniform_on_free_entries_and_zero_elsewhere(written, H):
    connectivity = read(written)
    drawn = connectivity.draw(H, 1.0, 2.0, np.random.default_rng(0))
    parameters = {name: torch.from_numpy(value) for name, value in drawn.items()}
    stored = sum(int((value != 0).sum()) for value in parameters.values())
    assert stored == connectivity.recurrent_parameters(H), "padding is zero"
    dense = connectivity.to_dense(parameters, H)
    assert ((dense == 0) | ((dense >= 1) & (dense < 2))).all()
    again = connectivity.draw(H, 1.0, 2.0, np.random.default_rng(0))
    assert all(np.array_equal(again[name], drawn[name]) for name in drawn)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 9))
def test_a_band_counts_its_diagonals(lower, upper, H):
    connectivity = read({"banded": {"lower": lower, "upper": upper}})
    assert connectivity.recurrent_parameters(H) == sum(max(H - abs(k), 0) for k in range(-lower, upper + 1))


@pytest.mark.parametrize(
    ("written", "count"),
    [("dense", 1_048_576), ("tridiagonal", 3_070), ("diagonal", 1_024), ("block_diagonal(8)", 131_072), ("none", 0),
     ("upper_triangular", 524_800), ("ring", 3_072), ("random(density=0.5)", 524_288),
     ("permuted_band(1,1)", 3_070), ("permuted_band(1,1,circular=true)", 3_072), ("small_world(4,0.1)", 5_120)],
)  # fmt: skip
def test_closed_forms_at_1024(written, count):
    assert read(written).recurrent_parameters(1024) == count


def test_a_circular_band_wraps_around():
    bands = torch.tensor([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    assert read("banded(1,0,circular=true)").to_dense({"bands": bands}, 4).tolist() == [
        [5, 0, 0, 1],
        [2, 6, 0, 0],
        [0, 3, 7, 0],
        [0, 0, 4, 8],
    ]


def test_a_band_is_stored_by_diagonals():
    bands = torch.tensor([[0.0, 2, 3], [4, 5, 6], [7, 8, 0]])
    assert read("tridiagonal").to_dense({"bands": bands}, 3).tolist() == [[4, 7, 0], [2, 5, 8], [0, 3, 6]]


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(0, 5), st.data())
def test_random_places_depend_on_their_own_seed_only(H, seed, data):
    count = data.draw(st.integers(1, H * H))
    places = read({"random": {"nonzeros": count, "seed": seed}}).positions(H)
    assert len(set(places)) == count
    assert np.array_equal(places, np.sort(places))
    assert np.array_equal(places, read({"random": {"nonzeros": count, "seed": seed}}).positions(H))


def test_random_places_differ_between_seeds():
    assert not np.array_equal(read("random(20)").positions(20), read("random(20,seed=1)").positions(20))


@pytest.mark.parametrize("written", ["permuted_band(1,1)", "small_world(4,0.5)"])
def test_places_depend_on_their_own_seed_and_the_size_only(written):
    places = read(written).positions(40)
    assert np.array_equal(places, read(written).positions(40))
    assert not np.array_equal(places, read(f"{written[:-1]},seed=1)").positions(40))


def test_a_permuted_band_is_the_band_of_reordered_units():
    connectivity = read("permuted_band(2,1,seed=5)")
    bands = torch.randn(4, 9)
    order = connectivity.order(9).copy()
    assert sorted(order) == list(range(9))
    assert list(order) != list(range(9))
    matrix = connectivity.to_dense({"bands": bands}, 9)
    assert torch.equal(matrix[order][:, order], read("banded(2,1)").to_dense({"bands": bands}, 9))
    guise = connectivity.guise(9)
    assert guise.connectivity == read("banded(2,1)")
    assert np.array_equal(guise.order, order)
    assert read("permuted_band(1,1,circular=true)").guise(9).connectivity == read("ring")


def listens(connectivity, H):
    """Return, of every unit, the units that it listens to."""
    rows, columns = np.divmod(connectivity.positions(H), H)
    return [set(columns[rows == unit]) for unit in range(H)]


def test_a_small_world_without_rewiring_is_a_circular_band():
    assert np.array_equal(
        read("small_world(4,0)").positions(9), np.sort(read("banded(2,2,circular=true)").positions(9).reshape(-1))
    )


@settings(deadline=None)
@given(st.sampled_from([2, 4, 6]), st.floats(0, 1), st.integers(7, 30), st.integers(0, 5))
def test_in_a_small_world_every_unit_listens_to_itself_and_as_many_others(degree, rewire, H, seed):
    connectivity = read({"small_world": {"degree": degree, "rewire": rewire, "seed": seed}})
    for unit, sources in enumerate(listens(connectivity, H)):
        assert unit in sources
        assert len(sources) == degree + 1


@pytest.mark.parametrize("rewire", [0.1, 0.5, 1.0])
def test_a_share_of_the_connections_of_a_small_world_leaves_the_neighbourhood(rewire):
    H = 1000
    sources = listens(read(f"small_world(4,{rewire})"), H)
    near = sum(min((j - i) % H, (i - j) % H) <= 2 for i, found in enumerate(sources) for j in found) - H
    # Of those that move, some land on a place beside the unit that another one has left.
    assert 1 - near / (4 * H) == pytest.approx(rewire, abs=0.02)


def test_a_density_stands_for_at_least_one_entry():
    assert read("random(density=1e-9)").recurrent_parameters(10) == 1
    assert read("random(density=1)").recurrent_parameters(10) == 100


@pytest.mark.parametrize(
    ("written", "H", "message"),
    [
        ("block_diagonal(4)", 18, "hidden size 18 is not divisible by 4 blocks: use hidden 16 or 20, or 3 or 6 blocks"),
        ("block_diagonal(5)", 3, "hidden size 3 is not divisible by 5 blocks: use hidden 5, or 3 blocks"),
        (
            "banded(2,1,circular=true)",
            3,
            "a circular band of width 4 (lower 2 + upper 1 + 1) does not fit hidden size 3: "
            "use a hidden size of at least 4 or a narrower band",
        ),
        ("ring", 2, "a circular band of width 3 (lower 1 + upper 1 + 1) does not fit hidden size 2: "
                    "use a hidden size of at least 3 or a narrower band"),
        ("permuted_band(1,1,circular=true)", 2,
         "a circular band of width 3 (lower 1 + upper 1 + 1) does not fit hidden size 2: "
         "use a hidden size of at least 3 or a narrower band"),
        ("small_world(6,0.1)", 6,
         "hidden size 6 leaves a unit 5 others to listen to, not 6: use hidden 7, or degree 4"),
        ("small_world(2,0.1)", 2, "hidden size 2 leaves a unit 1 others to listen to, not 2: use hidden 3"),
        ("random(17)", 4, "17 non-zeros do not fit a 4 x 4 matrix: use at most 16"),
    ],
)  # fmt: skip
def test_sizes_at_which_a_structure_does_not_exist(written, H, message):
    with pytest.raises(ValueError) as caught:
        read(written).check(H)
    assert str(caught.value) == message


@pytest.mark.parametrize(("written", "H"), [*ALL, ("banded(2,1,circular=true)", 4), ("random(16)", 4)])
def test_sizes_at_which_it_exists(written, H):
    read(written).check(H)


def test_a_huge_size_is_checked_at_once():
    with pytest.raises(ValueError, match="use hidden 2147483646 or 2147483653, or 1 or 2147483647 blocks"):
        read("block_diagonal(7)").check(2**31 - 1)


@pytest.mark.parametrize(
    "written",
    ["banded(-1,0)", "banded(0,-1)", "banded(1.5,0)", "block_diagonal(0)", "random", "random(0)", "random(density=0)",
     "random(density=1.1)", "random(3,density=0.5)", "dense(1)", "diagonal(1)", "ring(2)", "permuted_band(1)",
     "permuted_band(-1,0)", "small_world(3,0.5)", "small_world(2)", "small_world(2,1.5)", "small_world(0,0.5)"],
)  # fmt: skip
def test_options_that_make_no_sense(written):
    with pytest.raises(ValidationError):
        read(written)


@pytest.mark.parametrize(("written", "H"), ALL)
def test_labels_round_trip(written, H):
    connectivity = read(written)
    assert connectivity.label() == written
    assert read(connectivity.label()) == connectivity
    assert read(connectivity.model_dump(mode="json")) == connectivity
    assert connectivity.fan_in(H) == connectivity.recurrent_parameters(H) / H


def test_names_are_unique_and_explained():
    names = [name for connectivity in CONNECTIVITIES for name in (connectivity.kind, *connectivity.aliases)]
    assert len(set(names)) == len(names)
    assert all(connectivity.summary and connectivity.count for connectivity in CONNECTIVITIES)
