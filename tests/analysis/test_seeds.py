"""Effects over settings: seeds are what repeats, however many settings there are."""

import pytest

from rnnbench.analysis.seeds import difference, effect


def test_a_seed_counts_once_however_many_settings_there_are():
    first, second = [0.1, 0.2, 0.3, 0.4], [0.2, 0.4, 0.4, 0.6]
    one, many = effect([first], [second]), effect([first] * 8, [second] * 8)
    assert one.value == pytest.approx(many.value) == pytest.approx(0.15)
    assert one.p == many.p == 2 / 2**4
    assert one.interval == pytest.approx(many.interval)


def test_a_seed_is_its_mean_over_settings():
    found = effect([[0.0, 0.0], [0.5, 0.5]], [[0.1, -0.1], [0.4, 0.8]])
    assert found.value == pytest.approx(0.05)
    assert found.interval == pytest.approx((0.0, 0.1))
    assert found.p == 1.0


def test_settings_of_other_seeds_are_refused():
    with pytest.raises(ValueError, match="zip"):
        effect([[0.1, 0.2]], [[0.1]])


@pytest.mark.parametrize(
    ("value", "interval", "text"),
    [
        (0.0525, (0.0201, 0.08), "+0.052 [0.020, 0.080]"),
        (-0.3, None, "-0.300"),
        (-0.0001, (-0.002, 0.0004), "0.000 [-0.002, 0.000]"),
        (1.0, (1.0, 1.0), "+1.000"),
    ],
)
def test_a_difference_has_its_sign_and_no_more_certainty_than_was_measured(value, interval, text):
    assert difference(value, interval) == text
