"""The longest sequence that fits, found with few probes whatever memory does."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbench.measure.memory_search import MOST_PROBES, WITHIN, Probe, Search

BUDGET = 1 << 30


def searched(needed, budget=BUDGET, longest=1 << 20):
    """Search where a step of T needs ``needed(T)`` bytes (None: the process dies)."""

    def probe(time_steps):
        assert 1 <= time_steps <= longest
        peak = needed(time_steps)
        if peak is None:
            return Probe(time_steps, False, None, "killed")
        return Probe(time_steps, peak <= budget, peak, None if peak <= budget else "needs more than the budget")

    search = Search(budget, longest, probe)
    search.run()
    return search


def line(fixed, per_step):
    return lambda T: int(fixed + per_step * T)


@settings(max_examples=150)
@given(fixed=st.integers(0, BUDGET // 2), per_step=st.floats(2**11, 2**26))
def test_a_line_is_predicted_and_confirmed(fixed, per_step):
    search = searched(line(fixed, per_step))
    true = int((BUDGET - fixed) / per_step)
    if true < 1:
        assert search.fits is None
        return
    assert search.fits <= true
    assert search.fits >= min(true, math.floor(true / (1 + 1 / WITHIN)) - 1)
    assert search.fails == search.fits + 1 or search.fails - search.fits <= search.fits // WITHIN
    if true > 512:
        assert search.predicted == pytest.approx(true, rel=0.01)
        assert len(search.probes) <= 9
    assert len(search.probes) <= MOST_PROBES


@settings(max_examples=60)
@given(per_root=st.floats(2**19, 2**22), steps_in=st.integers(0, 2**10))
def test_memory_that_grows_with_the_square_root_is_found_too(per_root, steps_in):
    def needed(T):
        return int(per_root * math.sqrt(T) + steps_in * T)

    search = searched(needed)
    assert search.fits is not None
    assert needed(search.fits) <= BUDGET
    if search.fails is None:
        assert search.fits == search.longest
    else:
        assert needed(search.fails) > BUDGET
        assert search.fails - search.fits <= max(1, search.fits // WITHIN)


def test_what_fits_is_run_once_more():
    search = searched(line(1 << 20, 65536))
    assert [probe.time_steps for probe in search.probes].count(search.fits) == 2


def test_a_length_that_fits_only_sometimes_does_not_fit():
    seen = set()

    def needed(T):
        if T > 16_000 and T in seen:
            return BUDGET + 1
        seen.add(T)
        return 65536 * T

    search = searched(needed)
    assert search.fits <= 16_000 < search.fails
    assert [probe.fits for probe in search.probes if probe.time_steps == search.fits] == [True, True]


def test_memory_that_does_not_grow_is_unbounded_with_its_proof():
    search = searched(lambda T: 50_000_000 + (T > 1000) * 1_000_000)
    assert search.unbounded
    assert search.fits == search.longest
    assert search.reason == "needs no more memory for 1,048,576 time steps than for few"
    assert search.to_json()["unbounded"]


def test_sequences_that_do_not_fill_a_segment_say_nothing_of_growth():
    assert searched(lambda T: 10_000_000 + min(T, 64) * 100_000).unbounded


def test_a_length_that_is_hardly_longer_than_the_shortest_proves_nothing():
    search = searched(lambda T: 50_000_000, longest=4096)
    assert (search.fits, search.unbounded) == (4096, False)
    assert searched(lambda T: 50_000_000, longest=16 * 1024).unbounded


def test_the_longest_that_was_tried_may_fit():
    search = searched(line(0, 65536), longest=1000)
    assert (search.fits, search.fails, search.unbounded) == (1000, None, False)
    assert search.reason == "fits at 1,000 time steps, the longest that was tried"


def test_a_budget_that_not_even_one_step_fits():
    search = searched(lambda T: BUDGET + T)
    assert (search.fits, search.fails) == (None, 1)
    assert search.reason == "needs more than the budget"


def test_a_killed_process_is_a_failure_with_its_reason():
    search = searched(lambda T: None if T > 5000 else 65536 * T)
    assert search.fits <= 5000 < search.fails
    assert search.fails - search.fits <= search.fits // WITHIN
    assert search.reason == "killed"


def test_small_probes_stay_far_from_the_budget_until_a_line_is_seen():
    search = searched(line(0, 65536))
    first, second = search.probes[:2]
    assert (first.time_steps, second.time_steps) == (64, 1024)
    assert max(first.peak_bytes, second.peak_bytes) <= BUDGET / 16


def test_the_slope_is_that_of_long_sequences_in_the_end():
    """What a short one does not fill would else look like growth."""
    search = searched(lambda T: 10_000_000 + min(T, 300) * 100_000)
    assert search.unbounded
    assert search.bytes_per_step == 0
    assert search.fixed_bytes == 40_000_000
    assert searched(line(1 << 20, 4096)).bytes_per_step == pytest.approx(4096)


def test_the_longest_that_is_asked_about_is_tried_at_once_where_it_should_fit():
    search = searched(line(0, 65536), longest=10_000)
    assert [probe.time_steps for probe in search.probes] == [64, 1024, 10_000]


def test_where_memory_bends_the_search_leaves_the_prediction_fast():
    search = searched(lambda T: int(2**21 * math.sqrt(T)))
    assert search.fits <= 1 << 18 < search.fails
    assert len(search.probes) <= 18
