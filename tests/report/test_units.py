"""Numbers as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.report.units import Unit, count, number, share_places, unit_for


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.3149, "2.31"),
        (119.4, "119"),
        (0.06049, "0.0605"),
        (9.996, "10.0"),
        (0.0, "0"),
        (1_048_576.0, "1,048,576"),
        (-12.34, "-12.3"),
        (3.2e-9, "3.20e-09"),
        (1e300, "1.00e+300"),
    ],
)
def test_three_digits_tell_enough(value, text):
    assert number(value) == text


@given(st.floats(1e-5, 1e5))
def test_a_number_is_within_half_a_per_cent_of_what_is_shown(value):
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=5.01e-3)


def test_counts_are_whole():
    assert count(1_048_576) == "1,048,576"
    assert count(0) == "0"


@pytest.mark.parametrize(
    ("unit", "values", "expected"),
    [
        ("s", [0.0021, 0.0023, 1.5], Unit("ms", 1e-3)),
        ("s", [3e-6], Unit("µs", 1e-6)),
        ("s", [5e-12], Unit("ns", 1e-9)),
        ("s", [12.0, 13.0], Unit("s", 1.0)),
        ("bytes", [3 * 2**20], Unit("MiB", 2.0**20)),
        ("bytes", [100], Unit("bytes", 1.0)),
        ("bytes", [0.0], Unit("bytes", 1.0)),
        ("steps/s", [2.5e6], Unit("M steps/s", 1e6)),
        ("1", [5.0], Unit("", 1.0)),
        ("iterations", [5e9], Unit("iterations", 1.0)),
        ("furlongs", [5e9], Unit("furlongs", 1.0)),
        ("s", [], Unit("s", 1.0)),
    ],
)
def test_a_column_has_the_unit_that_suits_its_median(unit, values, expected):
    assert unit_for(unit, values) == expected


@given(st.floats(2e-6, 1 - 2e-6))
def test_a_share_that_is_neither_none_nor_all_does_not_look_like_it(value):
    assert 0 < float(number(value, share_places(value))) < 1


def test_shares_have_three_decimals_where_these_do():
    assert [share_places(value) for value in (0.6049, 1.0, 0.0, 0.9996)] == [3, 3, 3, 4]
