"""Steps in series: where they are found, and how seldom where there are none."""

import math

import numpy as np
import pytest

from rnnbench.analysis.change_points import ALPHA, FEWEST_SESSIONS, change_points
from rnnbench.analysis.statistics import binomial_interval


def places(values):
    return [index for index, _ in change_points(values)]


def noise(count, scale=0.02, seed=3):
    return np.random.default_rng(seed).normal(0, scale, count)


def test_a_step_is_found_where_it_is():
    values = np.exp(noise(24) + np.where(np.arange(24) >= 15, math.log(1.12), 0.0))
    ((place, p),) = change_points(values)
    assert place == 15
    assert p <= ALPHA


def test_several_steps_up_and_down_are_found_by_index():
    level = np.repeat([1.0, 1.5, 1.1], 12)
    assert places(level * np.exp(noise(36))) == [12, 24]


@pytest.mark.parametrize("sessions", [12, 30, 100])
def test_a_step_is_found_five_sessions_after_it_and_not_after_two(sessions):
    def after(late):
        return places(np.exp(noise(sessions) + np.where(np.arange(sessions) >= sessions - late, 0.3, 0.0)))

    (place,) = after(5)
    assert abs(place - (sessions - 5)) <= 1
    assert after(2) == []


def test_a_single_outlier_is_no_step():
    values = np.exp(noise(30))
    values[17] *= 10
    assert places(values) == []


def test_how_figures_are_scaled_does_not_matter():
    values = np.exp(noise(24) + np.where(np.arange(24) >= 15, 0.2, 0.0))
    assert change_points(values) == change_points(1e-6 * values) == change_points(np.log(values))


def test_equal_figures_have_no_step_and_ties_do_no_harm():
    assert places([1.0] * 40) == []
    assert places([1.0] * 12 + [2.0] * 12) == [12]
    assert places([]) == []


@pytest.mark.parametrize(("sessions", "found"), [(FEWEST_SESSIONS - 1, []), (FEWEST_SESSIONS, [FEWEST_SESSIONS // 2])])
def test_too_few_sessions_have_none(sessions, found):
    half = FEWEST_SESSIONS // 2
    assert places([1 + 0.001 * n + 5 * (n >= half) for n in range(sessions)]) == found


MODELS = {
    "normal": lambda generator, shape: generator.normal(size=shape),
    "heavy tails": lambda generator, shape: generator.standard_t(1.5, shape),
    "bimodal": lambda generator, shape: generator.normal(size=shape) + 10 * (generator.random(shape) < 0.3),
    "ties": lambda generator, shape: generator.integers(0, 4, shape),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("sessions", [12, 40])
def test_a_series_without_a_step_has_one_marked_with_a_chance_of_at_most_alpha(model, sessions):
    # Ties have random orders of their own for each series, which takes longer.
    count = 200 if model == "ties" else 1000
    series = MODELS[model](np.random.default_rng(sessions), (count, sessions))
    alarms = sum(bool(change_points(values)) for values in series)
    assert binomial_interval(alarms, count)[0] <= ALPHA


def test_a_step_of_twelve_percent_at_three_percent_noise_is_nearly_always_found_near_its_place():
    series = np.random.default_rng(7).normal(0, 0.03, (200, 20))
    series[:, 12:] += math.log(1.12)
    found = [places(values) for values in series]
    assert np.mean([any(abs(place - 12) <= 1 for place in one) for one in found]) >= 0.9
