"""Series as lines of bars."""

import pytest

from rnnbench.report.sparkline import sparkline


def test_the_lowest_and_the_highest_figure_take_the_lowest_and_the_highest_bar():
    assert sparkline([1.0, 1.5, 2.0], [], ascii_only=False) == "▁▅█"
    assert sparkline([1.0, 1.5, 2.0], [], ascii_only=True) == "059"


def test_small_noise_does_not_look_like_news():
    assert set(sparkline([1.0, 1.01, 0.99, 1.005], [], ascii_only=False)) <= {"▄", "▅"}


@pytest.mark.parametrize("value", [0.0, 3.0, -1.0])
def test_equal_figures_are_in_the_middle(value):
    assert sparkline([value] * 3, [], ascii_only=False) == "▅▅▅"


def test_steps_have_a_line_before_them_and_gaps_are_blank():
    assert sparkline([1.0, None, 1.0, 2.0], [3], ascii_only=False) == "▁ ▁│█"
    assert sparkline([1.0, None, 1.0, 2.0], [3], ascii_only=True) == "0 0|9"


def test_a_long_series_has_medians_of_several_figures_and_keeps_its_steps():
    values = [1.0] * 50 + [2.0] * 50
    assert sparkline(values, [50], ascii_only=False, width=10) == "▁▁▁▁▁│█████"


def test_nothing_is_nothing():
    assert sparkline([], [], ascii_only=False) == ""
    assert sparkline([None, None], [], ascii_only=False) == "  "
