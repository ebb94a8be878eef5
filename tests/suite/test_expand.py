"""The product, ``exclude`` and ``include`` against a small independent model, and the example of GitHub's manual."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from rnnbench.suite.expand import expand

KEYS = "abcd"


def github(axes, exclude, include):
    """The rules as GitHub states them, on frozensets of pairs: slow, without cleverness."""
    matrix = [frozenset()] if axes or not include else []
    for key, values in axes.items():
        matrix = [combination | {(key, value)} for combination, value in product(matrix, values)]
    matrix = [combination for combination in matrix if not any(set(entry.items()) <= combination for entry in exclude)]
    extra = [{} for _ in matrix]
    alone = []
    for entry in include:
        added = False
        for combination, more in zip(matrix, extra, strict=True):
            if all(value == entry.get(key, value) for key, value in combination):
                more.update(entry)
                added = True
        if not added:
            alone.append(entry)
    return [{**more, **dict(combination)} for combination, more in zip(matrix, extra, strict=True)] + alone


values = st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True)
axes = st.dictionaries(st.sampled_from(KEYS), values, max_size=3)
entries = st.lists(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 3), min_size=1, max_size=3), max_size=4)


@given(axes, entries, entries)
def test_agrees_with_the_model(axes, exclude, include):
    exclude = [entry for entry in exclude if set(entry) <= set(axes)]
    combinations, _ = expand(axes or None, exclude, include)
    assert combinations == github(axes, exclude, include)


@given(axes.filter(bool), entries)
def test_tells_which_exclude_entries_matched(axes, exclude):
    everything, _ = expand(axes)
    _, used = expand(axes, exclude)
    assert used == [any(entry.items() <= combination.items() for combination in everything) for entry in exclude]


@given(axes, entries, st.dictionaries(st.sampled_from("xy"), st.integers(0, 1)))
def test_fixed_pairs_are_in_every_combination(axes, include, fixed):
    combinations, _ = expand(axes or None, (), include, fixed)
    assert all(fixed.items() <= combination.items() for combination in combinations)


def test_the_example_of_githubs_manual():
    axes = {"fruit": ["apple", "pear"], "animal": ["cat", "dog"]}
    include = [
        {"color": "green"},
        {"color": "pink", "animal": "cat"},
        {"fruit": "apple", "shape": "circle"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]
    combinations, _ = expand(axes, (), include)
    assert combinations == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_without_matrix_and_include_there_is_one_combination():
    assert expand(None) == ([{}], [])


def test_without_matrix_every_include_entry_is_a_combination():
    assert expand(None, (), [{"a": 1}, {"b": 2}]) == ([{"a": 1}, {"b": 2}], [])
