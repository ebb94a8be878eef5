"""Many cases at once give what one case at a time does; launches, not cases, are what is uncertain about a mean."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.analysis.launches import common_shift, log_launches, welch
from tests.documents import case, throughput

logs = st.lists(st.integers(-300, 300).map(lambda value: value / 100), min_size=3, max_size=8, unique=True)


def padded(*rows):
    table = np.full((len(rows), max(map(len, rows))), np.nan)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return table


@given(logs, logs)
def test_welch_is_scipys(base, new):
    expected = scipy.stats.ttest_ind(new, base, equal_var=False)
    interval = expected.confidence_interval(0.95)
    shift = welch(padded(base), padded(new))
    assert shift.p[0] == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)
    assert (shift.centre - shift.half)[0] == pytest.approx(interval.low, rel=1e-6, abs=1e-9)
    assert (shift.centre + shift.half)[0] == pytest.approx(interval.high, rel=1e-6, abs=1e-9)


def test_cases_do_not_see_each_other():
    rows = ([1.0, 2.0, 4.0], [5.0, 5.5, 7.0, 9.0]), ([1.0, 1.5, 1.7, 2.0], [3.0, 3.5, 4.5])
    together = welch(padded(rows[0][0], rows[1][0]), padded(rows[0][1], rows[1][1]))
    for index, (base, new) in enumerate(rows):
        alone = welch(padded(base), padded(new))
        assert together.p[index] == pytest.approx(alone.p[0])
        assert together.half[index] == pytest.approx(alone.half[0])


def test_two_launches_have_no_interval_and_equal_ones_no_width():
    shift = welch(padded([1.0, 2.0], [1.0, 1.0, 1.0]), padded([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]))
    assert math.isnan(shift.half[0])
    assert math.isnan(shift.p[0])
    assert (shift.centre[1], shift.half[1], shift.p[1]) == (1.0, 0.0, 0.0)


def test_a_rate_is_its_time_turned_over():
    one = case("a", launches=throughput(0.01, 0.03), measure={"throughput": {}})
    times, rates = log_launches([one], "forward_time.layer"), log_launches([one], "forward_throughput.layer")
    assert times.shape == (1, 5)
    assert (rates == -times).all()


def test_a_case_without_the_metric_has_no_launch():
    cases = [case("a", launches=throughput(0.01, 0.03), measure={"throughput": {}}), case("b")]
    assert np.isnan(log_launches(cases, "forward_time.layer")[1]).all()


def test_what_all_cases_of_a_launch_share_is_counted_once():
    # One busy minute slows every case of a launch alike: a thousand cases are no more certain than one.
    minutes = np.array([0.1, -0.1, 0.02, 0.05, -0.03])
    offsets = np.arange(1000.0)[:, None]
    one = welch(minutes[None, :], minutes[None, ::-1] + 0.2)
    mean = common_shift(minutes + offsets, minutes[::-1] + offsets + 0.2)
    assert mean.centre[0] == pytest.approx(0.2)
    assert mean.half[0] == pytest.approx(one.half[0])


def test_the_mean_over_cases_covers_the_truth_19_times_in_20():
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        offsets = generator.normal(0, 1, (12, 1))
        base, new = (offsets + generator.normal(0, 0.05, (1, 5)) + generator.normal(0, 0.03, (12, 5)) for _ in range(2))
        shift = common_shift(base, new + 0.1)
        covered += abs(shift.centre[0] - 0.1) <= shift.half[0]
    assert covered / 1000 == pytest.approx(0.95, abs=0.02)
