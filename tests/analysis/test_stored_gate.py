"""The gate's promise on stored runs, simulated: how often it fails on unchanged code, and what it catches."""

import math

import numpy as np
import pytest

from rnnbench.analysis.statistics import binomial_interval
from rnnbench.analysis.stored_gate import FEWEST_SESSIONS, Timings, judge, launches_needed
from tests.analysis.gate_noise import CASES, LAUNCHES, MODELS, SESSIONS, normal

ALPHA = 0.01
GATES = 400
"""docs/gating.md has the rates of 2,000 gates each."""


def timings(noise, limit=0.05):
    """Return what a gate sees of ``noise [sessions + 2, launches, cases]``: the last two runs are base and new."""
    medians = np.median(noise, axis=1)
    return Timings(noise[-2].T, noise[-1].T, medians[-1] - medians[-2], medians[:-2].T, np.full(noise.shape[2], limit))


def quiet(generator, sessions, launches, cases):
    """Launches vary by 1 %, sessions by 0.7 %: an otherwise idle machine."""
    return generator.normal(0, 0.01, (sessions, launches, cases)) + generator.normal(0, 0.007, (sessions, 1, cases))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_unchanged_code_fails_no_more_often_than_promised(model):
    generator = np.random.default_rng(20)
    failed = sum(
        judge(timings(model(generator, SESSIONS + 2, LAUNCHES, CASES)), ALPHA).worse.any() for _ in range(GATES)
    )
    assert binomial_interval(int(failed), GATES)[0] <= ALPHA


def test_without_the_noise_between_sessions_the_launches_alone_would_alarm():
    """What the multiple of the noise is for: without earlier sessions the same runs exceed the limit ever again."""
    generator = np.random.default_rng(20)
    failed = 0
    for _ in range(200):
        seen = timings(normal(generator, SESSIONS + 2, LAUNCHES, CASES))
        alone = Timings(seen.base, seen.new, seen.change, np.empty((CASES, 0)), seen.limits)
        judged = judge(alone, ALPHA)
        assert not judged.binding.any()
        failed += judged.worse.any()
    assert failed > 20


def test_a_twelve_per_cent_slowdown_on_a_quiet_machine_is_caught_and_alone_in_being_named():
    generator = np.random.default_rng(21)
    caught = others = 0
    for _ in range(200):
        noise = quiet(generator, SESSIONS + 2, LAUNCHES, CASES)
        noise[-1, :, 3] += math.log(1.12)
        worse = judge(timings(noise), ALPHA).worse
        caught += worse[3]
        others += worse.sum() - worse[3]
    assert caught / 200 >= 0.8
    assert others / 200 <= ALPHA


def test_a_speedup_is_told_from_a_slowdown():
    noise = quiet(np.random.default_rng(22), SESSIONS + 2, LAUNCHES, CASES)
    noise[-1, :, 0] -= math.log(1.5)
    judged = judge(timings(noise), ALPHA)
    assert judged.better.tolist() == [True] + [False] * (CASES - 1)
    assert not judged.worse.any()


def test_the_same_is_shown_by_an_interval_within_the_limit():
    noise = 0.1 * quiet(np.random.default_rng(23), SESSIONS + 2, LAUNCHES, CASES)
    assert judge(timings(noise), ALPHA).same.all()
    noise[-1] += math.log(1.04)
    judged = judge(timings(noise), ALPHA)
    assert (judged.same == (np.abs(timings(noise).change) + judged.half <= math.log(1.05))).all()


def test_the_threshold_is_the_limit_or_at_least_three_times_the_noise_between_sessions():
    generator = np.random.default_rng(24)
    noise = quiet(generator, SESSIONS + 2, LAUNCHES, 1)
    seen = timings(noise, limit=1.0)
    assert judge(seen, ALPHA).threshold[0] == pytest.approx(math.log(2))
    judged = judge(timings(noise, limit=0.0), ALPHA)
    spread = math.sqrt(2) * np.std(seen.sessions[0], ddof=1)
    assert judged.noise[0] == pytest.approx(spread)
    # Student's two-sided 1 % quantile with 7 degrees of freedom.
    assert judged.threshold[0] == pytest.approx(3.4995 * spread, rel=1e-4)


def test_more_sessions_lower_the_multiple_to_three():
    noise = quiet(np.random.default_rng(25), 402, LAUNCHES, 1)
    judged = judge(timings(noise, limit=0.0), ALPHA)
    assert judged.threshold[0] == pytest.approx(3 * judged.noise[0])


def test_a_case_counts_as_no_quieter_than_the_median_case():
    noise = quiet(np.random.default_rng(26), SESSIONS + 2, LAUNCHES, 5)
    noise[:, :, 0] *= 0.01
    judged = judge(timings(noise), ALPHA)
    assert judged.noise[0] == pytest.approx(np.median(judged.noise[1:]), rel=0.5)


def test_seven_sessions_are_advice_and_eight_bind():
    for sessions in (FEWEST_SESSIONS - 1, FEWEST_SESSIONS):
        noise = quiet(np.random.default_rng(27), sessions + 2, LAUNCHES, 2)
        assert judge(timings(noise), ALPHA).binding.tolist() == [sessions >= FEWEST_SESSIONS] * 2


def test_sessions_that_lack_a_case_do_not_count_for_it():
    seen = timings(quiet(np.random.default_rng(28), SESSIONS + 2, LAUNCHES, 2))
    seen.sessions[1, 0] = np.nan
    assert judge(seen, ALPHA).binding.tolist() == [True, False]


def test_cases_with_other_numbers_of_launches_share_the_error_rate():
    seen = timings(quiet(np.random.default_rng(29), SESSIONS + 2, LAUNCHES, 4))
    seen.new[0, -1] = np.nan
    judged = judge(seen, ALPHA)
    assert judged.least_p[0] == pytest.approx(2 / math.comb(9, 4))
    assert judged.least_p[1] == pytest.approx(2 / math.comb(10, 5))


def test_launches_needed_shrink_the_interval_to_half_the_limit():
    # Half a width of 5 % is twice the 2.5 % asked for: four times as many.
    assert launches_needed(5, math.log(1.05), 0.05) == 20
    assert launches_needed(5, 1e-6, 0.05) == 6
