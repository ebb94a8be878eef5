"""A plot of ratios: 1 in the middle, intervals where they are, and what is off the scale with an arrow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.report.forest import ASCII, NARROWEST, UNICODE, WIDEST, Forest

SCALE = Forest(end=2.0, width=21, margin=0.05, signs=ASCII)


def test_one_stands_in_the_middle_and_the_ends_of_the_scale_at_its_ends():
    assert SCALE.line(1.0, None) == "         :o:         "
    assert SCALE.line(2.0, None) == "         :|:        o"
    assert SCALE.line(0.5, None) == "o        :|:         "
    assert SCALE.header() == "0.50x     1     2.00x"


def test_an_interval_is_a_line_through_its_point():
    assert SCALE.line(1.4, (1.2, 1.7)) == "         :|: --o---  "


def test_what_is_off_the_scale_has_an_arrow():
    assert SCALE.line(4.0, (3.0, 5.0)) == "         :|:        >"
    assert SCALE.line(0.6, (0.1, 0.7)) == "<--o--   :|:         "


def test_no_ratio_is_only_the_axis():
    assert SCALE.line(None, None) == "         :|:         "


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=9), st.integers(0, 200))
def test_every_line_is_as_wide_as_the_header(ratios, room):
    made = Forest.of(ratios, room, 0.05, ascii_only=False)
    if room < NARROWEST:
        assert made is None
        return
    assert made.width <= min(room, WIDEST)
    assert made.signs is UNICODE
    assert {len(made.line(ratio, (ratio / 2, ratio * 2))) for ratio in ratios} == {made.width} == {len(made.header())}


def test_the_scale_holds_all_ratios_up_to_a_factor_of_two_and_the_margin():
    assert Forest.of([1.3, (0.8, 1.1)], 41, 0.05, ascii_only=True).end == pytest.approx(1.3, rel=0.02)
    assert Forest.of([9.0], 41, 0.05, ascii_only=True).end == 2.0
    assert Forest.of([1.0], 41, 0.2, ascii_only=True).end > 1.2
    assert Forest.of([None], 41, 0.05, ascii_only=True) is None
