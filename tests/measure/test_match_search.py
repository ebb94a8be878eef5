"""The search for a size at which something takes as long as something else, on known functions."""

import math

import pytest

from rnnbench.measure.match_search import MOST_PROBES, TOLERANCE, Probe, search

LARGEST = 1 << 20


def every(hidden, step):
    return hidden if hidden >= 1 else None


def multiples_of(size):
    def existing(hidden, step):
        found = hidden // size * size if step < 0 else -(-hidden // size) * size
        return found if found >= size else None

    return existing


def best(probes):
    return min(probes, key=lambda probe: probe.distance)


@pytest.mark.parametrize("start", [1, 16, 300, 5000])
@pytest.mark.parametrize("wanted", [3, 43, 500, 4000])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_it_ends_within_the_tolerance_where_times_grow(start, wanted, power):
    def ratio(hidden):
        return (0.3 + 0.7 * (hidden / wanted) ** power) if hidden < wanted else (hidden / wanted) ** power

    probes = search(start, ratio, every, LARGEST)
    assert len(probes) < MOST_PROBES
    assert abs(best(probes).ratio - 1) <= TOLERANCE
    assert len({probe.hidden for probe in probes}) == len(probes), "nothing is measured twice"


def test_it_stops_at_the_first_that_is_near_enough():
    assert search(64, lambda hidden: 1.01, every, LARGEST) == [Probe(64, 1.01)]


def test_only_sizes_that_exist_are_tried_and_the_nearest_is_the_match():
    probes = search(16, lambda hidden: hidden / 100, multiples_of(16), LARGEST)
    assert all(probe.hidden % 16 == 0 for probe in probes)
    assert best(probes).hidden in (96, 112)
    assert best(probes).hidden == 96
    assert best(probes).ratio == 0.96


def test_powers_of_two_end_between_neighbours():
    def powers(hidden, step):
        exponent = math.floor(math.log2(hidden)) if step < 0 else math.ceil(math.log2(hidden))
        return 2**exponent if hidden >= 1 else None

    probes = search(64, lambda hidden: hidden / 300, powers, LARGEST)
    assert {probe.hidden for probe in probes} == {64, 128, 256, 512}
    assert best(probes).hidden == 256


def test_where_even_one_unit_takes_longer_the_smallest_is_the_match():
    probes = search(16, lambda hidden: 1.5 + hidden / 100, every, LARGEST)
    assert best(probes).hidden == 1


def test_where_even_the_largest_takes_less_the_search_ends_there():
    probes = search(16, lambda hidden: 0.5, every, 1000)
    assert max(probe.hidden for probe in probes) <= 1000
    assert all(probe.ratio == 0.5 for probe in probes)


def test_times_that_fall_and_rise_end_the_search_all_the_same():
    """Another kernel takes over at 128: it is slower than the first one was at 100."""
    probes = search(16, lambda hidden: hidden / 120 if hidden < 128 else 0.9 + hidden / 1000, every, LARGEST)
    assert abs(best(probes).ratio - 1) <= TOLERANCE
    noisy = iter([0.5, 3.0, 0.4, 2.5] * MOST_PROBES)
    assert len(search(16, lambda hidden: next(noisy), every, LARGEST)) <= MOST_PROBES
