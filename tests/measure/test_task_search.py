"""Doubling and bisection over lengths of a task, with tasks whose limit is known."""

from hypothesis import given
from hypothesis import strategies as st

from rnnbench.measure.task_search import WITHIN, TaskSearch, Trial


def searched(limit, start=16, longest=4096, shortest=2):
    """Search a task that is learnt up to length ``limit``; it cannot be shorter than ``shortest``."""

    def attempt(length):
        if length < shortest:
            return None
        return Trial(length, length, 5 * (length <= limit), 5, length <= limit)

    search = TaskSearch(start, longest, attempt)
    search.run()
    return search


def lengths(search):
    return [trial.length for trial in search.trials]


def test_it_doubles_until_a_length_is_not_learnt_and_halves_the_gap():
    assert lengths(searched(100)) == [16, 32, 64, 128, 96, 112, 104]
    assert searched(100).learnt.length == 96
    assert searched(100).missed.length == 104


def test_it_halves_where_the_first_length_is_not_learnt():
    assert lengths(searched(5)) == [16, 8, 4, 6, 5]


def test_nothing_is_learnt():
    search = searched(1)
    assert lengths(search) == [16, 8, 4, 2]
    assert (search.learnt, search.missed.length) == (None, 2)


def test_a_task_of_one_step_is_the_shortest_there_is():
    assert lengths(searched(0, shortest=1)) == [16, 8, 4, 2, 1]


def test_no_longer_one_than_asked_for_is_tried():
    search = searched(10**9, longest=100)
    assert lengths(search) == [16, 32, 64, 100]
    assert (search.learnt.length, search.missed) == (100, None)


@given(limit=st.integers(0, 5000), start=st.integers(1, 300), shortest=st.integers(1, 20))
def test_it_ends_close_to_the_limit(limit, start, shortest):
    search = searched(limit, start=max(start, shortest), shortest=shortest)
    assert len(set(lengths(search))) == len(search.trials) <= 24
    if search.learnt is None:
        assert limit < max(2 * shortest, search.missed.length)
    else:
        assert search.learnt.length <= limit
        if search.missed is None:
            assert search.learnt.length == 4096
        else:
            assert limit < search.missed.length
            assert search.missed.length - search.learnt.length <= max(1, search.learnt.length // WITHIN)
