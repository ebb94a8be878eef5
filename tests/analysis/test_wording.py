"""Figures in sentences: few digits, and never more certainty than was measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.analysis.wording import (
    factor,
    hundredths,
    joined,
    listing,
    milliseconds,
    plural,
    sentence,
    share,
    spread,
    with_interval,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.6049, "0.60"),
        (1.0, "1.00"),
        (0.0, "0.00"),
        (0.99, "0.99"),
        (0.9951, "0.995"),
        (0.9996, "0.9996"),
        (0.99999, ">0.9999"),
        (0.007, "0.007"),
        (0.00001, "<0.0001"),
    ],
)
def test_shares_have_two_decimals_and_more_at_the_edges(value, text):
    assert share(value) == text


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_only_none_and_all_are_called_so(value):
    assert share(value) not in ("0.00", "1.00")


def test_factors_have_the_digits_that_matter():
    assert [factor(value) for value in (5.565, 16.0, 341.3, 1024.0)] == ["5.6x", "16x", "341x", "1,024x"]
    assert [milliseconds(value) for value in (0.00231, 2.5e-5, 0.119, 12.3)] == ["2.31", "0.025", "119", "12,300"]


def test_an_interval_is_written_beside_its_value():
    assert with_interval(1.018, (0.97, 1.081), hundredths, "x") == "1.02x [0.97, 1.08]"
    assert with_interval(1.018, None, hundredths, "x") == "1.02x"
    assert with_interval(1.0, (1.0, 1.0), share) == "1.00"


def test_lists_and_plurals_read_as_english():
    assert listing(["a"]) == "a"
    assert listing(["a", "b"]) == "a and b"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert (plural(1, "seed"), plural(1200, "seed")) == ("1 seed", "1,200 seeds")


def test_a_spread_is_a_range_with_its_median():
    assert spread([0.2, 0.9, 0.6], share) == "0.20 to 0.90 (median 0.60)"
    assert spread([0.6, 0.6], share) == "0.60"


def test_sentences_start_with_a_capital_unless_a_name_starts_them():
    assert sentence("a training pass takes long") == "A training pass takes long."
    assert sentence("dense learns") == "dense learns."
    assert joined("dense learns.", "A pass takes long.") == "dense learns; a pass takes long."
    assert joined("a.", "LSTM learns.") == "a; LSTM learns."
