"""Groups: their tables, and products of all elements so far."""

from itertools import permutations

import numpy as np
import pytest

from rnnbench.tasks import ModularCounting, Parity, Permutation

GROUPS = [Parity(), ModularCounting(modulus=3), ModularCounting(modulus=256), Permutation(), Permutation(group="a5")]


@pytest.mark.parametrize("task", GROUPS, ids=lambda task: task.label())
def test_tables_are_those_of_a_group(task):
    table = task.products().astype(int)
    order = len(table)
    numbers = np.arange(order)
    np.testing.assert_array_equal(table[0], numbers)
    np.testing.assert_array_equal(table[:, 0], numbers)
    for lines in (table, table.T):
        np.testing.assert_array_equal(np.sort(lines, axis=1), np.tile(numbers, (order, 1)))
    generator = np.random.default_rng(0)
    a, b, c = generator.integers(order, size=(3, 2000))
    np.testing.assert_array_equal(table[table[a, b], c], table[a, table[b, c]])


@pytest.mark.parametrize(("group", "order"), [("s3", 6), ("a5", 60)])
def test_permutations_do_not_commute(group, order):
    table = Permutation(group=group).products()
    assert table.shape == (order, order)
    assert (table != table.T).any()


def test_a5_has_no_normal_subgroup():
    """Every element but the neutral one generates, with its conjugates, the whole group: a5 is not solvable."""
    table = Permutation(group="a5").products().astype(int)
    inverse = np.argmin(table, axis=1)
    for element in range(1, 60):
        reached = {0} | {int(table[table[g, element], inverse[g]]) for g in range(60)}
        while True:
            members = np.array(sorted(reached))
            grown = set(table[np.ix_(members, members)].flatten().tolist())
            if len(grown) == len(reached):
                break
            reached = grown
        assert len(reached) == 60


def test_s3_composes_as_permutations_do():
    elements = list(permutations(range(3)))
    table = Permutation().products()
    for i, first in enumerate(elements):
        for j, second in enumerate(elements):
            assert elements[table[i, j]] == tuple(first[second[thing]] for thing in range(3))


@pytest.mark.parametrize("task", GROUPS, ids=lambda task: task.label())
def test_each_step_asks_for_the_product_so_far(task):
    inputs, targets = task.draw(5, np.random.default_rng(0))
    table = task.products()
    for sequence in range(5):
        state = 0
        for shown, asked in zip(inputs[:, sequence, 0], targets[:, sequence, 0], strict=True):
            state = table[shown, state]
            assert asked == state


def test_parity_is_counting_modulo_two_and_counting_is_a_sum():
    np.testing.assert_array_equal(Parity().products(), ModularCounting(modulus=2).products())
    inputs, targets = ModularCounting(modulus=5).draw(100, np.random.default_rng(0))
    np.testing.assert_array_equal(targets[..., 0], inputs[..., 0].astype(int).cumsum(axis=0) % 5)
